"""How good forecasts were, by class, product or location, from the sums of what they missed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from backend.catalogue import service as catalogue
from backend.catalogue.errors import InvalidPeriod, UnknownLocation, UnknownProduct
from backend.forecasting.insight import statements
from backend.forecasting.judging.accuracy import Accuracy
from backend.infra.api.relay import check_first
from backend.infra.work import Work
from backend.locations import service as locations

DAYS: Final = 28
"""Days looked at where nothing else is asked for."""


class AccuracyBy(StrEnum):
    """What the accuracy of forecasts is told apart by."""

    NONE = "NONE"
    """Everything is one."""
    CLASS = "CLASS"
    """The class of demand, as it is now."""
    PRODUCT = "PRODUCT"
    """The product."""
    LOCATION = "LOCATION"
    """The location."""


_STATEMENTS: Final[Mapping[AccuracyBy, str]] = {
    AccuracyBy.NONE: statements.OF_EVERYTHING,
    AccuracyBy.CLASS: statements.BY_CLASS,
    AccuracyBy.PRODUCT: statements.BY_PRODUCT,
    AccuracyBy.LOCATION: statements.BY_LOCATION,
}


@dataclass(frozen=True, slots=True)
class AccuracyCriteria:
    """Which days, both inclusive, products (SKUs) and locations (codes); None does not limit."""

    first: date
    last: date
    products: frozenset[str] | None = None
    locations: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class AccuracyRow:
    """How good the forecasts of one key were; `id` is a SKU, a code or a class, None: unknown.

    `days` counts each series by itself.
    """

    id: str | None
    label: str
    series: int
    days: int
    sold: float
    accuracy: Accuracy


async def accuracy_of(
    work: Work, by: AccuracyBy, criteria: AccuracyCriteria, most: int = 50
) -> list[AccuracyRow]:
    """Return how good forecasts of one to seven days ahead were, most missed first.

    Raises:
        InvalidPeriod: it ends before it begins.
        TooMuch: more rows than one answer has.
        UnknownProduct: a SKU is not there.
        UnknownLocation: a code is not there.
    """
    check_first(most)
    if criteria.last < criteria.first:
        raise InvalidPeriod(
            "the period ends before it begins", field=["to"], value=criteria.last.isoformat()
        )
    products, places = await _products(work, criteria), await _locations(work, criteria)
    rows = await work.rows(
        _STATEMENTS[by],
        work.principal.org_id, criteria.first, criteria.last, products, places, most,
    )  # fmt: skip
    named = await _NAMES[by](work, [row["key"] for row in rows])
    return [_row(row, *named.get(row["key"], (row["key"], row["key"] or ""))) for row in rows]


def last_days(today: date, first: date | None, last: date | None) -> tuple[date, date]:
    """Return the days asked for: four weeks up to today where nothing is said."""
    end = last or today
    return first or end - timedelta(days=DAYS - 1), end


def measures(sums: Mapping[str, Any]) -> Accuracy:
    """Return the measures of summed misses.

    MASE and RMSSE come as means over series; None where there is nothing to divide by.
    """
    sold, scored = float(sums["sold"]), float(sums["scored"])

    def by(name: str, whole: float) -> float | None:
        return float(sums[name]) / whole if whole > 0 else None

    return Accuracy(
        wape=by("absolute", sold),
        mase=sums["mase"],
        rmsse=sums["rmsse"],
        bias=by("signed", sold),
        pinball=by("pinball", sold),
        coverage90=by("covered", scored),
    )


def _row(row: Mapping[str, Any], name: str | None, label: str) -> AccuracyRow:
    return AccuracyRow(name, label, row["series"], row["days"], row["sold"], measures(row))


async def _products(work: Work, criteria: AccuracyCriteria) -> list[UUID] | None:
    if criteria.products is None:
        return None
    found = await catalogue.resolve_skus(work, criteria.products)
    for sku in sorted(criteria.products - found.keys()):
        raise UnknownProduct(f"no product {sku!r}", field=["products"], value=sku[:60])
    return sorted(one.id for one in found.values())


async def _locations(work: Work, criteria: AccuracyCriteria) -> list[UUID] | None:
    if criteria.locations is None:
        return None
    found = await locations.resolve_locations(work, criteria.locations)
    for code in sorted(criteria.locations - found.keys()):
        raise UnknownLocation(f"no location {code!r}", field=["locations"], value=code[:60])
    return sorted(one.id for one in found.values())


Names = dict[str, tuple[str, str]]


async def _named_products(work: Work, keys: list[str]) -> Names:
    found = await catalogue.products_by_id(work, map(UUID, keys))
    return {str(key): (one.sku, one.name) for key, one in found.items()}


async def _named_locations(work: Work, keys: list[str]) -> Names:
    found = await locations.locations_by_id(work, map(UUID, keys))
    return {str(key): (one.code, one.name) for key, one in found.items()}


async def _themselves(_work: Work, _keys: list[str]) -> Names:
    return {}


_NAMES: Final[Mapping[AccuracyBy, Callable[[Work, list[str]], Any]]] = {
    AccuracyBy.NONE: _themselves,
    AccuracyBy.CLASS: _themselves,
    AccuracyBy.PRODUCT: _named_products,
    AccuracyBy.LOCATION: _named_locations,
}
