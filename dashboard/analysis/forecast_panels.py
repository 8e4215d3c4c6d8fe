"""The panels of the page of forecasts: what they ask for, and what they make of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from dashboard.analysis.cuts import Cut
from dashboard.analysis.forecast_words import (
    BASELINES,
    FAMILIES,
    MEASURES,
    ORIGINS,
    STATUSES,
    judged,
    verdict_words,
    written,
)
from dashboard.analysis.forecasts import (
    DEMAND_CLASSES,
    EQUAL_WEEKDAYS,
    Forecasted,
    Going,
    Models,
    horizon_of,
    horizons,
    weekday_means,
)
from dashboard.analysis.panels import Column, Control, Drawing, KeyFigure, Table, empty
from dashboard.analysis.periods import Span
from dashboard.analysis.view import narrowed
from dashboard.figures.forecast_chart import Past, forecast_chart
from dashboard.figures.record import moment_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.forecasts import Forecast
    from dashboard.analysis.view import View

    Found = Mapping[str, Any]

ABSENCES: Final = {
    "NOTHING_SOLD": "Nothing was sold yet. After a few days with sales a model can be trained.",
    "NOT_TRAINED": "No model was trained yet: press “Train” below. A few days of sales are enough.",
    "NOT_LATELY": "Nothing is forecast of what is chosen: it did not sell for a year.",
}


def _where(view: View, first: date, last: date) -> dict[str, Any]:
    """Return the SalesFilter of what is forecast: what distributors sell on is not."""
    chosen = {
        field: list(view.filters[name])
        for name, field in (("sku", "skus"), ("location", "locations"))
        if name in view.filters
    }
    return {"from": f"{first}", "to": f"{last}", "saleTypes": ["DIRECT"], **chosen}


def chart_cuts(view: View) -> dict[str, Any]:
    """Return what the chart asks for: the forecast, and what was sold of it."""
    today = view.today or view.span.last
    first = min(view.span.first, today - timedelta(weeks=EQUAL_WEEKDAYS))
    sold = Cut(("DAY",), _where(view, first, today))
    return {"ahead": Forecasted.of(view), "going": Going(), "sold": sold}


def ahead_cuts(view: View) -> dict[str, Any]:
    """Return what panels of the forecast alone ask for."""
    return {"ahead": Forecasted.of(view), "going": Going()}


def draw_chart(view: View, found: Found, _: Retailer) -> Drawing:
    """Return what was sold and what is expected, day by day."""
    forecast: Forecast = found["ahead"]
    if forecast.total is None or forecast.model is None:
        return absent(found)
    offered = horizons(view, forecast.model["horizon"])
    controls = [Control("horizon", "Ahead", f"{horizon_of(view)}", offered)]
    ahead, today = forecast.total, view.today or view.span.last
    sold = {row.ids[0]: float(row.figures.units) for row in found["sold"].rows}
    since = view.known.first if view.known else view.span.first
    past = _past(view, sold, since)
    means = weekday_means(sold, ahead.days, today, since)
    expected = Span(*(date.fromisoformat(ahead.days[n]) for n in (0, -1)))
    return Drawing(
        f"{_per_day(ahead.mean):,.1f} units a day are expected,"
        f" {expected.named()}; the last {len(past.days)} days sold"
        f" {_per_day(past.values):,.1f} a day.",
        forecast_chart(past, ahead, today=f"{today}", weekday_mean=means),
        _table(past, forecast, means),
        controls=controls,
        note="Demand of direct sales, returns taken off. The day of today goes on."
        " Where goods were out of stock, less was sold than was wanted." + _regularity(forecast),
    )


def absent(found: Found) -> Drawing:
    """Say why nothing is forecast; what is being trained needs no press."""
    forecast, going = found["ahead"], found.get("going")
    if going is not None and forecast.absence != "NOTHING_SOLD":
        return empty(f"A model is being trained: {going:.0%}. This shows it when it is done.")
    return empty(ABSENCES.get(forecast.absence or "", ABSENCES["NOT_LATELY"]))


def _regularity(forecast: Forecast) -> str:
    if forecast.count != 1 or not forecast.series:
        return ""
    return f" This demand is {DEMAND_CLASSES[forecast.series[0].demand_class]}."


def _past(view: View, sold: Mapping[str | None, float], since: date) -> Past:
    today = view.today or view.span.last
    first, last = max(view.span.first, since), min(view.span.last, today)
    days = [f"{first + timedelta(days=n)}" for n in range(max((last - first).days + 1, 0))]
    return Past("Sold", days, [sold.get(day, 0.0) for day in days])


def _per_day(values: Sequence[float]) -> float:
    return sum(values) / max(len(values), 1)


def _table(past: Past, forecast: Forecast, means: Sequence[float | None]) -> Table:
    """Return the days of past and future as rows."""
    ahead = forecast.total
    assert ahead is not None, "there is something to show"
    sold = dict(zip(past.days, past.values, strict=True))
    columns = [
        Column("Day", "code"),
        *(
            Column(name, "number")
            for name in ("Sold", "Mean", "Median", "5 %", "25 %", "75 %", "95 %", "Weekday mean")
        ),
    ]
    rows: list[list[Any]] = [
        [day, units, *[None] * 7] for day, units in sold.items() if day not in set(ahead.days)
    ]
    rows += [
        [day, sold.get(day), *values]
        for day, *values in zip(
            ahead.days, ahead.mean, ahead.median, ahead.wide[0], *ahead.narrow, ahead.wide[1],
            means, strict=True,
        )
    ]  # fmt: skip
    return Table(columns, rows, [None] * len(rows))


def draw_figures(view: View, found: Found, retailer: Retailer) -> Drawing:
    """Return the sum, how sure it is, and who says so."""
    forecast: Forecast = found["ahead"]
    if forecast.model is None or forecast.sum is None:
        return absent(found)
    days, through = horizon_of(view), forecast.trained_through
    figures = [
        KeyFigure(f"Units expected in {days} days", "number", readable(forecast.sum.mean)),
        KeyFigure("At least, 19 in 20 times", "number", readable(forecast.sum.low)),
        KeyFigure("At most, 19 in 20 times", "number", readable(forecast.sum.high)),
        KeyFigure("Within the 90 % band, goal 90 %", "percent", forecast.coverage),
    ]
    known = (
        f", trained through {moment_text(through.isoformat(), retailer.timezone)}"
        if through
        else ""
    )
    note = (
        f"By version {forecast.model['version']} of the model{known},"
        f" of {_count(forecast)}. The sum is forecast by itself, not day by day."
    )
    return Drawing("", key_figures=figures, note=note)


def readable(units: float) -> float:
    """Return units to be read at a glance: whole, below a hundred to the tenth."""
    return round(units) if units >= 100 else round(units, 1)


def _count(forecast: Forecast) -> str:
    if forecast.count == 1 and forecast.series:
        return forecast.series[0].product
    return f"{forecast.count:,} products at locations"


def draw_accuracy(_: View, found: Found, __: Retailer) -> Drawing:
    """Return the measures of the model beside those of simple guesses."""
    model = found["ahead"].model
    if model is None:
        return absent(found)
    if not model["metrics"]:
        return empty("This model was not judged: too little was sold.")
    baselines = model["baselines"] or {}
    rows = [
        [
            label,
            _said(name, model["metrics"].get(name)),
            *[_said(name, baselines.get(key, {}).get(name)) for key in BASELINES],
            meaning,
        ]
        for name, (label, meaning) in MEASURES.items()
    ]
    columns = ["Measure", "This forecast", *BASELINES.values(), "Means"]
    return Drawing(
        f"{judged(model['metrics'], baselines)} As judged on days it had not seen, beside two"
        " simple guesses of the same days.",
        table=Table([Column(name) for name in columns], rows, [None] * len(rows)),
    )


def _said(name: str, value: float | None) -> str:
    return "–" if value is None else written(name, value)


def draw_series(view: View, found: Found, _: Retailer) -> Drawing:
    """Return what is expected of each product at each location."""
    forecast: Forecast = found["ahead"]
    if not forecast.series:
        return absent(found)
    days = horizon_of(view)
    columns = [
        Column("Product"), Column("Location"), Column(f"Units in {days} days", "number"),
        Column("5 %", "number"), Column("95 %", "number"), Column("Demand"),
    ]  # fmt: skip
    rows = [
        [
            one.product, one.place,
            *map(readable, (one.total.mean, one.total.low, one.total.high)),
            one.demand_class.capitalize(),
        ]
        for one in forecast.series
    ]  # fmt: skip
    many = f"The {len(rows)} most demanded of {forecast.count:,} products at locations;"
    return Drawing(
        f"{many} a press on one shows it alone." if forecast.count > 1 else "Only this one.",
        table=Table(
            columns,
            rows,
            [narrowed(sku=one.sku, location=one.location) for one in forecast.series],
        ),
    )


def models_cuts(_: View) -> dict[str, Models]:
    """Return what the list of versions asks for when it is saved."""
    return {"models": Models()}


def draw_models(_: View, found: Found, __: Retailer) -> Drawing:
    """Return the versions of models as rows; the page shows them itself."""
    names = ("wape", "bias", "mase", "rmsse", "pinball", "coverage90")
    columns = [
        Column("Version", "count"), Column("Made by"), Column("Origin"), Column("Standing"),
        Column("Verdict"), Column("Series", "count"), Column("Trained through", "code"),
        *(Column(MEASURES[name][0], "number") for name in names),
    ]  # fmt: skip
    rows = [
        [
            one["version"], FAMILIES[one["family"]], ORIGINS[one["origin"]],
            STATUSES[one["status"]][0], verdict_words(one["verdict"]), one["series"],
            one["trainedThrough"], *((one["metrics"] or {}).get(name) for name in names),
        ]
        for one in found["models"]
    ]  # fmt: skip
    return Drawing(
        "Every version, the newest first.", table=Table(columns, rows, [None] * len(rows)), own={}
    )
