"""What can be chosen from: the retailer's places, goods and partners, kept for a little while."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from dashboard.analysis.periods import Span, zone_of
from dashboard.analysis.view import CALENDARS, CHANNELS, FILTER_NAMES, SALE_TYPES
from dashboard.analysis.years import BusinessYears
from dashboard.client import BackendUnreachable, Refused, SignedOut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dashboard.sessions import Session

_log = logging.getLogger(__name__)

KEPT_S: Final = 300.0
"""After so long they are looked up again, while whoever asked goes on with those that are kept."""

LONGEST_S: Final = 3_600.0
"""What is kept for so long is not shown any more."""

DAYS_KEPT_S: Final = 10.0
"""The same of the days with sales where they are the view: the first sale makes it longer."""

MOST_CHOICES: Final = 500
YEARS_BACK: Final = 40
"""For how long business years are known; what is older is shown by the calendar."""

_DAYS = "recordedDays { from to }"
DAYS = f"query RecordedDays {{ {_DAYS} }}"
_CUTS = f"""
  {_DAYS}
  goods: salesSummary(groupBy: [CATEGORY, SUBCATEGORY], top: {MOST_CHOICES}) {{
    rows {{ keys {{ id label }} }}
  }}
  ships: salesSummary(groupBy: [COUNTRY, REGION, STATE], top: {MOST_CHOICES}) {{
    rows {{ keys {{ id label }} }}
  }}
  segments: salesSummary(groupBy: [SEGMENT], top: 50) {{ rows {{ keys {{ id label }} }} }}
  sellers: salesSummary(groupBy: [DISTRIBUTOR], top: 200) {{ rows {{ keys {{ id label }} }} }}
"""

CHOICES = f"""
query AnalysisChoices($withPlaces: Boolean!, $from: Date!, $to: Date!) {{
  organisation {{ name currency timezone isDemo fiscalCalendar }}
  salesKeptFrom
  businessYears(from: $from, to: $to) {{ id from to months }}
  analyses {{
    name title question formula source scopes refusedFilters parameters {{ name options default }}
  }}
  locations(first: 500) @include(if: $withPlaces) {{
    nodes {{ code name kind latitude longitude state postalCode country }}
  }}{_CUTS}}}
"""


@dataclass(frozen=True, slots=True)
class Retailer:
    """Whose figures these are, and what of it can be chosen from."""

    name: str
    currency: str
    timezone: str
    is_demo: bool
    recorded: tuple[Span, ...]
    """The stretches of business days with sales, oldest first; today where there are none."""
    places: tuple[Mapping[str, Any], ...]
    options: Mapping[str, Mapping[str, str]]
    """By name of the filter: values and how they are read."""
    analyses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What the backend answers by name."""
    years: BusinessYears | None = None
    """None where its business years are those of the calendar."""
    kept_from: date | None = None
    """The first day whose sales are kept; of those before there are sums. None: all are kept."""

    @classmethod
    def of(cls, data: Mapping[str, Any], now: datetime) -> Retailer:
        """Read it from an answer."""
        organisation = data["organisation"]
        today = now.astimezone(zone_of(organisation["timezone"])).date()
        places = tuple((data.get("locations") or {"nodes": []})["nodes"])
        kept_from = data["salesKeptFrom"]
        return cls(
            organisation["name"],
            organisation["currency"],
            organisation["timezone"],
            organisation["isDemo"],
            _recorded(data) or (Span(today, today),),
            places,
            _options(data, places),
            {one["name"]: one for one in data.get("analyses", ())},
            BusinessYears.of(organisation["fiscalCalendar"], data["businessYears"]),
            date.fromisoformat(kept_from) if kept_from else None,
        )

    @property
    def known(self) -> Span:
        """Return the days from the first to the last with sales."""
        return Span(self.recorded[0].first, self.recorded[-1].last)

    def today(self, now: datetime) -> date:
        """Return the business day of the organisation's own clock."""
        return now.astimezone(zone_of(self.timezone)).date()

    def for_page(self) -> dict[str, Any]:
        """Return what the scripts of the page offer to choose from."""
        return {
            "names": FILTER_NAMES,
            "options": {
                name: [{"value": value, "label": label} for value, label in values.items()]
                for name, values in self.options.items()
            },
            "calendars": {**CALENDARS, "business": self.years.name} if self.years else {},
            "known": {"from": f"{self.known.first}", "to": f"{self.known.last}"},
        }


class Shelf:
    """The retailers of open sessions, each looked up again after `KEPT_S`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: WeakKeyDictionary[Session, _Kept] = WeakKeyDictionary()

    async def retailer(
        self, session: Session, now: datetime, *, with_days: bool = False
    ) -> Retailer:
        """Return whose figures this session sees; `with_days`: with the days that have sales now.

        Raises:
            BackendUnreachable: no answer.
            SignedOut: the sign-in has ended.
            Refused: the operation was refused.
        """
        kept = self._kept.get(session)
        if kept is None or self._clock() - kept.at >= LONGEST_S:
            kept = self._kept[session] = await self._looked_up(session, now)
        elif self._clock() - kept.at >= KEPT_S and kept.renewal is None:
            kept.renewal = asyncio.create_task(self._renew(session, now, kept))
        if with_days and self._clock() - kept.days_at >= DAYS_KEPT_S:
            found = _recorded(await session.execute(DAYS))
            kept.days_at = self._clock()
            kept.retailer = replace(kept.retailer, recorded=found or kept.retailer.recorded)
        return kept.retailer

    async def _renew(self, session: Session, now: datetime, kept: _Kept) -> None:
        try:
            self._kept[session] = await self._looked_up(session, now)
        except (BackendUnreachable, SignedOut, Refused) as exc:
            _log.info("choices are looked up again later: %s", exc)
        finally:
            kept.renewal = None

    async def _looked_up(self, session: Session, now: datetime) -> _Kept:
        with_places = session.person.may("locations:read")
        asked = {
            "withPlaces": with_places,
            "from": f"{now.year - YEARS_BACK}-01-01",
            "to": f"{now.year + 1}-12-31",
        }
        data = await session.execute(CHOICES, asked, is_long=True)
        at = self._clock()
        return _Kept(Retailer.of(data, now), at, at)


@dataclass(slots=True)
class _Kept:
    """A retailer, since when it is kept, and since when its days are; its renewal, if any."""

    retailer: Retailer
    at: float
    days_at: float
    renewal: asyncio.Task[None] | None = None


def _recorded(data: Mapping[str, Any]) -> tuple[Span, ...]:
    return tuple(
        Span(date.fromisoformat(one["from"]), date.fromisoformat(one["to"]))
        for one in data["recordedDays"]
    )


def _options(
    data: Mapping[str, Any], places: Iterable[Mapping[str, Any]]
) -> dict[str, dict[str, str]]:
    goods, ships = data["goods"]["rows"], data["ships"]["rows"]
    return {
        "category": _column(goods, 0),
        "subcategory": _column(goods, 1),
        "location": {place["code"]: place["name"] for place in places},
        "channel": dict(CHANNELS),
        "country": _column(ships, 0),
        "region": _column(ships, 1),
        "state": _column(ships, 2),
        "segment": _column(data["segments"]["rows"], 0),
        "distributor": _column(data["sellers"]["rows"], 0),
        "type": dict(SALE_TYPES),
    }


def _column(rows: Iterable[Mapping[str, Any]], at: int) -> dict[str, str]:
    """Return the different values of one dimension by their names."""
    keys = [row["keys"][at] for row in rows]
    named = {key["id"]: key["label"] for key in keys if key["id"] is not None}
    return dict(sorted(named.items(), key=lambda item: item[1].casefold()))
