"""Facts once more as columns, on this machine: for questions that no few cells answer.

Copied from PostgreSQL by whoever answers questions; what is behind is read from PostgreSQL.
"""
