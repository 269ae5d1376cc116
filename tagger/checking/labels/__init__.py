"""What labels are meant to say, and where they do not say it."""
