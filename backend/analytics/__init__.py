"""What sold, cut any way.

Figures come from the recorded sales and add up to them to the last digit.
"""
