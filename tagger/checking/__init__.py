"""Find problems in a corpus before training, for ``tagger check``.

``catalogue`` lists every check by id; ``corpus`` is their input; ``report`` contains the findings. The checks:
``as_written`` (files before they are read), ``tokens/``, ``labels/``, ``copies/`` and ``statistics/``, of which the
last two use ``numbered`` (all sentences as arrays) and ``phrases``; ``page/`` renders everything as HTML.
"""
