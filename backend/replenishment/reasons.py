"""Why a suggestion is as it is: every figure in words and numbers. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from backend.core.numbers import ZERO
from backend.replenishment.suggesting import Urgency
from backend.replenishment.terms import Origin, Said

if TYPE_CHECKING:
    from backend.replenishment.expecting import Expectation
    from backend.replenishment.positions import Position
    from backend.replenishment.service import Suggestion


class Figure(StrEnum):
    """A figure of a suggestion."""

    LEAD_TIME = "LEAD_TIME"
    """Days from an order until the goods can be sold."""
    REVIEW_PERIOD = "REVIEW_PERIOD"
    """Days from one order to the next."""
    SERVICE_LEVEL = "SERVICE_LEVEL"
    """How often these days are to pass without a stockout."""
    POSITION = "POSITION"
    """What is compared with the reorder point."""
    EXPECTED_DEMAND = "EXPECTED_DEMAND"
    """Demand expected until the next order but one arrives."""
    SAFETY_STOCK = "SAFETY_STOCK"
    """The buffer against more demand than that."""
    REORDER_POINT = "REORDER_POINT"
    """At which position to order."""
    QUANTITY = "QUANTITY"
    """What to order."""
    DAYS_LEFT = "DAYS_LEFT"
    """How long what is available lasts."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A figure and where it comes from; `value` None: there is none."""

    figure: Figure
    value: Decimal | None
    text: str


_ORIGINS: Final = {
    Origin.REQUEST: "as asked for",
    Origin.PRODUCT_AT_LOCATION: "settled for {sku} at {place}",
    Origin.PRODUCT: "settled for {sku}",
    Origin.DISTRIBUTOR_AT_LOCATION: "settled for {distributor} at {place}",
    Origin.DISTRIBUTOR: "settled for {distributor}",
    Origin.LOCATION: "settled for {place}",
    Origin.ORGANISATION: "settled for all",
    Origin.CATALOGUE: "GTIN {gtin} of the catalogue",
    Origin.DEFAULT: "nothing else is settled",
}


def reasons(one: "Suggestion") -> list[Reason]:
    """Return why a suggestion says what it says, in the order in which it is worked out."""
    supply = one.position.supply
    level = f"{_plain(100 * supply.service_level.value)} %"
    return [
        _said(one, Figure.LEAD_TIME, supply.lead_time, "days"),
        _said(one, Figure.REVIEW_PERIOD, supply.review, "days"),
        Reason(
            Figure.SERVICE_LEVEL,
            supply.service_level.value,
            f"{level}: {_by(one.position, supply.service_level)}",
        ),
        Reason(Figure.POSITION, one.inventory_position, _position(one.position)),
        Reason(Figure.EXPECTED_DEMAND, one.expected_demand, _expected(one)),
        Reason(
            Figure.SAFETY_STOCK,
            one.safety_stock,
            f"in {level} of cases demand stays below {_plain(one.reorder_point)}; that is "
            f"{_plain(one.safety_stock)} more than expected",
        ),
        Reason(
            Figure.REORDER_POINT,
            one.reorder_point,
            f"{_plain(one.expected_demand)} expected + {_plain(one.safety_stock)} safety stock",
        ),
        Reason(Figure.QUANTITY, one.quantity, _quantity(one)),
        Reason(Figure.DAYS_LEFT, one.days_left, _days_left(one)),
    ]


def _said(one: "Suggestion", figure: Figure, said: Said[int], unit: str) -> Reason:
    return Reason(figure, Decimal(said.value), f"{said.value} {unit}: {_by(one.position, said)}")


def _by(position: "Position", said: Said[Any]) -> str:
    return _ORIGINS[said.origin].format(
        sku=position.product.sku,
        place=position.location.name,
        distributor=position.distributor_name or position.distributor,
        gtin=position.pack_gtin,
    )


def _position(row: "Position") -> str:
    on_hand = f"{_plain(max(row.on_hand, ZERO))} on hand"
    if row.on_hand < 0:
        on_hand += f" (oversold by {_plain(-row.on_hand)} until a count)"
    parts = [
        f" − {_plain(row.unavailable)} unavailable" if row.unavailable else "",
        f" − {_plain(row.committed)} committed" if row.committed else "",
        f" + {_plain(row.incoming)} on order" if row.incoming else ", nothing known on order",
    ]
    return on_hand + "".join(parts)


def _expected(one: "Suggestion") -> str:
    days = one.position.supply.protected_days
    supply = one.position.supply
    span = f"{supply.lead_time.value} + {supply.review.value} = {days} days"
    ahead = one.expectation.ahead
    beyond = (
        f"; {ahead} days are forecast, after them it goes on as in these, less surely the longer"
        if 0 < ahead < days
        else ""
    )
    return f"in {span}, {basis(one.expectation, one.position.location.timezone)}{beyond}"


def basis(one: "Expectation", timezone: str) -> str:
    """Return from what demand is expected; moments are those of the location's clock."""
    if one.basis == "FORECAST" and one.trained_through is not None:
        kind = "" if one.demand_class is None else f" ({one.demand_class.name.lower()} demand)"
        through = f"{one.trained_through.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M %Z}"
        return f"by the forecast of the total{kind}, which knows sales up to {through}"
    if one.basis == "PAST":
        return (
            f"by the past {one.days} days: {one.mean:.2f} a day with a deviation of "
            f"{one.deviation:.2f}; there is no forecast of it yet"
        )
    return "nothing: it did not sell in the past eight weeks"


def _quantity(one: "Suggestion") -> str:
    up_to = f"{_plain(one.reorder_point)} + {_plain(one.until_review)} until the next review"
    if one.quantity == 0:
        return (
            f"nothing: the position {_plain(one.inventory_position)} is above the reorder point "
            f"{_plain(one.reorder_point)}"
            if one.reorder_point > 0
            else "nothing: nothing is expected to be sold"
        )
    supply = one.position.supply
    missing = one.order_up_to - one.inventory_position
    text = f"up to {_plain(one.order_up_to)} ({up_to}) are missing {_plain(missing)}"
    if missing < supply.minimum.value:
        text += f"; at least {_plain(supply.minimum.value)}: {_by(one.position, supply.minimum)}"
    if supply.pack_size.value != 1:
        text += (
            f"; in packs of {_plain(supply.pack_size.value)}: {_by(one.position, supply.pack_size)}"
        )
    else:
        text += ", as whole units"
    return text


def _days_left(one: "Suggestion") -> str:
    available = f"{_plain(one.available)} available"
    if one.days_left is None:
        return f"{available} last for more than a year"
    if one.urgency is Urgency.OUT_OF_STOCK:
        return "nothing is available"
    day = one.position.today + timedelta(days=int(one.days_left))
    arrives = one.position.today + timedelta(days=one.position.supply.lead_time.value)
    return f"{available} last until {day}; what is ordered now arrives on {arrives}"


def _plain(value: Decimal | float) -> str:
    text = f"{Decimal(str(value)):,.2f}"
    return text.rstrip("0").rstrip(".")
