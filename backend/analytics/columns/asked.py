"""A question about a copy of the facts, in numbers, and a statement that answers it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.analytics.columns.copies import NO_TRAITS, Traits
from backend.analytics.columns.periods import period
from backend.analytics.rollups.filling import SUMS
from backend.analytics.rollups.grains import Column
from backend.analytics.rollups.planning import NATURAL, TIMES, Plan
from backend.analytics.rules import Question
from backend.sales.filters import SalesCriteria


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is read of a copy's sums.

    `is_cut`: of a top, groups that cannot be in it are left out. `is_by_first`: of all groups that
    share the first key, added up; `with_squares`: the squares of their units, too. `most`: where
    there are more groups than that, only how many. `with_unsold`: of the products asked about those
    that each group of `top_within` did not sell are looked for, as many as the question has `top`.
    All but `most` and orders by the first key want every fact and every sale to be in the copy;
    where some are not, all groups are handed over. `as_groups`: what is whole comes as rows.
    """

    sums: tuple[str, ...] = tuple(name for name in SUMS if name != "lines")
    is_cut: bool = False
    is_by_first: bool = False
    with_squares: bool = False
    most: int | None = None
    with_unsold: bool = False
    as_groups: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a copy, in numbers.

    `admitted`: by column the numbers that each filter admits. `same`: by column, numbers and for
    each the one that stands for all that have its keys; others stand for themselves.
    `products`: the numbers of all products, by SKU, and whether they are offered to whom the
    question is about; negative where nobody ever bought one.
    `likely`: about how many groups there are.
    """

    table: str
    plan: Plan
    question: Question
    criteria: SalesCriteria
    admitted: Sequence[tuple[Column, list[int]]]
    same: Mapping[Column, tuple[list[int], list[int]]]
    wanted: Wanted
    products: Mapping[int, bool]
    likely: int
    traits: Traits = NO_TRAITS

    @property
    def keys(self) -> tuple[str, ...]:
        """What groups are by."""
        return tuple(keys_of(self.question))


@dataclass(frozen=True, slots=True)
class Said:
    """A statement, its values by name, and its columns."""

    text: str
    values: Mapping[str, object]
    names: tuple[str, ...]


def keys_of(question: Question) -> dict[str, str]:
    """Return what the rows handed over are by: a name, and its SQL over facts."""
    return {
        f"t{n}" if one in TIMES else NATURAL[one].value: period(one, question.calendar)[0]
        if one in TIMES
        else ""
        for n, one in enumerate(question.group_by)
    }
