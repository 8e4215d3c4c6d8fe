"""Products, their categories, GTINs, prices, distributors and promotions.

Answers what a code or a SKU stands for.
"""
