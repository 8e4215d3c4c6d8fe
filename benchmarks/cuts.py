"""Random questions about sales, the same every time."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any, Final

from backend.analytics.rules import Question, SalesDimension
from backend.sales.filters import SalesCriteria

_D = SalesDimension
_CHOICES: Final = {
    "categories": lambda dice: f"Category {dice.randint(1, 10)}",
    "subcategories": lambda dice: f"Subcategory {dice.randint(1, 50)}",
    "skus": lambda dice: f"SKU-{dice.randint(1, 2000)}",
    "locations": lambda dice: f"store-{dice.randint(1, 40)}",
    "states": lambda dice: f"State {dice.randint(0, 48)}",
    "regions": lambda dice: dice.choice(["East", "West", "South", "Central"]),
    "distributors": lambda dice: f"d{dice.randint(1, 20)}",
    "sale_types": lambda dice: dice.choice(["DIRECT", "TRACE"]),
    "channels": lambda dice: dice.choice(["ONLINE", "IN_STORE", "MARKETPLACE"]),
    "segments": lambda dice: dice.choice(["Consumer", "Corporate", "Home Office"]),
}
_GROUPS: Final = [one for one in _D if one not in (_D.CUSTOMER, _D.DISCOUNT_BAND)]


@dataclass(frozen=True)
class Cut:
    """One question of the benchmark."""

    question: Question
    criteria: SalesCriteria


def cuts(count: int, *, seed: int = 7) -> list[Cut]:
    """Return random questions: one or two dimensions, none to two filters, half of them with days.

    Filters and dimensions together touch at most two things besides time.
    """
    dice = random.Random(seed)
    found: list[Cut] = []
    while len(found) < count:
        group_by = tuple(dice.sample(_GROUPS, dice.randint(1, 2)))
        left = 2 - len([one for one in group_by if one not in _TIMES])
        names = dice.sample(list(_CHOICES), dice.randint(0, max(left, 0)))
        chosen: dict[str, Any] = {name: frozenset([_CHOICES[name](dice)]) for name in names}
        if dice.random() < 0.5:
            first = date(2022, 1, 1) + timedelta(days=dice.randrange(1300))
            last = first + timedelta(days=dice.randrange(1, 500))
            chosen |= {"first_day": first, "last_day": last}
        top = 50 if _is_wide(group_by) else None
        found.append(Cut(Question(group_by, top=top), SalesCriteria(**chosen)))
    return found


def cuts_of_three(count: int, *, seed: int = 5) -> list[Cut]:
    """Return questions with three filters over all time, by what pages group by."""
    dice = random.Random(seed)
    asked = [(names, by) for names in combinations(_CHOICES, 3) for by in _ON_PAGES]
    found: list[Cut] = []
    for names, by in dice.sample(asked, count):
        chosen: dict[str, Any] = {name: frozenset([_CHOICES[name](dice)]) for name in names}
        question = Question((by,), top=50 if by is _D.PRODUCT else None)
        found.append(Cut(question, SalesCriteria(**chosen)))
    return found


_ON_PAGES: Final = (_D.MONTH, _D.CATEGORY, _D.PRODUCT, _D.LOCATION, _D.STATE)
_TIMES: Final = frozenset({_D.DAY, _D.WEEK, _D.MONTH, _D.QUARTER, _D.YEAR, _D.WEEKDAY}) | {
    one for one in _D if one.startswith("FISCAL")
}


def _is_wide(group_by: tuple[SalesDimension, ...]) -> bool:
    return bool({_D.PRODUCT, _D.POSTAL_CODE, _D.DAY} & set(group_by)) and len(group_by) > 1
