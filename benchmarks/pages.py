"""How soon a page shows what it is narrowed to, in a browser: a press, and all that is in sight."""

import statistics
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from playwright.async_api import Page

from backend.core.roles import Role
from benchmarks import browser, panels
from benchmarks.results import Figure, at_most, percentile
from dashboard.analysis.periods import Span

PRESSED: Final = ("region", "category", "segment", "channel", "location")
"""What is pressed, by its name in an address; the values are those of the filters of panels."""
SLOWEST: Final = 6
# The milliseconds from a press until the answer is there, and until every panel in sight has
# changed and is painted, charts and all; null: some never did.
PRESS: Final = """
(part) => new Promise((resolve) => {
  const sight = [...document.querySelectorAll("#analysis [data-panel]")].filter((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return bottom > 0 && top < innerHeight && bottom > top;
  });
  const unseen = new Set(sight);
  performance.clearResourceTimings();
  const start = performance.now();
  const observers = sight.map((one) => {
    const observer = new MutationObserver(() => {
      unseen.delete(one);
      if (!unseen.size) requestAnimationFrame(() => setTimeout(painted));
    });
    const all = { subtree: true, childList: true, attributes: true, characterData: true };
    observer.observe(one, all);
    return observer;
  });
  const timer = setTimeout(() => done(null), 10_000);
  function painted() {
    const ms = performance.now() - start;
    const isAsk = ({ name }) => name.includes("/live/panels?");
    const ask = performance.getEntriesByType("resource").find(isAsk);
    done([ask.responseEnd - start, ms]);
  }
  function done(times) {
    clearTimeout(timer);
    for (const one of observers) one.disconnect();
    resolve(times);
  }
  shelfcast.controls.actions.drill({ dataset: { part } });
})
"""
UNPRESS: Final = "() => shelfcast.controls.actions.unfilter()"
# Nothing on the page is being asked for any more.
QUIET: Final = """
() => new Promise((resolve) => {
  let last = performance.now();
  const observer = new PerformanceObserver(() => (last = performance.now()));
  observer.observe({ type: "resource" });
  const timer = setInterval(() => {
    if (performance.now() - last < 1_200) return;
    clearInterval(timer);
    observer.disconnect();
    resolve();
  }, 100);
})
"""


async def measure(
    owner_url: str, org_id: UUID, backend_url: str, port: int, what: str, limit: float
) -> list[Figure]:
    """Press each filter on each page, of twelve months and of all time, by a manager."""
    async with (
        browser.dashboard(owner_url, org_id, backend_url, port),
        browser.signed_in(owner_url, org_id, port, Role.ADMIN) as page,
    ):
        at = f"http://localhost:{port}"
        days = {"12 months": _days(panels.recorded()), "all time": {"period": "all"}}
        return [
            figure
            for name, among in days.items()
            for figure in await _measured(page, at, among, f"{what}{name}, ", limit)
        ]


async def _measured(
    page: Page, at: str, days: dict[str, str], what: str, limit: float
) -> list[Figure]:
    answered: list[float] = []
    painted: dict[str, float] = {}
    missing = 0
    for one in panels.PAGES:
        await page.goto(f"{at}{one.path}?{urlencode(days)}")
        await page.wait_for_selector('#analysis [data-panel][data-state="live"]')
        await page.evaluate(QUIET)
        for part in _parts():
            times = await _press(page, part)
            if times is None:
                missing += 1
            else:
                answered.append(times[0])
                painted[f"{one.key}, {part}"] = times[1]
    taken = list(painted.values())
    slow = sorted((one for one in painted if painted[one] > limit), key=lambda one: -painted[one])
    within = 100 * sum(one <= limit for one in taken) / len(taken)
    return [
        Figure(f"{what}{len(taken)} presses, answer there, p50", statistics.median(answered), "ms"),
        Figure(f"{what}answer there, p95", percentile(answered, 95), "ms"),
        Figure(f"{what}painted, p50", statistics.median(taken), "ms"),
        at_most(f"{what}painted, p95", percentile(taken, 95), "ms", limit),
        Figure(f"{what}painted within {limit:.0f} ms", within, "%"),
        at_most(f"{what}never shown", missing, "", 0),
        *(Figure(f"{what}{one}", painted[one], "ms") for one in slow[:SLOWEST]),
    ]


async def _press(page: Page, part: str) -> list[float] | None:
    taken = await page.evaluate(PRESS, part)
    await page.evaluate(QUIET)
    await page.evaluate(UNPRESS)
    await page.evaluate(QUIET)
    return taken


def _parts() -> list[str]:
    single = [one for one in panels.FILTERS if len(one) == 1]
    return [urlencode(one) for name in PRESSED for one in single if name in one]


def _days(recorded: Span) -> dict[str, str]:
    """Return twelve months up to the middle of one, as panels are asked for."""
    last = recorded.last.replace(month=recorded.last.month - 1, day=17)
    return {"from": f"{last.replace(year=last.year - 1)}", "to": f"{last}"}
