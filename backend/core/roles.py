"""What people and clients are, and the most that each of them may do."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from backend.core.scopes import Scope


class Role(StrEnum):
    """What somebody is to the retailer."""

    OWNER = "OWNER"
    """Owns the organisation: may do everything, close it too."""
    ADMIN = "ADMIN"
    """Runs it: may do everything."""
    MANAGER = "MANAGER"
    """Runs the business: reads all of it, and what customers bought; sells, counts, plans."""
    ANALYST = "ANALYST"
    """Studies it: reads all but who customers are; forecasts and reports."""
    CLERK = "CLERK"
    """Works in a store: sells, counts, receives; sees no figures of the business."""
    AUDITOR = "AUDITOR"
    """Checks it: reads everything, who did what too, and changes nothing."""
    SCREEN = "SCREEN"
    """A wall that shows how the day goes."""
    DEVICE = "DEVICE"
    """A scanner or its agent: sends what it reads."""
    PARTNER = "PARTNER"
    """A marketplace or a distributor: its own sales, and the goods it sells or supplies."""


_READS: Final = frozenset(scope for scope in Scope if scope.value.endswith(":read"))
_BUSINESS: Final = _READS - {Scope.AUDIT_READ}
_DATA: Final = _BUSINESS - {Scope.CUSTOMERS_READ}

SCOPES_OF: Final[Mapping[Role, frozenset[Scope]]] = MappingProxyType(
    {
        Role.OWNER: frozenset(Scope),
        Role.ADMIN: frozenset({Scope.ADMIN}),
        Role.MANAGER: _BUSINESS
        | {
            Scope.SALES_WRITE,
            Scope.STOCK_WRITE,
            Scope.READS_WRITE,
            Scope.ALERTS_WRITE,
            Scope.GOALS_WRITE,
            Scope.REPORTS_WRITE,
        },
        Role.ANALYST: _DATA | {Scope.FORECAST_WRITE, Scope.REPORTS_WRITE},
        Role.CLERK: frozenset(
            {
                Scope.CATALOGUE_READ,
                Scope.LOCATIONS_READ,
                Scope.STOCK_READ,
                Scope.STOCK_WRITE,
                Scope.SALES_READ,
                Scope.SALES_WRITE,
                Scope.READS_WRITE,
            }
        ),
        Role.AUDITOR: _READS,
        Role.SCREEN: frozenset(
            {
                Scope.ALERTS_READ,
                Scope.CATALOGUE_READ,
                Scope.LOCATIONS_READ,
                Scope.SALES_READ,
                Scope.STOCK_READ,
            }
        ),
        Role.DEVICE: frozenset({Scope.READS_WRITE, Scope.DEVICES_READ}),
        Role.PARTNER: frozenset(
            {Scope.SALES_READ, Scope.SALES_WRITE, Scope.CATALOGUE_READ, Scope.STOCK_READ}
        ),
    }
)
"""The most that a role may do; a token or a client may carry less. `admin` implies all."""


def scopes_within(scopes: frozenset[Scope], limit: frozenset[Scope]) -> frozenset[Scope]:
    """Return what is left of `scopes` under a limit; on either side `admin` stands for all."""
    if Scope.ADMIN in limit:
        return scopes
    return limit if Scope.ADMIN in scopes else scopes & limit
