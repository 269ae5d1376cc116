"""The neural parts: plain modules over tensors, which know numbers and shapes, never labels or files."""
