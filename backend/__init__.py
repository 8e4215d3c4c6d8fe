"""Shelfcast's backend: ledger, feed and GraphQL API on PostgreSQL."""
