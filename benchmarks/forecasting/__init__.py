"""Data, rivals and pictures of the benchmark of forecasts."""
