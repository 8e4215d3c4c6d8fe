"""Demand of products at locations, period by period: its shape, and where it comes from."""
