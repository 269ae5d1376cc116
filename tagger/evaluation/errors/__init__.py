"""Where spans and labels go wrong.

Read in this order: ``matching`` (which gold and predicted spans belong together), ``partial`` (partial overlap),
``classes`` (too long, split, missed, ...), ``confusion`` (what is taken for what).
"""
