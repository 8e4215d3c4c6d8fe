"""What forecasts say beyond their figures: what moved them, what if, sums, and accuracy."""
