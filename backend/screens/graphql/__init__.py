"""The root fields of screens."""

from backend.screens.graphql.root import Subscription

__all__ = ["Subscription"]
