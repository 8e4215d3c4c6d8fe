"""The charts of analysis: data in, figure out."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from dashboard.analysis.choices import Retailer
from dashboard.analysis.named import Answer, NamedColumn
from dashboard.analysis.named_drawing import drawing_of, figure_of, measure_of
from dashboard.analysis.periods import Span
from dashboard.analysis.view import View
from dashboard.figures.bars import MOST_SINGLE, Bar, Stack, pareto, ranked_bars, stacked_bars
from dashboard.figures.lines import Earlier, Line, lines, trend
from dashboard.figures.parts import Point, heat_map, points, ring
from dashboard.pages import analyses

DAYS = Span(date(2018, 3, 1), date(2018, 3, 3))
VIEW = View("custom", DAYS)
RETAILER = Retailer("Corner", "USD", "UTC", False, (DAYS,), (), {})
BARS = [Bar("Tea", Decimal(45), Decimal(40), "sku=TEA"), Bar("Cup", Decimal(-5))]


def test_a_trend_lies_over_the_period_it_is_compared_with():
    figure = trend(
        ["2018-03-01", "2018-03-02"],
        [Decimal(1), Decimal(2)],
        name="Units",
        unit="quantity",
        earlier=Earlier("Before", [Decimal(5), Decimal(6), Decimal(7)], ["a", "b", "c"]),
    )

    before, now = figure["data"]
    assert (before["y"], now["y"]) == ([5.0, 6.0], [1.0, 2.0])
    assert before["line"]["dash"] != now["line"].get("dash")
    assert figure["layout"]["xaxis"]["rangeslider"]["visible"]


def test_each_line_has_a_colour_a_dash_and_a_mark_of_its_own():
    figure = lines(["2018-03"], [Line(str(n), [n]) for n in range(6)], unit="money")

    looks = [(one["line"]["color"], one["line"]["dash"]) for one in figure["data"]]
    assert len(set(looks)) == 6
    assert len({one["marker"]["symbol"] for one in figure["data"]}) == 6


def test_ranked_bars_know_what_they_were_and_what_a_press_means():
    tea, oil = ranked_bars(BARS, unit="money")["bars"]

    assert tea == {"name": "Tea", "value": 45.0, "before": 40.0, "drill": "sku=TEA"}
    assert (oil["before"], oil["drill"]) == (None, None)


@pytest.mark.parametrize(
    "drawn",
    [
        lambda drill: stacked_bars(["x"], [Stack("A", [1], drill)], unit="money"),
        lambda drill: lines(["2018-03"], [Line("A", [1], drill)], unit="money"),
        lambda drill: ring([Bar("A", 1, None, drill)], unit="money", total=1),
    ],
    ids=["stacked", "lines", "ring"],
)
def test_a_channel_has_the_colour_it_has_on_the_wall(drawn):
    one, other = (str(drawn(drill)["data"]) for drill in ("channel=ONLINE", "category=Tea"))

    assert "--channel-online" in one
    assert "--channel-online" not in other


def test_stacked_bars_are_told_apart_by_pattern():
    stacks = [Stack("A", [1]), Stack("B", [2])]

    figure = stacked_bars(["x"], stacks, unit="money")

    assert len({one["marker"]["pattern"]["shape"] for one in figure["data"]}) == 2


def test_more_bars_of_time_than_one_can_tell_apart_are_one_shape_unless_some_are_losses():
    days = [f"2018-03-{day:02}" for day in range(1, MOST_SINGLE + 2)]

    def kind(*values):
        found = stacked_bars(days, [Stack("A", values)], unit="money", is_time=True)
        return found["data"][0]["type"]

    assert kind(*range(len(days))) == "scatter"
    assert kind(-1, *range(len(days) - 1)) == "bar"


def test_pareto_knows_the_total_that_its_bars_are_a_part_of():
    figure = pareto([Bar("a", 6), Bar("b", 3)], 10, unit="money")

    assert [one["value"] for one in figure["bars"]] == [6.0, 3.0]
    assert figure["total"] == 10.0


def test_a_ring_shows_what_the_named_leave_over():
    (parts,) = ring([Bar("Tea", 30)], unit="money", total=40)["data"]

    assert parts["values"] == [30.0, 10.0]
    assert parts["labels"] == ["75.0% Tea", "25.0% All others"]


def test_a_ring_without_a_rest_has_none():
    (parts,) = ring([Bar("Tea", 40)], unit="money", total=40)["data"]

    assert parts["values"] == [40.0]


def test_a_field_without_sales_is_no_zero():
    figure = heat_map(["x"], ["a", "b"], [[1], [None]], unit="money")

    assert figure["values"] == [[1.0], [None]]


def test_losses_have_a_colour_of_their_own_and_nothing_lies_in_the_middle():
    figure = heat_map(["x", "y"], ["a"], [[-1, 3]], unit="money")

    assert (figure["low"], figure["high"]) == (-3.0, 3.0)
    assert figure["scale"][0] == [0, "--heat-loss"]


def test_fields_that_are_all_alike_stand_for_what_they_are_from_nothing_up():
    figure = heat_map(["x", "y"], ["a"], [[3, 3]], unit="money")

    assert (figure["low"], figure["high"]) == (0.0, 3.0)


def test_points_of_each_group_have_a_mark_of_their_own():
    found = [Point("a", 0.1, 0.2, 9, group="Earns"), Point("b", 0.3, -0.1, 1, group="Loses")]

    figure = points(found, units=("percent", "percent"), titles=("x", "y"))

    earns, loses = figure["data"]
    assert earns["marker"]["symbol"] != loses["marker"]["symbol"]
    assert earns["marker"]["size"][0] > loses["marker"]["size"][0]


def answer(columns, rows):
    return Answer("T", datetime.now(UTC), tuple(NamedColumn(*one) for one in columns), rows)


MONTH = ("month", "Month", "TEXT", "MONTH")
CATEGORY = ("category", "Category", "TEXT", "CATEGORY")
SKU = ("product", "Product", "TEXT", "PRODUCT")
NAME = ("productName", "Name", "TEXT", None, "product")
NET = ("netSales", "Net sales", "MONEY")
TREND = ("trend", "Trend", "MONEY")
DAY_OF_WEEK = ("weekday", "Weekday", "TEXT", "WEEKDAY")
HOUR = ("hour", "Hour", "TEXT", "HOUR")


@pytest.mark.parametrize(
    ("columns", "rows", "kinds"),
    [
        ([MONTH, NET], (("2018-01", 1), ("2018-02", 2)), ["scatter"]),
        (
            [MONTH, CATEGORY, NET],
            (("2018-01", "A", 1), ("2018-01", "B", 2), ("2018-02", "A", 2)),
            ["scatter", "scatter"],
        ),
        ([MONTH, NET, TREND], (("2018-01", 1, None), ("2018-02", 2, None)), ["scatter"]),
        ([SKU, NAME, NET], (("TEA", "Tea", 2),), "ranked"),
        ([DAY_OF_WEEK, HOUR, NET], tuple((d, h, 1) for d in "12" for h in "34"), "fields"),
    ],
    ids=[
        "one time: a line",
        "what nobody knows: no line",
        "groups over time: lines",
        "things: bars and what they say",
        "two keys: a grid",
    ],
)
def test_the_columns_of_an_analysis_choose_its_chart(columns, rows, kinds):
    table = answer(columns, rows)

    figure = figure_of(table, measure_of(table, "ANY") or 0)

    assert figure.get("kind", [one["type"] for one in figure.get("data", [])]) == kinds


def test_bars_of_an_analysis_begin_after_the_noughts_and_say_how_many_those_are():
    table = answer([SKU, NET], (("TEA", 0), ("OIL", 0), ("JAM", 3), ("SALT", 4)))

    drawing = drawing_of(table, "ANY", VIEW, RETAILER)

    assert [one["value"] for one in (drawing.figure or {})["bars"]] == [3.0, 4.0]
    assert drawing.note == "The first 2 with nothing are in the table only."
    assert len(drawing.table.rows) == 4


def test_bars_that_are_left_to_the_table_are_counted():
    table = answer([SKU, NET], tuple((f"SKU{at}", at) for at in range(1, 21)))

    drawing = drawing_of(table, "ANY", VIEW, RETAILER)

    assert len((drawing.figure or {})["bars"]) == 15
    assert drawing.note == "Drawn are 15 of 20; the table has more."


def test_the_best_month_of_an_analysis_is_called_as_people_do():
    drawing = drawing_of(answer([MONTH, NET], (("2018-02", 1),)), "ANY", VIEW, RETAILER)

    assert drawing.summary == "1 row; highest net sales: Feb 2018, $1."


def test_why_there_is_nothing_takes_the_place_of_that_there_is_nothing():
    notes = [("TOO_SHORT", "two seasons are needed"), ("NOTHING_FOUND", "nothing is like this")]
    given = {"title": "T", "asOf": "2018-03-05T12:00:00Z", "isPartial": False}
    given |= {"columns": [], "rows": []}
    given |= {"notes": [{"code": code, "message": text} for code, text in notes]}

    said = [Answer.of(given | {"notes": given["notes"][first:]}).remarks for first in (0, 1)]

    assert said == ["Two seasons are needed.", "Nothing is like this."]


def test_quarters_of_the_year_stand_in_their_order():
    season = ("season", "Season", "TEXT")
    rows = [(quarter, one, 1) for quarter in ("Q3", "Q1", "Q2") for one in ("Food", "Home")]

    figure = figure_of(answer([season, CATEGORY, NET], tuple(rows)), 2)

    assert figure["down"] == ["Q1", "Q2", "Q3"]


def test_rows_of_an_analysis_are_read_by_name_and_drill_down_by_id():
    table = answer([CATEGORY, SKU, NAME, NET], (("Food", "TEA", "Tea", Decimal("4.50")),)).table(9)

    assert [column.label for column in table.columns] == ["Category", "Product", "SKU", "Net sales"]
    assert table.drills == ["category=Food&sku=TEA"]


def test_a_month_of_an_analysis_drills_down_to_its_days():
    table = answer([MONTH, NET], (("2018-02", 1),))

    assert table.drill(table.rows[0]) == "from=2018-02-01&to=2018-02-28"


def test_the_chosen_measure_is_the_one_that_is_drawn():
    table = answer([SKU, NET, ("units", "Units", "UNITS")], (("TEA", 1, 2),))

    assert measure_of(table, "BEST_SELLERS", "UNITS") == 2


def test_a_line_of_which_no_value_is_known_is_not_in_the_list():
    figure = lines(["2018-01"], [Line("Sold", [1]), Line("Trend", [None])], unit="money")

    assert [one["name"] for one in figure["data"]] == ["Sold"]


@pytest.mark.parametrize(("chosen", "shown"), [({}, "QUARTER"), ({"grain": "MONTH"}, "MONTH")])
def test_the_step_shown_is_that_of_the_answer_unless_one_is_chosen(chosen, shown):
    name = "CATEGORY_BY_PRODUCT"
    grain = {"name": "grain", "default": "MONTH", "options": ["MONTH", "QUARTER", "YEAR"]}
    info = {"question": "?", "formula": "f", "source": "s", "parameters": [grain]}
    retailer = replace(RETAILER, analyses={name: info})
    quarters = answer([("quarter", "Quarter", "TEXT", "QUARTER"), NET], (("2018-Q1", 1),))
    [panel, _] = analyses.PAGE.panels

    view = replace(VIEW, choices={"name": name, **chosen})
    drawing = panel.draw(view, {"answer": quarters}, retailer)

    assert [one.value for one in drawing.controls] == [shown]
