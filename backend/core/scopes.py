"""The scopes an access token may carry (RFC 6749 §3.3)."""

from collections.abc import Iterable
from enum import StrEnum

from backend.core.errors import Invalid


class Scope(StrEnum):
    """One permission; `admin` implies all others."""

    CATALOGUE_READ = "catalogue:read"
    CATALOGUE_WRITE = "catalogue:write"
    LOCATIONS_READ = "locations:read"
    LOCATIONS_WRITE = "locations:write"
    STOCK_READ = "stock:read"
    STOCK_WRITE = "stock:write"
    SALES_READ = "sales:read"
    SALES_WRITE = "sales:write"
    READS_WRITE = "reads:write"
    ALERTS_READ = "alerts:read"
    ALERTS_WRITE = "alerts:write"
    ANALYTICS_READ = "analytics:read"
    FORECAST_READ = "forecast:read"
    FORECAST_WRITE = "forecast:write"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    REPORTS_READ = "reports:read"
    REPORTS_WRITE = "reports:write"
    PRIVACY_ADMIN = "privacy:admin"
    GOALS_WRITE = "goals:write"
    IMPORTS_WRITE = "imports:write"
    DEVICES_READ = "devices:read"
    DEVICES_WRITE = "devices:write"
    WEBHOOKS_WRITE = "webhooks:write"
    AUDIT_READ = "audit:read"
    ADMIN = "admin"


class InvalidScope(Invalid):
    """A scope nobody knows, or one the client was not given."""

    code = "INVALID_SCOPE"


def parse_scopes(text: str | Iterable[str]) -> frozenset[Scope]:
    """Return the scopes of a space-separated list.

    Raises:
        InvalidScope: one of them is unknown.
    """
    names = text.split() if isinstance(text, str) else list(text)
    unknown = sorted(set(names) - {scope.value for scope in Scope})
    if unknown:
        raise InvalidScope(f"unknown scope {unknown[0]!r}", field=["scope"], value=unknown[0][:60])
    return frozenset(Scope(name) for name in names)
