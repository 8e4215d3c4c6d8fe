"""Boards: charts, pivots and words that an analyst put together, published, and talked about."""
