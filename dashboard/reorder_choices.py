"""What orders can be narrowed to: places, categories and suppliers, kept for a little while."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from dashboard.reorder_queries import REORDER_CHOICES

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.sessions import Session

KEPT_S: Final = 300.0
"""What is new can be chosen after so long at the latest."""


class Choices:
    """The choices of open sessions, each looked up again after `KEPT_S`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: WeakKeyDictionary[Session, tuple[float, dict[str, Any]]] = WeakKeyDictionary()

    async def of(self, session: Session) -> dict[str, Any]:
        """Return groups of values and labels as the scripts of the page draw them.

        Raises:
            BackendUnreachable, SignedOut, Refused: as `Session.execute` does.
        """
        kept = self._kept.get(session)
        if kept and self._clock() - kept[0] < KEPT_S:
            return kept[1]
        may = session.person.may
        asked = {"withPlaces": may("locations:read"), "withGoods": may("catalogue:read")}
        found = _groups(await session.execute(REORDER_CHOICES, asked))
        self._kept[session] = (self._clock(), found)
        return found


def _groups(data: dict[str, Any]) -> dict[str, Any]:
    coded = {
        "location": ("Location", (data.get("locations") or {}).get("nodes", [])),
        "distributor": ("Supplier", (data.get("distributors") or {}).get("nodes", [])),
    }
    groups = [
        {
            "name": name,
            "title": title,
            "options": [{"value": one["code"], "label": one["name"]} for one in _sorted(nodes)],
        }
        for name, (title, nodes) in coded.items()
    ]
    names = [one["name"] for one in data.get("categories") or []]
    category = [{"value": name, "label": name} for name in names]
    groups.insert(1, {"name": "category", "title": "Category", "options": category})
    shown = [one for one in groups if len(one["options"]) > 1]
    return {"groups": shown, "products": "categories" in data}


def _sorted(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(nodes, key=lambda one: one["name"].casefold())
