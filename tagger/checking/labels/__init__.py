"""What labels mean, and where they are probably wrong."""
