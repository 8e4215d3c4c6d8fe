"""What every kind of content is to a report."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from backend.analytics.presets.choices import Choice
from backend.infra.work import Work
from backend.reports.documents import Section
from backend.sales.filters import SalesCriteria


class ContentName(StrEnum):
    """What a report is about."""

    ANALYSIS = "ANALYSIS"
    """One analysis; the name is its name."""
    PAGE = "PAGE"
    """A page of the dashboard, with a summary in words; the name is the page's."""
    SALE_LINES = "SALE_LINES"
    """The lines of sales themselves, for a spreadsheet; it has no name."""
    PIVOT = "PIVOT"
    """A saved pivot; the name is its id."""
    BOARD = "BOARD"
    """A published board; the name is its id."""


@dataclass(frozen=True, slots=True)
class Content:
    """Which content, of which sales, with which choices."""

    kind: ContentName
    name: str
    criteria: SalesCriteria
    choice: Choice


@dataclass(frozen=True, slots=True)
class Ask:
    """What a kind makes its sections of, as the reader sees the sales.

    The content's criteria have the days of the report in. `dashboard` is its origin. Each summary
    is of one moment: `work` is one read-only transaction.
    """

    work: Work
    content: Content
    dashboard: str


@dataclass(frozen=True, slots=True)
class Made:
    """What a kind made: a title, sections, and the days it is about where it says so itself.

    `about` says in words what it is limited to, where the filter does not.
    """

    title: str
    sections: Sequence[Section]
    first: date | None = None
    last: date | None = None
    is_partial: bool = False
    about: str = ""
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue offers of a kind; `parameters` are what may be chosen, with options."""

    kind: ContentName
    name: str
    title: str
    description: str
    has_filter: bool = True
    parameters: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ContentKind:
    """One kind of content.

    `check` returns the title of what is named, or raises what is wrong with it, as the principal of
    the work sees it. `entries` lists what there is, at most a few hundred.
    """

    kind: ContentName
    check: Callable[[Work, Content], Awaitable[str]]
    make: Callable[[Ask], Awaitable[Made]]
    entries: Callable[[Work], Awaitable[Sequence[Entry]]]
