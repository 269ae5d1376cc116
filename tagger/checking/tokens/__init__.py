"""What is odd about tokens and sentences, whatever their labels."""
