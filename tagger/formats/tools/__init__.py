"""Formats of annotation tools, one file for each: its reader, its writer, and its recognition."""
