"""Figures: plain data in, Dash components out; no callbacks, no connections."""
