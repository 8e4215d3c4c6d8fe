"""What an import is told, and what it tells. Pure."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """Why a row was set aside."""

    MISSING_VALUE = "MISSING_VALUE"
    """A value that every row needs is not there."""
    INVALID_TIME = "INVALID_TIME"
    """Not a time, one that the clock skipped, or before 1900."""
    IN_FUTURE = "IN_FUTURE"
    """More than five minutes ahead."""
    TOO_OLD = "TOO_OLD"
    """Before the first day of which sales are kept."""
    INVALID_QUANTITY = "INVALID_QUANTITY"
    """Not a number, zero, finer than four decimals, or out of bounds."""
    INVALID_AMOUNT = "INVALID_AMOUNT"
    """Not a number, negative, finer than four decimals, or out of bounds."""
    INVALID_VALUE = "INVALID_VALUE"
    """Not one of the values the column may have."""
    TOO_LONG = "TOO_LONG"
    """More than 200 characters."""
    TOO_MANY_FIELDS = "TOO_MANY_FIELDS"
    """More fields than the header has."""
    UNKNOWN_LOCATION = "UNKNOWN_LOCATION"
    """No location has this code."""
    UNKNOWN_DISTRIBUTOR = "UNKNOWN_DISTRIBUTOR"
    """No distributor has this code."""
    NOT_A_SALE = "NOT_A_SALE"
    """A fee, a bad debt or the like: kept out of sales on purpose."""
    SALE_WITHHELD = "SALE_WITHHELD"
    """Good itself, but another line of its sale is bad: the sale waits until that is mended."""
    TOO_MANY_LINES = "TOO_MANY_LINES"
    """A sale with more than 32,767 lines."""
    IDEMPOTENCY_KEY_MISMATCH = "IDEMPOTENCY_KEY_MISMATCH"
    """The sale was imported before, with other lines."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Which times may stand in a file: up to `now`, from the day `kept_from` (None: any) on."""

    now: datetime
    kept_from: date | None


class Opening(StrEnum):
    """What an import assumes of the stock before its first sale."""

    INFERRED = "inferred"
    """At least what left afterwards: levels never fall below zero because of history."""
    NONE = "none"
    """Nothing: sales without goods make a level oversold."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user says.

    `location`, `currency` None: as the profile or the organisation says; `rate`: to the
    organisation's.
    """

    location: str | None = None
    currency: str | None = None
    rate: Decimal | None = None
    source: str | None = None
    opening: Opening = Opening.INFERRED
    drop_repeated: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class Tally:
    """What became of a file.

    Rows are lines of the file; sales, returns and duplicates are whole sales.
    """

    profile: str = ""
    encoding: str = ""
    rows: int = 0
    sales: int = 0
    returns: int = 0
    lines: int = 0
    adjustments: int = 0
    movements: int = 0
    products: int = 0
    customers: int = 0
    duplicates: int = 0
    duplicate_rows: int = 0
    repeated_rows: int = 0
    set_aside: int = 0
    withheld: int = 0
    rejected: int = 0
    reasons: dict[str, int] = field(default_factory=dict[str, int])
    notes: list[str] = field(default_factory=list[str])
    seconds: float = 0.0

    @property
    def rows_per_second(self) -> int:
        """How fast it went."""
        return round(self.rows / self.seconds) if self.seconds else 0

    def as_json(self) -> dict[str, Any]:
        """Return it as `--json` prints it."""
        names = {name: value for name, value in asdict(self).items() if name != "seconds"}
        camel = {_camel(name): value for name, value in names.items()}
        return camel | {"seconds": round(self.seconds, 3), "rowsPerSecond": self.rows_per_second}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))
