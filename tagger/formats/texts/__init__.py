"""Text without annotations, and text with entities marked inline."""
