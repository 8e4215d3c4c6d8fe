"""What the edge agent does to a small computer, and how fast it is."""
