"""What is wrong with a corpus, found before anything is trained: what ``tagger check`` says.

``catalogue`` lists every check under its id; ``corpus`` is what they look at; ``report`` is what they found. The checks
themselves: ``as_written`` (files before they are read), ``tokens/``, ``labels/``, ``copies/`` and ``statistics/``, of
which the last two look at ``numbered`` (all sentences as arrays) and ``phrases``; ``page/`` shows it all in HTML.
"""
