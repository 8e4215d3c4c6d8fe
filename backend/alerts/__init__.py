"""What needs somebody's attention.

Stock alerts react inside the transaction that moves the stock, so they are exact.
"""
