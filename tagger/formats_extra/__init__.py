"""Readers and writers of the formats that need a library, each imported when a file of its format is read or written.

``tagger.formats.library_formats`` says what these formats are, and how they are recognised without the library.
"""
