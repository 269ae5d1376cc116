"""How far annotators agree, and where they do not: what ``tagger agree`` is made of.

Read in this order: ``passages`` and ``reading`` (what one annotator said), ``alignment`` and ``shared`` (what several
have in common), ``coefficients``, ``majority`` and ``pairs`` (the measures), ``tables``, ``agreement`` and ``page``
(the report), ``conflicts`` (tasks for annotation tools).
"""
