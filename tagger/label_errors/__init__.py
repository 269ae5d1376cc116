"""Gold labels that are probably wrong, ranked by what a model says of them that did not learn from them."""
