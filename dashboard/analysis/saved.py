"""Saved pivots: as the backend keeps them, and as addresses of the page say them."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlencode

from dashboard.analysis.pivoted import NOTHING, Layout
from dashboard.analysis.view import CHOICES, FILTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.analysis.view import View

FRAGMENT = """
fragment savedPivots on SavedPivotConnection {
  nodes {
    id name sharing roles ownerName changedAt version isMineToChange
    definition { rows columns measures period filter sort descending }
  }
}
"""

SAVE: Final = """
mutation SavePivot($input: SavePivotInput!) {
  savePivot(input: $input) { pivot { id name version sharing roles } }
}
"""
DELETE: Final = """
mutation DeletePivot($input: DeletePivotInput!) { deletePivot(input: $input) { id } }
"""

PERIOD_OF: Final = {
    "today": "TODAY",
    "7d": "LAST_7_DAYS",
    "28d": "LAST_28_DAYS",
    "90d": "LAST_90_DAYS",
    "12m": "LAST_12_MONTHS",
    "month": "THIS_MONTH",
    "quarter": "THIS_QUARTER",
    "year": "THIS_YEAR",
    "last-year": "LAST_YEAR",
    "all": "ALL_TIME",
    "custom": "DAYS",
}
"""What the backend calls a period of the address."""
NAMED_PERIODS: Final = {kept: name for name, kept in PERIOD_OF.items()}
_FILTER_OF: Final = {field: name for name, field in FILTERS.items()}

SHARING: Final = {
    "PRIVATE": "Only me",
    "ROLES": "Some roles",
    "ORGANISATION": "Everybody here",
}


@dataclass(frozen=True, slots=True)
class SavedPivots:
    """The list of pivots that somebody finds."""

    field: ClassVar[str] = "savedPivots"
    fragment: ClassVar[str] = FRAGMENT
    arguments: ClassVar[Mapping[str, str]] = MappingProxyType({"first": "Int!"})

    def variables(self) -> dict[str, Any]:
        """Return the arguments of `savedPivots`."""
        return {"first": 200}

    def read(self, given: Any) -> list[dict[str, Any]]:
        """Return its answer."""
        nodes: list[dict[str, Any]] = given["nodes"]
        return nodes


def definition_of(view: View) -> dict[str, Any]:
    """Return what the address says as `PivotInput`; a period that moves stays one."""
    where = view.sales_filter()
    if view.period != "custom":
        del where["from"], where["to"]
    return {
        **Layout.of(view).as_input(),
        "period": PERIOD_OF[view.period],
        "filter": where,
    }


def opening_of(pivot: Mapping[str, Any]) -> str:
    """Return what a press on a saved pivot adds to the address: itself, and nothing else left."""
    kept = pivot["definition"]
    pairs: list[tuple[str, str]] = [
        *((name, "") for name in (*CHOICES, *FILTERS)),
        ("pivot", pivot["id"]),
        ("rows", ",".join(kept["rows"]) or NOTHING),
        ("columns", ",".join(kept["columns"]) or NOTHING),
        ("figures", ",".join(kept["measures"])),
        ("order", "DESC" if kept["descending"] else "ASC"),
    ]
    if kept["sort"]:
        pairs.append(("sort", kept["sort"]))
    limits = dict(kept["filter"])
    days = {name: limits.pop(name) for name in ("from", "to") if name in limits}
    if kept["period"] == "DAYS":
        pairs += days.items()
    else:
        pairs.append(("period", NAMED_PERIODS[kept["period"]]))
    for field, values in limits.items():
        pairs += [(_FILTER_OF[field], value) for value in values]
    return urlencode(pairs)
