"""Stores, warehouses and web shops.

Answers where a code is, which day it is there and what counts as its sales.
"""
