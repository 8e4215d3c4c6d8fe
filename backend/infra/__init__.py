"""What talks to the outside for everybody.

PostgreSQL, units of work, and the shared parts of the GraphQL layer.
"""
