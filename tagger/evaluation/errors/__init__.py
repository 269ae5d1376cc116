"""Errors of spans and labels.

Read in this order: ``matching`` (pairing gold and predicted spans), ``partial`` (partial overlap), ``classes`` (too
long, split, missed, ...), ``confusion`` (which types or labels are confused).
"""
