"""The one GraphQL schema: what the domains bring, put together."""

from functools import lru_cache
from typing import Any

from graphql import GraphQLError
from strawberry import Schema
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types import ExecutionContext

from backend.alerts import graphql as alerts, subscriptions as alert_changes
from backend.analytics import graphql as analytics
from backend.analytics.goals import graphql as goals
from backend.analytics.presets import graphql as analyses
from backend.catalogue import graphql as catalogue
from backend.core.limits import DEFAULTS, Limits
from backend.customers import graphql as customers
from backend.devices import graphql as devices
from backend.fleet import graphql as fleet
from backend.forecasting import graphql as forecasting
from backend.forecasting.graphql import accuracy as forecast_accuracy, insight as forecast_insight
from backend.identity import graphql as identity
from backend.infra.api.described import describe
from backend.infra.api.operation import extensions
from backend.infra.api.scalars import SCALARS
from backend.locations import graphql as locations
from backend.merchandising import graphql as merchandising
from backend.pieces import graphql as pieces
from backend.replenishment import graphql as replenishment
from backend.reports import graphql as reports
from backend.sales import graphql as sales, lists as sales_lists, subscriptions as sale_changes
from backend.screens import graphql as screens
from backend.stock import graphql as stock, subscriptions as stock_changes

QUERIES: tuple[type, ...] = (
    *identity.QUERIES,
    catalogue.Query,
    locations.Query,
    customers.Query,
    stock.Query,
    sales_lists.Query,
    devices.Query,
    *fleet.QUERIES,
    pieces.Query,
    analytics.Query,
    analyses.Query,
    goals.Query,
    forecast_accuracy.Query,
    forecast_insight.Query,
    replenishment.Query,
    merchandising.Query,
    forecasting.Query,
    alerts.Query,
    *reports.QUERIES,
)
MUTATIONS: tuple[type, ...] = (
    sales.Mutation,
    devices.Mutation,
    *fleet.MUTATIONS,
    stock.Mutation,
    alerts.Mutation,
    goals.Mutation,
    replenishment.Mutation,
    merchandising.Mutation,
    forecasting.Mutation,
    catalogue.Mutation,
    locations.Mutation,
    customers.Mutation,
    *identity.MUTATIONS,
    *reports.MUTATIONS,
)
SUBSCRIPTIONS: tuple[type, ...] = (
    screens.Subscription,
    stock_changes.Subscription,
    sale_changes.Subscription,
    alert_changes.Subscription,
)

PUBLIC_FIELDS = frozenset(
    {
        "organisation",
        "feed",
        "me",
        "sessions",
        "changePassword",
        "endSession",
        "grants",
        "endGrant",
        "endAllSessions",
    }
)
"""Root fields that any access token may ask for, whatever its scopes."""


class ShelfcastSchema(Schema):
    """Strawberry's schema; errors are logged by `ErrorCodes`, and only those that are our fault."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Do nothing: the default logs every mistake of a client as an error of ours."""


def build(limits: Limits = DEFAULTS) -> Schema:
    """Return the schema of all domains; it takes a while, and is the same for the same limits."""
    return _build(tuple(getattr(limits, name) for name in Limits.model_fields))


@lru_cache(maxsize=4)
def _build(values: tuple[Any, ...]) -> Schema:
    limits = Limits.model_construct(**dict(zip(Limits.model_fields, values, strict=True)))
    for root in (*QUERIES, *MUTATIONS, *SUBSCRIPTIONS):
        describe(root)
    return ShelfcastSchema(
        query=merge_types("Query", QUERIES),
        mutation=merge_types("Mutation", MUTATIONS),
        subscription=merge_types("Subscription", SUBSCRIPTIONS),
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=extensions(limits),
    )
