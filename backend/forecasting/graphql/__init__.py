"""Forecasts as clients see them."""

from backend.forecasting.graphql.fields import Mutation, Query

__all__ = ["Mutation", "Query"]
