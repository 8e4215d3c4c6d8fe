"""What needs somebody's attention.

Stock alerts react inside the transaction that moves the stock, so they are exact. Others are about
a subject, such as a piece or an agent, and open and settle by its name.
"""
