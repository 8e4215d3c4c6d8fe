"""What a board consists of. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import msgspec

from backend.analytics.presets.choices import Choice
from backend.analytics.presets.names import AnalysisName
from backend.core.roles import Role
from backend.core.texts import is_storable, text
from backend.reports.boards.errors import InvalidBoard
from backend.reports.pivots.periods import Period, days_of
from backend.reports.pivots.rules import PivotDefinition
from backend.sales.filters import SalesCriteria

MOST_BLOCKS: Final = 20
MOST_FIGURES: Final = 12
"""Charts and pivots of one board: each is a question to analytics."""
MOST_WORDS: Final = 10_000
MOST_TITLE: Final = 120
MOST_COMMENT: Final = 2_000


class BlockKind(StrEnum):
    """What a part of a board is."""

    SUMMARY = "SUMMARY"
    """What its author sees in the figures; Markdown without HTML."""
    RECOMMENDATIONS = "RECOMMENDATIONS"
    """What its author would do; Markdown without HTML."""
    TEXT = "TEXT"
    """Anything else in words; Markdown without HTML."""
    ANALYSIS = "ANALYSIS"
    """An analysis with its choices, drawn where it can be."""
    PIVOT = "PIVOT"
    """A pivot."""


WORDS: Final = frozenset({BlockKind.SUMMARY, BlockKind.RECOMMENDATIONS, BlockKind.TEXT})


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a board: words, an analysis or a pivot, whichever its kind says.

    The days of `criteria` count where the period of an analysis is `DAYS`; a pivot has its own.

    Raises:
        InvalidBoard: what its kind needs is missing, or too long.
    """

    kind: BlockKind
    title: str
    words: str = ""
    analysis: AnalysisName | None = None
    choice: Choice = field(default_factory=Choice)
    period: Period = Period.LAST_12_MONTHS
    criteria: SalesCriteria = field(default_factory=SalesCriteria)
    pivot: PivotDefinition | None = None

    def __post_init__(self) -> None:
        text(self.title, ["input", "blocks", "title"], most=MOST_TITLE)
        if not is_storable(self.words) or len(self.words) > MOST_WORDS:
            raise _invalid(f"words have at most {MOST_WORDS} characters", "words")
        if self.kind in WORDS and not self.words.strip():
            raise _invalid("say something, or leave the block out", "words")
        if self.kind is BlockKind.ANALYSIS and self.analysis is None:
            raise _invalid("say which analysis", "analysis")
        if self.kind is BlockKind.PIVOT and self.pivot is None:
            raise _invalid("say which pivot", "pivot")

    @property
    def is_figures(self) -> bool:
        """Whether it shows figures."""
        return self.kind not in WORDS

    def sales(self, today: date) -> SalesCriteria:
        """Return which sales its figures are about on that day."""
        if self.pivot is not None:
            return self.pivot.sales(today)
        if self.period is Period.DAYS:
            return self.criteria
        days = days_of(self.period, today)
        return replace(self.criteria, first_day=days.first, last_day=days.last)

    def fixed(self, today: date) -> "Block":
        """Return the same about the days that it means on that day, for good."""
        if self.pivot is not None:
            return replace(self, pivot=self.pivot.fixed(today))
        return replace(self, period=Period.DAYS, criteria=self.sales(today))


@dataclass(frozen=True, slots=True)
class Draft:
    """A board as it is to be kept; no roles, no locations: it is addressed to all.

    Raises:
        InvalidBoard: too many blocks, or of figures.
    """

    title: str
    blocks: tuple[Block, ...]
    roles: frozenset[Role] = frozenset()
    locations: frozenset[str] = frozenset()
    id: UUID | None = None
    version: int | None = None

    def __post_init__(self) -> None:
        text(self.title, ["input", "title"], most=MOST_TITLE)
        for most, found, what in (
            (MOST_BLOCKS, len(self.blocks), "blocks"),
            (MOST_FIGURES, sum(one.is_figures for one in self.blocks), "charts and pivots"),
        ):
            if found > most:
                raise InvalidBoard(
                    f"a board has at most {most} {what}",
                    field=["input", "blocks"],
                    value=found,
                    limit=most,
                )


def blocks_json(blocks: Sequence[Block]) -> list[Any]:
    """Return blocks as they are kept."""
    kept: list[Any] = msgspec.to_builtins(blocks)
    return kept


def blocks_of(kept: object) -> tuple[Block, ...]:
    """Read what `blocks_json` wrote."""
    return msgspec.convert(kept, tuple[Block, ...])


def _invalid(message: str, name: str) -> InvalidBoard:
    return InvalidBoard(message, field=["input", "blocks", name])
