"""What is in the repository."""
