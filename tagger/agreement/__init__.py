"""How well annotators agree: what ``tagger agree`` says."""
