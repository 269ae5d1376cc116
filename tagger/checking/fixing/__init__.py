"""Repaired copies of files: only safe repairs, and every change is listed."""
