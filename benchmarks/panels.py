"""What the panels of pages and the analyses with a name take with each filter, over HTTP."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import httpx2

from backend.analytics.presets.names import AnalysisName
from benchmarks import sale_lines
from dashboard.analysis.answer import wanted
from dashboard.analysis.cuts import document, variables
from dashboard.analysis.periods import Span
from dashboard.analysis.view import parse
from dashboard.pages import (
    analyses,
    channels,
    customers,
    distributors,
    places,
    products,
    profit,
    sales,
    trends,
)

FILTERS: Final[tuple[Mapping[str, str], ...]] = (
    {},
    {"category": "Category 3"},
    {"subcategory": "Subcategory 23"},
    {"sku": "SKU-100"},
    {"location": "store-7"},
    {"segment": "Consumer"},
    {"channel": "ONLINE"},
    {"type": "TRACE"},
    {"country": "United States"},
    {"region": "East"},
    {"state": "State 12"},
    {"distributor": "d5"},
    {"category": "Category 3", "location": "store-7"},
    {"region": "East", "channel": "ONLINE"},
    {"category": "Category 3", "region": "East", "segment": "Consumer"},
    {"category": "Category 3", "location": "store-7", "channel": "ONLINE"},
)
"""By what pages are filtered, as an address says it."""
PAGES: Final = (
    *(sales.PAGE, trends.PAGE, places.PAGE, products.PAGE),
    *(profit.PAGE, channels.PAGE, distributors.PAGE, customers.PAGE),
)
TIMEOUT_S: Final = 60.0


@dataclass(frozen=True)
class Panel:
    """What one panel asks for: a document of GraphQL and its variables."""

    name: str
    query: str
    variables: Mapping[str, Any]


@dataclass
class Asked:
    """How long its answers took, in milliseconds, the first one first; `code`: why there is none.

    `filtered`: by what, as an address says it.
    """

    panel: str
    filtered: str
    times: list[float] = field(default_factory=list[float])
    code: str = ""

    @property
    def best(self) -> float:
        """Milliseconds of the fastest answer."""
        return min(self.times)


def panels(search: str, recorded: Span) -> Iterator[Panel]:
    """Yield every panel of the pages, then every analysis, for the query of an address.

    Opened on a day in the middle of a month, as most are: no year, no month is whole.
    """
    today = recorded.last.replace(month=recorded.last.month - 1, day=17)
    seen: set[str] = set()
    for page, name, words in (
        *((page, page.key, search) for page in PAGES),
        *((analyses.PAGE, one, f"{search}&name={one}") for one in AnalysisName),
    ):
        view = parse(words, today=today, known=recorded)
        for panel in page.panels:
            unique, _ = wanted([panel], view)
            given = variables(unique)
            query = document(unique)
            if unique and (key := f"{query}{sorted(given.items(), key=str)}") not in seen:
                seen.add(key)
                yield Panel(f"{name} {panel.key}", query, given)


async def ask(
    url: str,
    token: str,
    filters: Mapping[str, str],
    *,
    period: str = "all",
    turns: int = 2,
) -> list[Asked]:
    """Ask for every panel of a period with these filters, one after the other, so many times."""
    filtered = urlencode(filters)
    found: list[Asked] = []
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT_S) as http:
        for panel in panels(f"?period={period}&{filtered}", recorded()):
            asked = Asked(panel.name, filtered)
            for _ in range(turns):
                started = time.perf_counter()
                body = {"query": panel.query, "variables": dict(panel.variables)}
                answer = (await http.post("/graphql", json=body)).json()
                asked.times.append((time.perf_counter() - started) * 1000)
                if answer.get("errors"):
                    asked.code = answer["errors"][0]["extensions"].get("code", "?")
                    break
            found.append(asked)
    return found


def recorded() -> Span:
    """Return the days that the lines of benchmarks are spread over."""
    first = date.fromisoformat(sale_lines.FIRST_DAY)
    return Span(first, first + timedelta(days=sale_lines.DAYS - 1))
