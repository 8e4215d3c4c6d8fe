"""The page of forecasts without a browser: data in, figures, rows and words out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard.analysis.choices import Retailer
from dashboard.analysis.forecast_insight import day_of, draw_drivers
from dashboard.analysis.forecast_levels import draw_levels
from dashboard.analysis.forecast_panels import draw_chart
from dashboard.analysis.forecast_plans import Plan, WhatIf, what_if_cuts
from dashboard.analysis.forecast_words import better, judged
from dashboard.analysis.forecasts import (
    Forecast,
    Forecasted,
    Group,
    Sum,
    ahead_of,
    horizon_of,
    horizons,
    weekday_means,
)
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
    what_if_chart,
)
from dashboard.pages.forecast_models import Updates

TODAY = date(2026, 11, 26)
DAYS = ["2026-11-26", "2026-11-27"]
AHEAD = Ahead(
    "Tea", DAYS, [2.0, 4.0], [1.0, 3.0], ([0.0, 1.0], [5.0, 9.0]), ([1.0, 2.0], [3.0, 6.0])
)
KNOWN = Span(date(2025, 1, 1), TODAY)
RETAILER = Retailer("Corner", "USD", "UTC", False, (KNOWN,), (), {})
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
    figure = forecast_chart(PAST, AHEAD, today=DAYS[0], weekday_mean=[2.5, 2.5])
    other = what_if_chart(DAYS, [1.0, 2.0], [3.0, 4.0], [0.0, 1.0], [5.0, 6.0])

    looks = [
        (named(figure, name)[0]["line"].get("dash"), named(figure, name)[0]["mode"])
        for name in (MEDIAN, MEAN, SOLD, WEEKDAY_MEAN)
    ]
    assert len(set(looks)) == 4
    assert named(other, WHAT_IF)[0]["marker"]["symbol"] not in (None, "circle")
    assert named(other, "As planned")[0]["line"]["dash"] == "dash"
    assert named(figure, WIDE)[0]["line"]["dash"] != named(figure, NARROW)[0]["line"]["dash"]


def test_what_moved_a_forecast_adds_up_to_it():
    steps = [
        Step("Level", 10.0, is_total=True),
        Step("Weekday", -3.0),
        Step("Mean", 7.0, is_total=True),
    ]

    (bars,) = steps_chart(steps)["data"]

    assert bars["measure"] == ["absolute", "relative", "absolute"]
    assert bars["text"] == ["10.0", "▼ −3.0", "7.0"]


def test_drivers_are_told_the_largest_first():
    said = {
        "day": "2026-11-27",
        "level": 10.0,
        "mean": 14.0,
        "effects": [{"driver": "PRICE", "units": -1.0}, {"driver": "PROMOTION", "units": 5.0}],
    }

    drawing = draw_drivers(view_of("?sku=TEA&location=NYC"), {"drivers": said}, RETAILER)

    assert "due to promotion" in drawing.summary
    assert drawing.table is not None
    values = [row[1] for row in drawing.table.rows]
    assert values == [10.0, 5.0, -1.0, 14.0]
    assert sum(values[:-1]) == values[-1]


@pytest.mark.parametrize(
    ("mine", "other", "words"),
    [
        (0.8, 1.0, "20 % better than it"),
        (1.5, 1.0, "50 % worse than it"),
        (1.001, 1.0, "as good as it"),
        (None, 1.0, ""),
        (0.5, None, ""),
        (0.5, 0.0, ""),
    ],
)
def test_a_measure_is_told_beside_another(mine, other, words):
    assert better(mine, other, "it") == words


def test_a_model_is_judged_in_a_sentence():
    metrics = {"wape": 1.0, "mase": 0.69, "coverage90": 0.947}

    said = judged(metrics, {"weekday_mean": {"wape": 1.57}})

    assert said == (
        "36 % better than the mean of equal weekdays; MASE 0.69 (1 is as good as last week again);"
        " 94.7 % of days lay within the 90 % band."
    )
    assert judged({}, {}) == ""


def update(version, root, status="RETIRED"):
    """Return a version that learned on."""
    through = f"2026-11-26T10:{version:02}:00Z"
    return {"version": version, "rootId": root, "status": status, "trainedThrough": through}


@pytest.mark.parametrize(("has_more", "is_more"), [(True, True), (False, False)])
def test_what_learned_on_belongs_to_the_model_it_came_from(has_more, is_more):
    nodes = [update(9, "new", "CHAMPION"), update(8, "new"), update(3, "old")]
    found = {"nodes": nodes, "pageInfo": {"hasNextPage": has_more}}

    new, old = (Updates.of({"id": one}, found) for one in ("new", "old"))

    assert [one["version"] for one in new.nodes] == [9, 8]
    assert new.champion is nodes[0]
    assert (new.is_more, old.is_more) == (False, is_more)
    assert old.champion is None


def nothing(absence):
    """Return the answer where nothing is forecast."""
    return Forecast(
        datetime(2026, 11, 26, tzinfo=UTC), None, None, None, (), None, None, 0, absence
    )


@pytest.mark.parametrize(
    ("absence", "going", "words"),
    [
        ("NOT_TRAINED", None, "press “Train”"),
        ("NOT_TRAINED", 0.27, "being trained: 27%"),
        ("NOT_LATELY", None, "did not sell for a year"),
        ("NOT_LATELY", 0.27, "being trained: 27%"),
        ("NOTHING_SOLD", 0.27, "Nothing was sold yet"),
    ],
)
def test_what_is_missing_is_said_and_that_it_comes(absence, going, words):
    found = {"ahead": nothing(absence), "going": going}

    assert words in draw_chart(view_of(""), found, RETAILER).summary


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


@pytest.mark.parametrize(
    ("search", "horizon"),
    [("", 28), ("?horizon=7", 7), ("?horizon=91", 91), ("?horizon=900", 28), ("?horizon=SOON", 28)],
)
def test_a_horizon_is_as_many_days_as_a_model_may_reach(search, horizon):
    assert horizon_of(view_of(search)) == horizon


@pytest.mark.parametrize(
    ("search", "reach", "offered"),
    [("", 28, "7 14 28"), ("", 91, "7 14 28 56 91"), ("?horizon=10", 60, "7 10 14 28 56 60")],
)
def test_only_horizons_that_the_model_reaches_are_offered(search, reach, offered):
    assert list(horizons(view_of(search), reach)) == offered.split()


def summed(*groups):
    """Return a forecast with these sums, each expecting the same every day."""
    kept = [
        Group(id_, name, 2, (units / 2, units / 2), Sum(units, units - 1, units + 1))
        for id_, name, units in groups
    ]
    total = Sum(9.0, 5.0, 14.0)
    return Forecast(
        datetime(2026, 11, 26, tzinfo=UTC), None, None, None, (), AHEAD, total, 6, None, tuple(kept)
    )


def test_sums_narrow_the_page_where_a_filter_knows_them():
    found = {
        "ahead": summed(("TEA", "Green tea", 6.0), (None, "Not known", 2.0), (None, None, 1.0))
    }

    products = draw_levels(view_of("?by=PRODUCT"), found, RETAILER)
    categories = draw_levels(view_of("?by=CATEGORY"), found, RETAILER)

    assert products.table is not None
    assert categories.table is not None
    assert [row[0] for row in products.table.rows] == ["Green tea", "Not known", "All others"]
    assert products.table.rows[0][1:] == [2, 6.0, 5.0, 7.0, [3.0, 3.0]]
    assert products.table.drills == ["sku=TEA", None, None]
    assert set(categories.table.drills) == {None}
    assert "Green tea comes first with 6 units" in products.summary


def test_without_a_level_the_sum_of_all_is_shown_and_one_can_be_chosen():
    drawing = draw_levels(view_of("?by=NONE"), {"ahead": summed()}, RETAILER)

    assert drawing.table is not None
    assert drawing.table.rows == [["All of it", 6, 9.0, 5.0, 14.0, [2.0, 4.0]]]
    assert drawing.controls[0].value == "NONE"


def test_a_file_of_sums_has_a_column_for_each_day():
    view = replace(view_of("?by=LOCATION"), is_export=True)

    table = draw_levels(view, {"ahead": summed(("NYC", "New York", 6.0))}, RETAILER).table

    assert table is not None
    assert [column.label for column in table.columns][-2:] == DAYS
    assert table.rows == [["New York", 2, 6.0, 5.0, 7.0, 3.0, 3.0]]


def test_what_is_chosen_is_what_is_asked_for():
    asked = Forecasted.of(view_of("?sku=TEA&sku=CUP&location=NYC&horizon=14"))

    assert asked.variables() == {
        "products": ["TEA", "CUP"], "locations": ["NYC"], "horizon": 14, "first": 100,
        "by": ["CATEGORY"],
    }  # fmt: skip
    assert Forecasted.of(view_of("?by=NONE")).variables()["by"] is None


def test_quantiles_become_two_bands():
    levels = {0.05: 1.0, 0.25: 2.0, 0.5: 3.0, 0.75: 4.0, 0.95: 5.0}
    quantiles = [{"level": level, "value": value} for level, value in levels.items()]
    day = {"day": "2026-11-27", "mean": 3.1, "median": 3.0, "low": 1.0, "high": 5.0}

    ahead = ahead_of("Tea", [day | {"quantiles": quantiles}])

    assert (ahead.wide, ahead.narrow) == (([1.0], [5.0]), ([2.0], [4.0]))


ONE = "?sku=TEA&location=NYC"


def test_a_plan_is_read_from_the_address_and_goes_back_into_the_form():
    said = "&promotion=50&price=4.50&closed=1&planFrom=2026-12-01&planTo=2026-12-02"
    view = view_of(ONE + said)

    asked = what_if_cuts(view)["otherwise"]

    assert asked.variables()["input"] == {
        "product": "TEA",
        "location": "NYC",
        "days": ["2026-12-01", "2026-12-02"],
        "promotion": 0.5,
        "price": 4.5,
        "closed": True,
    }
    assert Plan.of(view).as_form() == {
        "planFrom": "2026-12-01",
        "planTo": "2026-12-02",
        "promotion": "50",
        "price": "4.50",
        "closed": True,
    }


def test_days_that_no_plan_names_are_all_that_are_forecast():
    asked = what_if_cuts(view_of(f"{ONE}&price=4&horizon=7"))["otherwise"]

    assert isinstance(asked, WhatIf)
    assert asked.variables()["input"]["days"] is None
    assert (asked.plan.as_form()["planFrom"], asked.plan.as_form()["planTo"]) == ("", "")


def test_a_plan_from_a_day_on_ends_with_what_is_surely_forecast():
    asked = what_if_cuts(view_of(f"{ONE}&price=4&planFrom=2026-12-01"))["otherwise"]

    days = asked.variables()["input"]["days"]
    assert (days[0], days[-1]) == ("2026-12-01", "2026-12-22")


@pytest.mark.parametrize("search", ["?price=4", ONE, f"{ONE}&planFrom=2026-12-01"])
def test_nothing_is_asked_of_several_or_where_all_is_as_planned(search):
    assert what_if_cuts(view_of(search)) == {}


@pytest.mark.parametrize(
    "search",
    [
        "?price=cheap",
        "?promotion=-1",
        "?closed=maybe",
        "?planFrom=2026-12-02&planTo=2026-12-01",
        "?planFrom=2026-13-01",
    ],
)
def test_a_plan_that_cannot_be_is_refused(search):
    with pytest.raises(BadView):
        Plan.of(view_of(search))


@pytest.mark.parametrize(
    ("search", "day"), [("", 27), ("?ahead=0", 27), ("?horizon=7&ahead=27", 2)]
)
def test_the_day_explained_lies_within_the_horizon_from_tomorrow_on(search, day):
    assert day_of(view_of(search)).day == day
