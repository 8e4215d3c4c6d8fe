"""The dashboard: pages a browser opens, served by Dash.

It reads through GraphQL only and shares nothing with the backend but `schema.graphql`.
"""
