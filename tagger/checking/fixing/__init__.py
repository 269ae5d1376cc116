"""Repaired copies of files: what is safe alone, every change listed."""
