"""Formats that need a library beyond the standard ones, each imported when a file of its format is read or written."""
