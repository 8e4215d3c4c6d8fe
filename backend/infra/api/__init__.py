"""What every domain's GraphQL layer shares: scalars, connections, scopes, errors as data, the context of an operation."""
