"""Addresses of the dashboard's pages, so that a reader gets from a figure to what it is made of."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from backend.analytics.presets.choices import Choice
from backend.analytics.presets.names import AnalysisName
from backend.sales.filters import SalesCriteria

PAGES: Final = ("sales", "trends", "places", "products", "profit", "channels", "distributors",
                "customers", "analyses")  # fmt: skip
NAMES: Final = {
    "categories": "category",
    "subcategories": "subcategory",
    "skus": "sku",
    "locations": "location",
    "channels": "channel",
    "sale_types": "type",
    "countries": "country",
    "regions": "region",
    "states": "state",
    "postal_codes": "postal",
    "segments": "segment",
    "distributors": "distributor",
    "customers": "customer",
}
"""Fields of the criteria, and what they are called in an address."""
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_CHOICES: Final = {"by": "by", "within": "within", "grain": "grain", "measure": "rank",
                   "baseline": "baseline", "top": "top"}  # fmt: skip


def page(path: str, criteria: SalesCriteria, more: Mapping[str, str] = NOTHING) -> str:
    """Return path and query of a page that shows these sales."""
    asked: list[tuple[str, str]] = []
    for key, day in (("from", criteria.first_day), ("to", criteria.last_day)):
        asked += [(key, day.isoformat())] if isinstance(day, date) else []
    for field, called in NAMES.items():
        asked += [(called, one) for one in sorted(getattr(criteria, field) or ())]
    asked += list(more.items())
    return f"/{path}?{urlencode(asked)}" if asked else f"/{path}"


def analysis_page(name: AnalysisName, criteria: SalesCriteria, choice: Choice) -> str:
    """Return path and query of the page that shows an analysis."""
    chosen = {
        called: str(value)
        for field, called in _CHOICES.items()
        if (value := getattr(choice, field)) is not None
    }
    return page("analyses", criteria, {"name": name.value, **chosen})
