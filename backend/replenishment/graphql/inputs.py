"""What clients send about orders of goods."""

from decimal import Decimal
from typing import TypeVar

from backend.core.errors import TooMuch
from backend.infra.api.described import input_type
from backend.infra.api.results import ErrorPolicy, SortDirection
from backend.infra.api.scalars import Long
from backend.replenishment.graphql.enums import TermsOrder, Urgency
from backend.replenishment.levels import SupplyCriteria
from backend.replenishment.service import ReorderCriteria
from backend.replenishment.supply import Part, TermsCriteria, TermsDraft
from backend.replenishment.terms import Terms
from backend.sales.filters import MOST_VALUES

T = TypeVar("T", bound=str)


@input_type
class SupplyFilter:
    """Which products and locations; what is left out does not limit."""

    skus: list[str] | None = None
    """Only these products."""
    locations: list[str] | None = None
    """Only at the locations with these codes."""
    categories: list[str] | None = None
    """Only of these categories."""
    distributors: list[str] | None = None
    """Only what the distributors with these codes supply."""

    def criteria(self) -> SupplyCriteria:
        """Return the filter as the service takes it.

        Raises:
            TooMuch: too many values in one list.
        """
        return SupplyCriteria(
            _set("skus", self.skus),
            _set("locations", self.locations),
            _set("categories", self.categories),
            _set("distributors", self.distributors),
        )


@input_type
class ReorderFilter(SupplyFilter):
    """Which suggestions; what is left out does not limit."""

    urgencies: list[Urgency] | None = None
    """Only those as urgent as that."""
    to_order: bool | None = None
    """true: only what is to be ordered now; false: only what is not."""

    def reorder_criteria(self) -> ReorderCriteria:
        """Return the filter as the service takes it.

        Raises:
            TooMuch: too many values in one list.
        """
        return ReorderCriteria(self.criteria(), _set("urgencies", self.urgencies), self.to_order)


def _set(name: str, values: list[T] | None) -> frozenset[T] | None:
    if values is None:
        return None
    if len(values) > MOST_VALUES:
        raise TooMuch(f"at most {MOST_VALUES} values to choose from", field=["filter", name])
    return frozenset(values)


@input_type
class SupplyTermsFilter:
    """Which terms; what is left out does not limit."""

    distributors: list[str] | None = None
    """Only those of the distributors with these codes."""
    skus: list[str] | None = None
    """Only those of these products."""
    locations: list[str] | None = None
    """Only those of the locations with these codes."""

    def criteria(self) -> TermsCriteria:
        """Return the filter as the service takes it.

        Raises:
            TooMuch: too many values in one list.
        """
        return TermsCriteria(
            _set("distributors", self.distributors),
            _set("skus", self.skus),
            _set("locations", self.locations),
        )


@input_type
class SupplyTermsSort:
    """How terms are sorted."""

    by: TermsOrder = TermsOrder.UPDATED_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


@input_type
class SupplyTermsInput:
    """How goods are supplied, for a part of the business, as a whole.

    What is left out is as for the next wider part: product at location, product, distributor at
    location, distributor, location, organisation. All left out: the terms are taken away.
    """

    distributor: str | None = None
    """Code of the distributor they hold for; left out: of any."""
    sku: str | None = None
    """The product they hold for; left out: any. Not together with a distributor."""
    location: str | None = None
    """Code of the location they hold for; left out: any."""
    lead_time_days: int | None = None
    """Days from an order until the goods can be sold, 1 to 91."""
    review_days: int | None = None
    """Days from one order to the next, 1 to 28."""
    service_level: Decimal | None = None
    """How often these days are to pass without a stockout, 0.5 to 0.975."""
    pack_size: Decimal | None = None
    """Units that come together."""
    minimum: Decimal | None = None
    """Fewest units of an order."""
    cover_days: int | None = None
    """Days of demand beyond which stock is surplus, 1 to 365."""
    version: Long | None = None
    """The version that was looked at, 0 where there was none; left out: whatever it is now."""

    def draft(self) -> TermsDraft:
        """Return the terms as the service takes them."""
        return TermsDraft(
            Part(self.distributor, self.sku, self.location),
            Terms(
                self.lead_time_days,
                self.review_days,
                self.service_level,
                self.pack_size,
                self.minimum,
                self.cover_days,
            ),
            self.version,
        )


@input_type
class SetSupplyTermsInput:
    """Terms to settle, at most as many as a batch may have."""

    terms: list[SupplyTermsInput]
    """The terms."""
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS
    """What happens to the others when one is rejected."""
