"""Readers and writers of the formats that need a library, each imported on first use.

``tagger.formats.library_formats`` defines these formats, and recognises them without the library.
"""
