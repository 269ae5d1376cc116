"""Inter-annotator agreement and its conflicts, the implementation of ``tagger agree``.

Read in this order: ``passages`` and ``reading`` (the annotations of one annotator), ``alignment`` and ``shared`` (the
sentences that several have in common), ``coefficients``, ``majority`` and ``pairs`` (the measures), ``tables``,
``agreement`` and ``page`` (the report), ``conflicts`` (tasks for annotation tools).
"""
