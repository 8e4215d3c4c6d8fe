"""Devices and what they read.

What a read means is its read point's role; nothing scanned is lost.
"""
