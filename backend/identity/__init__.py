"""Who may do what: organisations, OAuth clients and the access tokens they are given."""
