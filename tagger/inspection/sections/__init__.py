"""The sections of an inspection page, one view in each: pictures, and the words that explain them."""
