"""The demo retailer: an invented chain with invented sales, so that screens have something to show.

Its figures come from a seed and go through the same services as anybody's.
"""
