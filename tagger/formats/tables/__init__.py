"""Tables with named columns, such as CSV and Parquet: choice of columns, and names of integer labels."""
