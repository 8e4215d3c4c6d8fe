"""When to order how much, from the demand of the lead time.

Reorder points follow the forecast; a simulation against history says what they would have done.
"""
