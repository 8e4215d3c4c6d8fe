"""Stock as clients see it."""

from backend.stock.graphql.fields import Mutation, Query
from backend.stock.graphql.inputs import StockLevelFilter
from backend.stock.graphql.types import StockLevel, StockMovement

__all__ = ["Mutation", "Query", "StockLevel", "StockLevelFilter", "StockMovement"]
