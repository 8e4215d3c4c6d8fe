"""Drawings of any analysis, chosen by its columns, so that new ones appear without new code."""

from __future__ import annotations

import re
from itertools import dropwhile
from typing import TYPE_CHECKING, Any

from dashboard.analysis.named import TIMES, Named
from dashboard.analysis.panels import Drawing, empty
from dashboard.analysis.periods import step_start
from dashboard.analysis.words import said, with_dates
from dashboard.figures.bars import Bar, ranked_bars
from dashboard.figures.lines import Line, lines
from dashboard.figures.parts import heat_map

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.named import Answer
    from dashboard.analysis.panels import Frame, Panel
    from dashboard.analysis.view import View

SHOWN_BARS = 15
SHOWN_LINES = 6
SHOWN_ROWS = 300
MOST_FIELDS = (60, 24)
SEASON = re.compile("Q[1-4]")

# What is told apart by its own measure; all others show the first of these that they have.
OWN_MEASURE = {
    "BREAK_EVEN_DISCOUNT": "breakEven",
    "DISCOUNT_BANDS": "profit",
    "FREQUENCY_OF_SALE": "orders",
    "RETURN_RATE": "returnRate",
    "BASKET_SIZE": "orderValue",
    "SELL_THROUGH": "sellThrough",
    "PROFIT_BY_ITEM": "profit",
    "GMROI": "gmroiYear",
    "WEEKS_OF_SUPPLY": "weeks",
}
MEASURES = ("change", "netSales", "index", "profit")
MEASURE_NAMES = {
    "NET_SALES": "netSales",
    "GROSS_SALES": "grossSales",
    "UNITS": "units",
    "ORDERS": "orders",
    "PROFIT": "profit",
    "DISCOUNT": "discount",
    "RETURNS": "returns",
}
BESIDES = frozenset({"rank", "grossSales", "discount", "returns", "cost"})
"""Figures that are rows of the table, not lines beside the measure."""


def named_panel(
    frame: Frame, name: str, *needs: str, choice: Mapping[str, Any] | None = None
) -> Panel:
    """Return a panel that shows an analysis."""

    def cuts(view: View) -> dict[str, Named]:
        return {"answer": Named(name, view.sales_filter(), choice or {})}

    def draw(view: View, found: Mapping[str, Answer], retailer: Retailer) -> Drawing:
        return drawing_of(found["answer"], name, view, retailer)

    return frame.panel(cuts, draw, needs=frozenset(needs))


def drawing_of(
    answer: Answer, name: str, view: View, retailer: Retailer, measure: str | None = None
) -> Drawing:
    """Return chart, rows and words of an answer."""
    if not answer.rows:
        return empty(answer.remarks or "There is nothing to show for this period.")
    at = measure_of(answer, name, measure)
    return Drawing(
        _sentence(answer, at, retailer),
        figure_of(answer, at) if at is not None and any(row[at] for row in answer.rows) else None,
        answer.table(view.most(SHOWN_ROWS)),
        note=_notes(answer, at),
    )


def measure_of(answer: Answer, name: str, measure: str | None = None) -> int | None:
    """Return the place of the figure that is drawn; None: there is none."""
    wanted = [MEASURE_NAMES.get(measure or ""), OWN_MEASURE.get(name), *MEASURES]
    places = [answer.place(one) for one in wanted if one]
    figures = [
        at
        for at, column in enumerate(answer.columns)
        if column.is_figure and at not in answer.keys and column.name != "rank"
    ]
    money = [at for at in figures if answer.columns[at].kind == "MONEY"]
    return next((at for at in [*places, *money, *figures] if at is not None), None)


def figure_of(answer: Answer, at: int) -> dict[str, Any]:
    """Return the kind of chart that these columns make."""
    keys = answer.keys
    dimensions = [answer.columns[key].dimension for key in keys]
    if len(keys) == 1 and dimensions[0] in TIMES:
        return _over_time(answer, at, keys[0])
    if len(keys) > 1 and dimensions[0] in TIMES:
        return _lines_of_groups(answer, at, keys)
    if len(keys) == 2 and _is_grid(answer, keys):
        return _grid(answer, at, keys)
    return ranked_bars(
        [
            Bar(
                " · ".join(answer.words(row, key) for key in keys), row[at], None, answer.drill(row)
            )
            for row in _barred(answer, at, keys)[:SHOWN_BARS]
        ],
        unit=answer.columns[at].unit,
    )


def _barred(answer: Answer, at: int, keys: Sequence[int]) -> Sequence[tuple[Any, ...]]:
    """Return the rows that become bars: of a list that begins with noughts, those after them.

    Within groups each has its place, and so have its noughts.
    """
    if len(keys) > 1:
        return answer.rows
    return list(dropwhile(lambda row: not row[at], answer.rows)) or answer.rows


def _notes(answer: Answer, at: int | None) -> str:
    """Return the remarks, and how many rows the bars leave out."""
    if at is None or not any(row[at] for row in answer.rows):
        return answer.remarks
    keys = answer.keys
    if (keys and answer.columns[keys[0]].dimension in TIMES) or (
        len(keys) == 2 and _is_grid(answer, keys)
    ):
        return answer.remarks
    bars = len(_barred(answer, at, keys))
    empty_ones = len(answer.rows) - bars
    told = [
        answer.remarks,
        f"The first {empty_ones:,} with nothing are in the table only." if empty_ones else "",
        f"Drawn are {SHOWN_BARS} of {bars:,}; the table has more." if bars > SHOWN_BARS else "",
    ]
    return " ".join(filter(None, told))


def _over_time(answer: Answer, at: int, key: int) -> dict[str, Any]:
    unit = answer.columns[at].unit
    shown = [at] + [
        place
        for place, column in enumerate(answer.columns)
        if place != at
        and column.unit == unit
        and column.name not in BESIDES
        and any(row[place] is not None for row in answer.rows)
    ]
    grain = answer.columns[key].dimension or "DAY"
    return lines(
        [step_start(str(row[key]), grain) for row in answer.rows],
        [
            Line(answer.columns[place].label, [row[place] for row in answer.rows])
            for place in shown[:4]
        ],
        unit=unit,
    )


def _lines_of_groups(answer: Answer, at: int, keys: Sequence[int]) -> dict[str, Any]:
    """Return the largest groups of the last key over time."""
    time, group = keys[0], keys[-1]
    steps = sorted({str(row[time]) for row in answer.rows})
    index = {step: place for place, step in enumerate(steps)}
    series: dict[str, list[float]] = {}
    for row in answer.rows:
        values = series.setdefault(answer.words(row, group), [0.0] * len(steps))
        values[index[str(row[time])]] += float(row[at] or 0)
    largest = sorted(series.items(), key=lambda item: -sum(item[1]))[:SHOWN_LINES]
    grain = answer.columns[time].dimension or "DAY"
    return lines(
        [step_start(step, grain) for step in steps],
        [Line(name, values) for name, values in largest],
        unit=answer.columns[at].unit,
    )


def _is_grid(answer: Answer, keys: Sequence[int]) -> bool:
    """Tell whether most pairs of two keys have a row, and the pairs fit on a screen."""
    down, across = ({row[key] for row in answer.rows} for key in keys)
    fits = len(down) <= MOST_FIELDS[0] and len(across) <= MOST_FIELDS[1]
    return fits and len(across) > 1 and len(answer.rows) > 0.5 * len(down) * len(across)


def _grid(answer: Answer, at: int, keys: Sequence[int]) -> dict[str, Any]:
    down = list(dict.fromkeys(answer.words(row, keys[0]) for row in answer.rows))
    if all(SEASON.fullmatch(name) for name in down):
        down.sort()
    across = list(dict.fromkeys(answer.words(row, keys[1]) for row in answer.rows))
    cells = {
        (answer.words(row, keys[0]), answer.words(row, keys[1])): row[at] for row in answer.rows
    }
    return heat_map(
        across,
        down,
        [[cells.get((one, other)) for other in across] for one in down],
        unit=answer.columns[at].unit,
        is_written=len(across) <= 12,
    )


def _sentence(answer: Answer, at: int | None, retailer: Retailer) -> str:
    count = "1 row" if len(answer.rows) == 1 else f"{len(answer.rows):,} rows"
    if at is None:
        return f"{answer.title}: {count}."
    known = [row for row in answer.rows if row[at] is not None]
    if not known:
        return f"{answer.title}: {count}."
    best = max(known, key=lambda row: row[at])
    column = answer.columns[at]
    name = ", ".join(_spoken(answer, best, key) for key in answer.keys) or "All"
    value = said(best[at], column.unit, retailer.currency)
    return f"{count}; highest {column.label.lower()}: {name}, {value}."


def _spoken(answer: Answer, row: Sequence[Any], key: int) -> str:
    """Return a key as part of a sentence: days and months as people write them."""
    words = answer.words(row, key)
    return with_dates(words) if answer.columns[key].dimension in TIMES else words
