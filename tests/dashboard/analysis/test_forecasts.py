"""The page of forecasts without a browser: data in, figures, rows and words out."""

from datetime import date, timedelta

import pytest

from dashboard.analysis.choices import Retailer
from dashboard.analysis.forecast_insight import Plan, day_of, draw_drivers
from dashboard.analysis.forecasts import Forecasted, ahead_of, horizon_of, weekday_means
from dashboard.analysis.periods import Span
from dashboard.analysis.view import BadView, parse
from dashboard.figures.forecast_chart import (
    MEAN,
    MEDIAN,
    NARROW,
    SOLD,
    WEEKDAY_MEAN,
    WHAT_IF,
    WIDE,
    Ahead,
    Past,
    Step,
    forecast_chart,
    steps_chart,
)

TODAY = date(2026, 11, 26)
DAYS = ["2026-11-26", "2026-11-27"]
AHEAD = Ahead(
    "Tea", DAYS, [2.0, 4.0], [1.0, 3.0], ([0.0, 1.0], [5.0, 9.0]), ([1.0, 2.0], [3.0, 6.0])
)
KNOWN = Span(date(2025, 1, 1), TODAY)
RETAILER = Retailer("Corner", "USD", "UTC", False, KNOWN, (), {})
PAST = Past("Tea", ["2026-11-25", "2026-11-26"], [3.0, 1.0])


def view_of(search):
    return parse(search, today=TODAY, known=KNOWN)


def named(figure, name):
    return [trace for trace in figure["data"] if trace["name"] == name]


def test_a_forecast_is_drawn_with_its_bands_beside_what_was_sold():
    figure = forecast_chart(PAST, AHEAD, today=DAYS[0], weekday_mean=[2.5, None])

    low, high = named(figure, WIDE)
    assert (low["y"], high["y"], high["fill"]) == ([0.0, 1.0], [5.0, 9.0], "tonexty")
    assert [trace["y"] for trace in named(figure, NARROW)] == [[1.0, 2.0], [3.0, 6.0]]
    assert named(figure, SOLD)[0]["y"] == [3.0, 1.0]
    assert figure["layout"]["shapes"][0]["x0"] == DAYS[0]


def test_lines_and_bands_are_told_apart_without_their_colours():
    figure = forecast_chart(PAST, AHEAD, today=DAYS[0], weekday_mean=[2.5, 2.5], what_if=AHEAD)

    names = (MEDIAN, MEAN, SOLD, WEEKDAY_MEAN, WHAT_IF)
    looks = [
        (named(figure, name)[0]["line"].get("dash"), named(figure, name)[0]["mode"])
        for name in names
    ]
    assert len(set(looks)) == len(names) - 1
    assert named(figure, WHAT_IF)[0]["marker"]["symbol"] not in (None, "circle")
    assert named(figure, WIDE)[0]["line"]["dash"] != named(figure, NARROW)[0]["line"]["dash"]


def test_what_moved_a_forecast_adds_up_to_it():
    steps = [
        Step("Level", 10.0, is_total=True),
        Step("Weekday", -3.0),
        Step("Mean", 7.0, is_total=True),
    ]

    (bars,) = steps_chart(steps)["data"]

    assert bars["measure"] == ["total", "relative", "total"]
    assert bars["text"] == ["10.0", "▼ −3.0", "7.0"]


def test_drivers_are_told_the_largest_first():
    said = {
        "day": "2026-11-27",
        "level": 10.0,
        "mean": 14.0,
        "effects": [{"driver": "PRICE", "value": -1.0}, {"driver": "PROMOTION", "value": 5.0}],
    }

    drawing = draw_drivers(view_of("?sku=TEA&location=NYC"), {"drivers": said}, RETAILER)

    assert "due to promotion" in drawing.summary
    assert drawing.table is not None
    values = [row[1] for row in drawing.table.rows]
    assert values == [10.0, 5.0, -1.0, 14.0]
    assert sum(values[:-1]) == values[-1]


def test_drivers_of_several_ask_to_choose_one():
    assert draw_drivers(view_of("?sku=TEA"), {}, RETAILER).is_empty


def test_the_simple_guess_is_the_mean_of_the_last_eight_equal_weekdays():
    # Thursdays sold 1 to 8, the last 8 a week ago; a Friday was missing, and sold nothing.
    sold = {f"{TODAY - timedelta(weeks=n)}": float(9 - n) for n in range(1, 9)}
    sold |= {f"{TODAY + timedelta(days=1) - timedelta(weeks=n)}": 8.0 for n in range(1, 8)}

    found = weekday_means(sold, DAYS, TODAY, date(2026, 9, 1))
    unknown = weekday_means(sold, DAYS, TODAY, date(2026, 10, 25))

    assert found == [4.5, 7.0]
    assert unknown == [None, None]


@pytest.mark.parametrize(("search", "horizon"), [("", 28), ("?horizon=7", 7), ("?horizon=900", 28)])
def test_a_horizon_is_one_of_those_to_choose(search, horizon):
    assert horizon_of(view_of(search)) == horizon


def test_what_is_chosen_is_what_is_asked_for():
    asked = Forecasted.of(view_of("?sku=TEA&sku=CUP&location=NYC&horizon=14"))

    assert asked.variables() == {
        "products": ["TEA", "CUP"], "locations": ["NYC"], "horizon": 14, "first": 100,
    }  # fmt: skip


def test_quantiles_become_two_bands():
    levels = {0.05: 1.0, 0.25: 2.0, 0.5: 3.0, 0.75: 4.0, 0.95: 5.0}
    quantiles = [{"level": level, "value": value} for level, value in levels.items()]
    day = {"day": "2026-11-27", "mean": 3.1, "median": 3.0, "low": 1.0, "high": 5.0}

    ahead = ahead_of("Tea", [day | {"quantiles": quantiles}])

    assert (ahead.wide, ahead.narrow) == (([1.0], [5.0]), ([2.0], [4.0]))


def test_a_plan_is_read_from_the_address_and_goes_back_into_the_form():
    plan = Plan.of(view_of("?promotion=50&price=4.50&closedFrom=2026-12-01&closedTo=2026-12-02"))

    assert (plan.promotion, plan.price) == (50, "4.50")
    assert plan.closed == (date(2026, 12, 1), date(2026, 12, 2))
    assert plan.as_form() == {
        "promotion": "50",
        "price": "4.50",
        "closedFrom": "2026-12-01",
        "closedTo": "2026-12-02",
    }
    assert Plan.of(view_of("")).is_empty


@pytest.mark.parametrize(
    "search",
    [
        "?price=cheap",
        "?promotion=-1",
        "?closedFrom=2026-12-01",
        "?closedFrom=2026-12-02&closedTo=2026-12-01",
        "?closedFrom=2026-13-01&closedTo=2026-13-02",
    ],
)
def test_a_plan_that_cannot_be_is_refused(search):
    with pytest.raises(BadView):
        Plan.of(view_of(search))


@pytest.mark.parametrize(
    ("search", "day"), [("", 27), ("?ahead=0", 26), ("?horizon=7&ahead=27", 2)]
)
def test_the_day_explained_lies_within_the_horizon(search, day):
    assert day_of(view_of(search)).day == day
