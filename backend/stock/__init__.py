"""The ledger: append-only movements in two times, and the levels that cache their sums.

Nothing else changes a quantity.
"""
