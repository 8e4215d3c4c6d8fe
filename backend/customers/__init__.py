"""Customers under a pseudonym.

What names a person is encrypted here, under a key of that person's own, and is nowhere else.
"""
