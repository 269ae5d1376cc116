"""Oddities of the files themselves, before they are parsed."""
