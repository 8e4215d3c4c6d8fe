"""Sales from files, in bulk.

Files are read, cleaned and grouped into sales with polars; each unit of work takes tens of
thousands of lines at once.
"""
