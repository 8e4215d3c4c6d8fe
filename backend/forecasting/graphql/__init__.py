"""Forecasts as clients see them."""
