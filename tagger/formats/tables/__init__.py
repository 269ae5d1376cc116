"""Tables with named columns: CSV, Parquet, which of the columns hold what, and names of labels that are integers."""
