"""What is odd about files, before anything is read of them."""
