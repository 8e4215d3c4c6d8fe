"""What a report can be about: one module for each kind, all listed in `catalogue`."""
