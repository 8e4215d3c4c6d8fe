"""Pivots: sales cut by what somebody put on rows and columns, kept, shared and answered exactly."""
