"""How goods are supplied, and which of several terms hold for a product at a location. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from backend.core.numbers import InvalidQuantity, quantity
from backend.replenishment.errors import InvalidServiceLevel, InvalidSupplyTerms
from backend.replenishment.rules import LEAST_SERVICE, MOST_SERVICE

T = TypeVar("T")
MOST_LEAD_TIME: Final = 91
MOST_REVIEW: Final = 28
MOST_COVER: Final = 365
LEAST_UNITS: Final = Decimal("0.0001")
LEAST_LEVEL: Final = Decimal(str(LEAST_SERVICE))
MOST_LEVEL: Final = Decimal(str(MOST_SERVICE))
LEVEL_SCALE: Final = Decimal("0.0001")


class Origin(StrEnum):
    """Who says so."""

    REQUEST = "REQUEST"
    """Whoever asks."""
    PRODUCT_AT_LOCATION = "PRODUCT_AT_LOCATION"
    """Terms of the product at the location."""
    PRODUCT = "PRODUCT"
    """Terms of the product."""
    DISTRIBUTOR_AT_LOCATION = "DISTRIBUTOR_AT_LOCATION"
    """Terms of its distributor at the location."""
    DISTRIBUTOR = "DISTRIBUTOR"
    """Terms of its distributor."""
    LOCATION = "LOCATION"
    """Terms of the location."""
    ORGANISATION = "ORGANISATION"
    """Terms of the organisation."""
    CATALOGUE = "CATALOGUE"
    """The catalogue: a GTIN that counts for several units."""
    DEFAULT = "DEFAULT"
    """Nobody: what holds where nothing is said."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is said of a part of the business; None: whatever holds for the next wider part."""

    lead_time_days: int | None = None
    """Days from an order until the goods can be sold."""
    review_days: int | None = None
    """Days from one order to the next."""
    service_level: Decimal | None = None
    """How often a lead time and review period is to pass without a stockout."""
    pack_size: Decimal | None = None
    """Units that come together."""
    minimum: Decimal | None = None
    """Fewest units of an order."""
    cover_days: int | None = None
    """Days of demand beyond which stock is surplus."""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is said."""
        return all(getattr(self, one.name) is None for one in fields(self))


DEFAULTS: Final = Terms(7, 7, Decimal("0.95"), Decimal(1), Decimal(1), 56)


@dataclass(frozen=True, slots=True)
class Said(Generic[T]):
    """A value and who says so."""

    value: T
    origin: Origin


@dataclass(frozen=True, slots=True)
class SupplyKey:
    """The part of the business that terms hold for; None: all. Distributor or product, not both."""

    distributor_id: UUID | None = None
    product_id: UUID | None = None
    location_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """The terms that hold for one product at one location."""

    lead_time: Said[int]
    review: Said[int]
    service_level: Said[Decimal]
    pack_size: Said[Decimal]
    minimum: Said[Decimal]
    cover: Said[int]

    @property
    def protected_days(self) -> int:
        """The days an order has to last: until the one after it arrives."""
        return self.lead_time.value + self.review.value


@dataclass(slots=True)
class SupplyBook:
    """All terms of an organisation, and what whoever asks wants instead."""

    terms: dict[SupplyKey, Terms]
    wanted: Terms = Terms()
    _found: dict[tuple[Any, ...], Supply] = field(default_factory=dict[tuple[Any, ...], Supply])

    def supply(
        self, distributor: UUID | None, product: UUID, location: UUID, pack: Decimal | None
    ) -> Supply:
        """Return what holds for a product of a distributor (None: of nobody) at a location.

        `pack` is the pack that the catalogue knows. The narrower part counts before the wider one,
        column by column.
        """
        chain = [
            (origin, said)
            for origin, key in _chain(distributor, product, location)
            if (said := self.terms.get(key)) is not None
        ]
        kept = (tuple((origin, id(said)) for origin, said in chain), pack)
        if kept not in self._found:
            self._found[kept] = self._settled(chain, pack)
        return self._found[kept]

    def _settled(self, chain: list[tuple[Origin, Terms]], pack: Decimal | None) -> Supply:
        steps = [(Origin.REQUEST, self.wanted), *chain]
        if pack is not None:
            steps.append((Origin.CATALOGUE, Terms(pack_size=pack)))
        steps.append((Origin.DEFAULT, DEFAULTS))
        return Supply(*(_first(one.name, steps) for one in fields(Terms)))


def _chain(
    distributor: UUID | None, product: UUID, location: UUID
) -> Iterable[tuple[Origin, SupplyKey]]:
    yield Origin.PRODUCT_AT_LOCATION, SupplyKey(product_id=product, location_id=location)
    yield Origin.PRODUCT, SupplyKey(product_id=product)
    if distributor is not None:
        yield (
            Origin.DISTRIBUTOR_AT_LOCATION,
            SupplyKey(distributor_id=distributor, location_id=location),
        )
        yield Origin.DISTRIBUTOR, SupplyKey(distributor_id=distributor)
    yield Origin.LOCATION, SupplyKey(location_id=location)
    yield Origin.ORGANISATION, SupplyKey()


def _first(name: str, steps: list[tuple[Origin, Terms]]) -> Said[Any]:
    return next(
        Said(value, origin) for origin, said in steps if (value := getattr(said, name)) is not None
    )


def check_terms(terms: Terms, path: list[str]) -> Terms:
    """Return terms with every value in the form in which it is kept.

    Raises:
        InvalidSupplyTerms: days out of bounds.
        InvalidServiceLevel: a service level that no forecast can promise.
        InvalidQuantity: a pack or minimum that cannot be counted.
    """
    return Terms(
        lead_time_days=_days(terms.lead_time_days, MOST_LEAD_TIME, [*path, "leadTimeDays"]),
        review_days=_days(terms.review_days, MOST_REVIEW, [*path, "reviewDays"]),
        service_level=_level(terms.service_level, [*path, "serviceLevel"]),
        pack_size=_units(terms.pack_size, [*path, "packSize"]),
        minimum=_units(terms.minimum, [*path, "minimum"]),
        cover_days=_days(terms.cover_days, MOST_COVER, [*path, "coverDays"]),
    )


def _days(value: int | None, most: int, field: list[str]) -> int | None:
    if value is not None and not 1 <= value <= most:
        raise InvalidSupplyTerms(f"1 to {most} days", field=field, value=value)
    return value


def _level(value: Decimal | None, field: list[str]) -> Decimal | None:
    if value is None:
        return None
    if not value.is_finite() or not LEAST_LEVEL <= value <= MOST_LEVEL:
        raise InvalidServiceLevel(
            f"a service level is {LEAST_LEVEL} to {MOST_LEVEL}", field=field, value=str(value)[:40]
        )
    return value.quantize(LEVEL_SCALE)


def _units(value: Decimal | None, field: list[str]) -> Decimal | None:
    try:
        return None if value is None else quantity(value, field, least=LEAST_UNITS)
    except InvalidQuantity as exc:
        raise InvalidSupplyTerms(exc.message, field=field, value=str(value)[:40]) from exc
