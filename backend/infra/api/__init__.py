"""What every domain's GraphQL layer shares.

Scalars, connections, scopes, errors as data, the context of an operation.
"""
