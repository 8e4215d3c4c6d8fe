"""What will be sold: forecasts with quantiles, and how far they can be trusted.

One small network in numpy serves all products of a retailer; everything here is pure.
"""
