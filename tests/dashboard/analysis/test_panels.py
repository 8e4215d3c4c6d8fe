"""What panels make of summaries, without a browser and without a backend."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from dashboard.analysis.boards import days_of
from dashboard.analysis.choices import Retailer
from dashboard.analysis.cuts import Figures, Row, Summary
from dashboard.analysis.over_time import TREND, series_panel
from dashboard.analysis.panels import Frame
from dashboard.analysis.periods import Span
from dashboard.analysis.places import AREAS
from dashboard.analysis.ranked import at, crossed_panel, ranked_panel, table_panel
from dashboard.analysis.seasons import WEEK, change_panel
from dashboard.analysis.spread import contribution_panel, discount_panel
from dashboard.analysis.view import View
from dashboard.analysis.words import part_of, with_dates
from dashboard.pages import products

DAYS = Span(date(2018, 3, 1), date(2018, 3, 3))
VIEW = View("custom", DAYS, Span(date(2018, 2, 26), date(2018, 2, 28)))
STORE = {"code": "BOI", "name": "Boise", "latitude": 43.6, "longitude": -116.2}
WEB = {"code": "WEB", "name": "Web shop", "latitude": None, "longitude": None}
RETAILER = Retailer("Corner", "USD", "UTC", False, (DAYS,), (STORE, WEB), {})


def draw(panel, found, *, view=VIEW) -> Any:
    return panel.draw(view, found, RETAILER)


def figures(net, **more):
    known = {"gross_sales": Decimal(net), "net_sales": Decimal(net), "orders": 1}
    return Figures(**(known | more))


def row(*place_and_net):
    *ids, net = place_and_net
    return Row(tuple(ids), tuple(map(str, ids)), figures(net))


def summary(*rows):
    """Return an answer of rows that are ids and net sales; an id is its own label."""
    total = figures(sum(net for *_, net in rows))
    return Summary(datetime.now(UTC), tuple(row(*one) for one in rows), total)


def test_days_without_sales_are_zero_and_not_left_out():
    found = {"now": summary(("2018-03-02", 5)), "before": summary(("2018-02-26", 1))}

    drawing = draw(TREND, found)

    before, now = drawing.figure["data"]
    assert now["y"] == [0.0, 5.0, 0.0]
    assert before["y"] == [1.0, 0.0, 0.0]
    assert drawing.table.drills[1] == "from=2018-03-02&to=2018-03-02"


def test_steps_that_the_period_cuts_are_named():
    days = Span(date(2018, 1, 3), date(2018, 12, 30))
    view = View("custom", days, today=date(2019, 3, 1))

    drawing = draw(TREND, {"now": summary(("2018-W02", 5))}, view=view)

    assert drawing.note == "Of the first week only a part is in this period."


SINCE = replace(VIEW, today=date(2018, 3, 4), since=date(2018, 3, 4), since_name="today")


def marked(*rows, steps):
    """Return an answer whose rows of these steps were restated."""
    found = summary(*rows)
    return replace(
        found, rows=tuple(replace(one, is_restated=one.id in steps) for one in found.rows)
    )


def test_steps_that_late_sales_changed_have_a_ring_a_mark_and_words():
    found = marked(("2018-03-01", 2), ("2018-03-02", 5), steps={"2018-03-02"})

    drawing = draw(TREND, {"now": found, "before": summary()}, view=SINCE)

    rings = drawing.figure["data"][-1]
    assert (rings["name"], rings["x"], rings["y"]) == ("Restated", ["2018-03-02"], [5.0])
    assert drawing.table.columns[-1].label == "Changed"
    assert [cells[-1] for cells in drawing.table.rows] == ["", "restated", ""]
    assert "changed 1 day since 4 Mar 2018" in drawing.note
    assert drawing.controls[0].value == "today"


def test_lines_have_the_ring_at_the_largest_of_a_step():
    rows = [("2018-03-01", "Food", 2), ("2018-03-02", "Food", 5), ("2018-03-02", "Home", 7)]
    found = marked(*rows, steps={"2018-03-02"})

    as_lines = draw(series_panel(Frame("k", "K"), lambda _: "CATEGORY"), {"by": found}, view=SINCE)
    stacks = series_panel(Frame("k", "K"), lambda _: "CATEGORY", is_stacked=True)
    stacked = draw(stacks, {"by": found}, view=SINCE)

    assert as_lines.figure["data"][-1]["y"] == [7.0]
    assert stacked.figure["data"][-1]["y"] == [12.0]
    assert [cells[-1] for cells in as_lines.table.rows] == ["", "restated", ""]


def test_where_all_was_recorded_since_words_say_it_instead_of_marks():
    found = marked(("2018-03-01", 2), ("2018-03-02", 5), steps={"2018-03-01", "2018-03-02"})

    drawing = draw(TREND, {"now": found, "before": summary()}, view=SINCE)

    assert [trace["name"] for trace in drawing.figure["data"]] == ["Compared", "Net sales"]
    assert len(drawing.table.columns) == 3
    assert "All days shown were recorded or changed since 4 Mar 2018." in drawing.note


def test_a_bar_knows_what_it_was_and_where_a_press_leads():
    found = {"now": summary(("Food", 9)), "before": summary(("Food", 4), ("Home", 3))}

    drawing = draw(ranked_panel(Frame("k", "K"), at("CATEGORY")), found)

    (bar,) = drawing.figure["bars"]
    assert (bar["value"], bar["before"], bar["drill"]) == (9.0, 4.0, "category=Food")
    assert "Food comes first with $9" in drawing.summary


def test_what_no_sale_says_is_said_once_instead_of_being_drawn():
    drawing = draw(ranked_panel(Frame("k", "K"), at("DISTRIBUTOR")), {"now": summary((None, 9))})

    assert drawing.is_empty
    assert "distributor" in drawing.summary


@pytest.mark.parametrize(
    ("panel", "name"),
    [
        (crossed_panel(Frame("k", "K"), "STATE", "DISTRIBUTOR"), "both"),
        (table_panel(Frame("k", "K"), "DISTRIBUTOR", "PRODUCT"), "now"),
    ],
    ids=["crossed", "table"],
)
def test_pairs_of_which_no_sale_says_one_are_not_drawn(panel, name):
    pair = ("Ohio", None) if name == "both" else (None, "TEA")

    drawing = draw(panel, {name: summary((*pair, 9))})

    assert drawing.is_empty
    assert "says its distributor" in drawing.summary


def test_customers_are_shown_by_the_end_of_their_pseudonym():
    found = {"now": summary(("01a2181f-77fb-749e-93bd-628b9c7d645e", 9))}

    drawing = draw(ranked_panel(Frame("k", "K"), at("CUSTOMER")), found)

    assert drawing.figure["bars"][0]["name"] == "Customer …9c7d645e"


def test_lines_say_too_which_steps_the_period_cuts():
    days = Span(date(2018, 1, 3), date(2018, 12, 30))
    view = View("custom", days, today=date(2019, 3, 1))
    panel = series_panel(Frame("k", "K"), at("STATE"))

    drawing = draw(panel, {"by": summary(("2018-W02", "Ohio", 5))}, view=view)

    assert drawing.note == "Of the first week only a part is in this period."


def test_rows_that_a_field_has_no_room_for_are_counted():
    rows = [(f"S{at}", "Food", at) for at in range(1, 18)]

    drawing = draw(crossed_panel(Frame("k", "K"), "STATE", "CATEGORY"), {"both": summary(*rows)})

    assert len(drawing.figure["down"]) == 15
    assert drawing.note == "Drawn are the first 15 of 17."


def test_the_largest_series_are_shown_over_time():
    rows = [("2018-03-01", f"S{n}", n) for n in range(1, 9)]

    drawing = draw(series_panel(Frame("k", "K"), at("STATE")), {"by": summary(*rows)})

    names = [trace["name"] for trace in drawing.figure["data"]]
    assert names == ["S8", "S7", "S6", "S5", "S4", "S3"]


def test_shares_of_a_row_add_up_to_one():
    rows = [("Consumer", "Food", 3), ("Consumer", "Home", 1), ("Corporate", "Home", 2)]
    panel = crossed_panel(Frame("k", "K"), "SEGMENT", "CATEGORY", is_share=True)

    drawing = draw(panel, {"both": summary(*rows)})

    assert drawing.table.rows == [["Consumer", 0.75, 0.25], ["Corporate", 0.0, 1.0]]


def test_what_grew_comes_first_and_what_vanished_last():
    found = {
        "now": summary(("Food", 9), ("Home", 2)),
        "before": summary(("Food", 4), ("Home", 3), ("Toys", 7)),
    }

    drawing = draw(change_panel(Frame("k", "K"), "CATEGORY"), found)

    assert [row[0] for row in drawing.table.rows] == ["Food", "Home", "Toys"]
    assert [row[4] for row in drawing.table.rows] == [1.25, pytest.approx(-1 / 3), -1.0]


def test_changes_need_a_period_to_compare_with():
    alone = replace(VIEW, compared_with=None)

    drawing = draw(
        change_panel(Frame("k", "K"), "CATEGORY"), {"now": summary(("Food", 9))}, view=alone
    )

    assert drawing.is_empty


def test_the_week_has_seven_days_of_twenty_four_hours():
    drawing = draw(WEEK, {"fields": summary(("1", "9", 4), ("7", "23", 6))})

    fields = drawing.figure["values"]
    assert (len(fields), {len(row) for row in fields}) == (7, {24})
    assert (fields[0][9], fields[6][23]) == (4.0, 6.0)
    assert "Sunday at 23:00" in drawing.summary


def test_what_loses_money_is_marked_apart():
    rows = [
        Row((name,), (name,), figures(10, cost=cost, profit=10 - cost))
        for name, cost in [("Good", Decimal(4)), ("Bad", Decimal(12))]
    ]
    found = {"now": Summary(datetime.now(UTC), tuple(rows))}

    drawing = draw(discount_panel(Frame("k", "K"), "PRODUCT"), found)

    assert [trace["name"] for trace in drawing.figure["data"]] == ["Earns", "Loses"]
    assert drawing.summary.startswith("1 of 2 lose money; lowest margin: Bad")


@pytest.mark.parametrize(("count", "is_said"), [(2, False), (300, True)])
def test_that_only_the_largest_are_drawn_as_marks_is_said(count, is_said):
    known = figures(10, cost=Decimal(4), profit=Decimal(6))
    rows = tuple(Row((f"S{at}",), (f"S{at}",), known) for at in range(count))

    drawing = draw(
        discount_panel(Frame("k", "K"), "PRODUCT"), {"now": Summary(datetime.now(UTC), rows)}
    )

    assert ("Drawn are the 300 largest." in drawing.note) is is_said


def test_the_map_holds_every_step_so_that_time_moves_without_asking():
    found = {
        "now": summary(("Ohio", 5), (None, 2)),
        "frames": summary(("2018-03-02", "Ohio", 5)),
        "stores": summary(("BOI", 7)),
    }

    drawing = draw(AREAS, found)

    assert drawing.map["frames"]["values"] == {"Ohio": [0, 5.0, 0]}
    assert [area["drill"] for area in drawing.map["areas"]] == ["state=Ohio"]
    assert [(store["name"], store["value"]) for store in drawing.map["stores"]] == [("Boise", 7.0)]
    assert drawing.note.startswith("$2 went where")


def test_the_first_distributor_of_a_state_leads_there():
    rows = [("Ohio", "ACME", 5), ("Iowa", "BOLT", 4), ("Ohio", "BOLT", 3), ("Utah", "BOLT", 1)]
    view = replace(VIEW, choices={"by": "DISTRIBUTOR"})

    drawing = draw(AREAS, {"now": summary(*rows), "stores": summary()}, view=view)

    assert {area["id"]: area["group"] for area in drawing.map["areas"]} == {
        "Ohio": "ACME",
        "Iowa": "BOLT",
        "Utah": "BOLT",
    }
    assert drawing.map["groups"] == ["BOLT", "ACME"]
    assert drawing.summary == "BOLT leads in 2 of 3 states."


@pytest.mark.parametrize("panel", [TREND, AREAS, WEEK], ids=lambda panel: panel.key)
def test_nothing_sold_is_said_and_not_drawn(panel):
    none = Summary(datetime.now(UTC))

    drawing = draw(panel, dict.fromkeys(["now", "before", "fields", "stores"], none))

    assert drawing.is_empty
    assert drawing.figure is None


def test_sales_that_name_no_customer_are_left_out_of_a_ranking_of_customers():
    found = {"now": summary((None, 6), ("c1", 3), ("c2", 1))}

    ranked = draw(ranked_panel(Frame("k", "K"), at("CUSTOMER")), found)
    few = draw(contribution_panel(Frame("k", "K"), "CUSTOMER"), found)

    assert [bar["value"] for bar in ranked.figure["bars"]] == [3.0, 1.0]
    assert few.figure["total"] == 4.0
    assert "60.0%" in ranked.note
    assert "60.0%" in few.note


def test_what_is_bought_along_is_asked_for_once_something_is_chosen():
    (along,) = [panel for panel in products.PAGE.panels if panel.key == "attach"]
    chosen = replace(VIEW, filters={"sku": ("TEA",)})

    drawing = draw(along, {})

    assert (along.cuts(VIEW), drawing.is_empty) == ({}, True)
    assert list(along.cuts(chosen)) == ["answer"]


def test_a_loss_is_a_part_of_all_with_a_minus_and_no_hyphen():
    assert part_of(Decimal(-5), Decimal(100)) == " (\u22125.0% of all)"


def test_days_and_months_in_a_sentence_are_written_as_people_do():
    assert with_dates("from 2018-03-01 on, 2018-11 too; ABC-2018-030 stays") == (
        "from 1 Mar 2018 on, Nov 2018 too; ABC-2018-030 stays"
    )


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({}, "All days"),
        ({"from": "2018-03-01", "to": "2018-03-31"}, "1 Mar 2018 – 31 Mar 2018"),
        ({"from": "2018-03-01"}, "1 Mar 2018 – "),
    ],
)
def test_a_block_of_a_board_says_which_days_it_is_about(where, words):
    assert days_of(where) == words
