"""What screens show live: the feed of everything that happens, and the pulse of the business.

It stands above the domains whose facts it shows, and owns no table.
"""
