"""Panels that draw named analyses in a shape of their own: ABC/XYZ, seasons, discounts, zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard.analysis.named import Named
from dashboard.analysis.named_drawing import SHOWN_ROWS
from dashboard.analysis.panels import SECRET, Drawing, Frame, empty
from dashboard.analysis.periods import step_start
from dashboard.analysis.words import said
from dashboard.figures.bars import Bar, Stack, pareto, ranked_bars, stacked_bars
from dashboard.figures.lines import Line, lines
from dashboard.figures.parts import heat_map

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.named import Answer
    from dashboard.analysis.view import View

VALUE_CLASSES = {"A": "A: most of the value", "B": "B: the next", "C": "C: the rest"}
REGULARITY = {"X": "X: steady", "Y": "Y: varying", "Z": "Z: now and then"}
MOST_RANKED = 500


def _abc_cuts(view: View) -> dict[str, Named]:
    rows = {"top": view.most(SHOWN_ROWS)}
    return {
        "answer": Named("ABC_XYZ", view.sales_filter(), rows),
        "classes": Named("ABC_XYZ_CLASSES", view.sales_filter()),
    }


def _draw_abc(view: View, found: Mapping[str, Answer], _: Retailer) -> Drawing:
    answer, classes = found["answer"], found["classes"]
    if not answer.rows:
        return empty("Nothing was sold, so that there is nothing to class.")
    members = dict(zip(classes.values("abcXyz"), classes.values("members"), strict=True))
    counts = [[int(members[abc + xyz] or 0) for xyz in REGULARITY] for abc in VALUE_CLASSES]
    of_all = sum(map(sum, counts))
    steady = sum(row[0] for row in counts)
    return Drawing(
        f"{sum(counts[0]):,} of {of_all:,} products are A; {steady:,} sell steadily (X).",
        heat_map(
            list(REGULARITY.values()),
            list(VALUE_CLASSES.values()),
            counts,
            unit="count",
            is_written=True,
        ),
        answer.table(view.most(SHOWN_ROWS)),
        note=answer.remarks,
    )


ABC_XYZ = Frame("abc-xyz", "Value and regularity (ABC/XYZ)", "heat").panel(_abc_cuts, _draw_abc)


def _contribution_cuts(view: View) -> dict[str, Named]:
    choice = {"by": "PRODUCT", "top": view.most(MOST_RANKED)}
    return {"answer": Named("CONTRIBUTION", view.sales_filter(), choice)}


def _draw_contribution(view: View, found: Mapping[str, Answer], _: Retailer) -> Drawing:
    answer = found["answer"]
    if not answer.rows:
        return empty()
    values, names = answer.values("netSales"), answer.values("productName")
    running = [share or 0 for share in answer.values("cumulativeShare")]
    vital = next((rank for rank, share in enumerate(running, 1) if share >= 0.8), len(running))
    bars = [
        Bar(str(name), value, None, answer.drill(row))
        for name, value, row in zip(names, values, answer.rows, strict=True)
    ]
    # The share of all is told, so that the total need not be asked for.
    total = float(values[0] or 0) / float(answer.values("valueShare")[0] or 1) or 1.0
    share = said(running[vital - 1], "percent", "")
    return Drawing(
        f"The first {vital:,} products bring {share} of net sales.",
        pareto(bars, total, unit="money"),
        answer.table(view.most(SHOWN_ROWS)),
    )


CONTRIBUTION = Frame("contribution", "Contribution (Pareto)", "chart").panel(
    _contribution_cuts, _draw_contribution
)


def _unsold_cuts(view: View) -> dict[str, Named]:
    choice = {"by": "PRODUCT", "top": view.most(100)}
    return {"answer": Named("LEAST_SELLERS", view.sales_filter(), choice)}


def _draw_unsold(view: View, found: Mapping[str, Answer], retailer: Retailer) -> Drawing:
    answer = found["answer"]
    if not answer.rows:
        return empty(answer.remarks or "There are no products.")
    orders, values = answer.values("orders"), answer.values("netSales")
    unsold = sum(1 for count in orders if not count)
    shown = zip(answer.values("productName"), values, answer.rows, strict=True)
    return Drawing(
        f"The {unsold} weakest sold nothing at all."
        if unsold == len(orders)
        else f"{unsold} of the {len(orders)} weakest sold nothing at all;"
        f" the weakest brought {said(values[0], 'money', retailer.currency)}.",
        ranked_bars(
            [Bar(str(name), value, None, answer.drill(row)) for name, value, row in shown][:15],
            unit="money",
            colour="--series-2",
        ),
        answer.table(view.most(SHOWN_ROWS)),
    )


SLOW_MOVERS = Frame("slow", "Slow movers and zero sellers", "package-off").panel(
    _unsold_cuts, _draw_unsold
)


def _season_cuts(view: View) -> dict[str, Named]:
    grain = "DAY" if view.span.days <= 120 else "MONTH"
    choice = {"grain": grain, "measure": _MEASURE[view.measure]}
    return {"answer": Named("SEASONAL_DECOMPOSITION", view.sales_filter(), choice)}


_MEASURE = {"netSales": "NET_SALES", "units": "UNITS", "orders": "ORDERS", "profit": "PROFIT"}
_PARTS = ("trend", "adjusted")


def _draw_season(view: View, found: Mapping[str, Answer], retailer: Retailer) -> Drawing:
    answer = found["answer"]
    if not answer.rows:
        return empty(answer.remarks or "There is too little to tell trend from season.")
    step, value = answer.columns[0], answer.columns[1]
    parts = [value.name, *(name for name in _PARTS if answer.place(name) is not None)]
    series = [Line(_label(answer, name), answer.values(name)) for name in parts]
    known = [one for one in answer.values("trend") if one is not None]
    way = ""
    if len(known) > 1 and known[0]:
        ends = [said(one, value.unit, retailer.currency) for one in (known[0], known[-1])]
        way = f" The trend went from {ends[0]} to {ends[1]}."
    return Drawing(
        f"What is left of {value.label.lower()} without its season, and the trend in it.{way}"
        if known
        else f"{value.label}, not yet told apart into trend and season.",
        lines(
            [step_start(str(row[0]), step.dimension or "MONTH") for row in answer.rows],
            series,
            unit=value.unit,
        ),
        answer.table(view.most(SHOWN_ROWS)),
        note=answer.remarks,
    )


def _label(answer: Answer, name: str) -> str:
    at = answer.place(name)
    return name if at is None else answer.columns[at].label


DECOMPOSITION = Frame("decomposition", "Trend without season", "trends", "full").panel(
    _season_cuts, _draw_season
)


def _band_cuts(view: View) -> dict[str, Named]:
    return {"answer": Named("DISCOUNT_BANDS", view.sales_filter())}


def _draw_bands(view: View, found: Mapping[str, Answer], retailer: Retailer) -> Drawing:
    answer = found["answer"]
    if not answer.rows:
        return empty()
    names, profits = answer.values("discountBandName"), answer.values("profit")
    losing = [name for name, profit in zip(names, profits, strict=True) if (profit or 0) < 0]
    first = f"Discounts of {losing[0]} and beyond lose money" if losing else "No band loses money"
    lost = sum((profit for profit in profits if profit and profit < 0), start=0)
    sales: list[Any] = answer.values("netSales")
    return Drawing(
        f"{first}: {said(lost, 'money', retailer.currency)} in all."
        if losing
        else f"{first} in this period.",
        stacked_bars(
            names,
            [Stack("Net sales", sales), Stack("Profit", profits)],
            unit="money",
            mode="group",
        ),
        answer.table(view.most(SHOWN_ROWS)),
    )


BANDS = Frame("bands", "Discount bands", "percentage").panel(
    _band_cuts, _draw_bands, needs=frozenset({SECRET})
)


def _break_even_cuts(view: View) -> dict[str, Named]:
    return {"answer": Named("BREAK_EVEN_DISCOUNT", view.sales_filter(), {"by": "SUBCATEGORY"})}


def _draw_break_even(view: View, found: Mapping[str, Answer], _: Retailer) -> Drawing:
    answer = found["answer"]
    if not answer.rows:
        return empty()
    given, limit = answer.values("discountRate"), answer.values("breakEven")
    names = [answer.words(row, answer.keys[0]) for row in answer.rows]
    bars = [
        Bar(name, at_most, now, answer.drill(row))
        for name, at_most, now, row in zip(names, limit, given, answer.rows, strict=True)
    ]
    beyond = [
        bar.name for bar in bars if None not in (bar.value, bar.before) and bar.before > bar.value
    ]
    return Drawing(
        f"Beyond the discount at which they earn nothing: {', '.join(beyond)}."
        if beyond
        else "All are given less discount than they bear.",
        ranked_bars(bars[:20], unit="percent"),
        answer.table(view.most(SHOWN_ROWS)),
        note="The bar is the discount at which nothing is earned, the line what was given.",
    )


BREAK_EVEN = Frame("break-even", "Break-even discount", "percentage").panel(
    _break_even_cuts, _draw_break_even, needs=frozenset({SECRET})
)
