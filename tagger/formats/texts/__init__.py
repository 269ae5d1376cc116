"""Text that is not annotated, and text with its entities marked inline."""
