"""What a page is answered; its route is called directly."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dashboard import answers, sessions
from dashboard.analysis.answer import answer
from dashboard.analysis.choices import DAYS_KEPT_S, KEPT_S, LONGEST_S, Shelf
from dashboard.client import BackendClient, Refused, Tokens
from dashboard.pages import products, profit, sales
from dashboard.pages.analysis_page import Asked
from dashboard.people import Person
from dashboard.sessions import Session
from tests.dashboard.analysis.answers import Adder

SALES = [panel.key for panel in sales.PAGE.panels]


@pytest.fixture
def backend():
    return Adder()


@pytest.fixture
def as_person(dashboard_settings, backend):
    """`as_person(scopes…)` lets the test act as somebody who signed in."""

    def enter(*scopes):
        client = BackendClient(dashboard_settings, transport=backend)
        session = Session(client, Tokens("a", "r", client.clock(), client.clock() + 600))
        session.person = Person(id="1", role="OWNER", scopes=frozenset(scopes))
        sessions.enter(session)

    return enter


class Clock:
    """Tells the seconds that a test sets."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def asked(*panels, search=""):
    return Asked(panels, search)


async def answer_to(page, question, status=200):
    response = await answers.answer_to(page, question)
    assert response.status_code == status
    return json.loads(bytes(response.body))


async def test_all_panels_of_a_page_are_one_request(as_person, backend):
    as_person("admin")

    shown = await answer_to(sales.PAGE, asked(*SALES))

    assert len(backend.asked) == 1
    assert set(shown["panels"]) == set(SALES)
    assert shown["asOf"] == "2018-03-05T12:00:00+00:00"


async def test_only_what_is_on_screen_is_asked_for(as_person, backend):
    as_person("admin")

    shown = await answer_to(sales.PAGE, asked("totals"))

    assert set(shown["panels"]) == {"totals"}
    assert backend.asked[0]["query"].count(": salesSummary(") == 2


async def test_equal_summaries_of_different_panels_are_asked_for_once(as_person, backend):
    as_person("admin")

    await answer_to(sales.PAGE, asked("totals", "totals", "top-products", "products"))

    questions = [key for key in backend.asked[0]["variables"] if key.endswith("_groupBy")]
    assert len(questions) == 3


async def test_a_list_and_a_longer_one_of_the_same_are_one_question(as_person, backend):
    as_person("admin")
    backend.rows = 40

    shown = await answer_to(sales.PAGE, asked("top-products", "products"))

    tops = [one for key, one in backend.asked[0]["variables"].items() if key.endswith("_top")]
    rows = {key: len(panel["table"]["rows"]) for key, panel in shown["panels"].items()}
    assert tops.count(None) == 0
    assert len(tops) == 1
    assert rows["top-products"] < rows["products"] == 40


async def test_what_an_analysis_knows_nothing_of_is_not_asked(as_person, backend):
    as_person("admin")
    region = asked("best", "weeks", search="?region=East&category=Food")

    shown = await answer_to(products.PAGE, region)

    weeks = shown["panels"]["weeks"]
    assert (weeks["state"], shown["panels"]["best"]["state"]) == ("hidden", "live")
    assert weeks["text"] == (
        "Weeks of supply cannot be filtered by region: leave that out to see it."
    )
    assert len(backend.asked) == 1
    assert "WEEKS_OF_SUPPLY" not in backend.asked[0]["variables"].values()


async def test_one_refused_panel_does_not_take_the_others_along(as_person, backend):
    as_person("admin")
    backend.refused = {"PRODUCT": "TOO_MANY_GROUPS"}

    shown = await answer_to(sales.PAGE, asked(*SALES))

    states = {key: panel["state"] for key, panel in shown["panels"].items()}
    assert states["products"] == states["top-products"] == "error"
    assert states["totals"] == states["trend"] == "live"
    assert len(backend.asked) == 2  # all, without these two, which ask the same


async def test_what_is_too_much_at_once_is_asked_for_panel_by_panel(as_person, backend):
    as_person("admin")
    backend.most = 2

    shown = await answer_to(sales.PAGE, asked(*SALES))

    assert {panel["state"] for panel in shown["panels"].values()} == {"live"}
    assert len(backend.asked) == 1 + len(SALES)


@pytest.mark.parametrize("code", ["THROTTLED", "SUMMARIES_BUSY"])
async def test_a_backend_without_room_is_not_asked_for_more(as_person, backend, code):
    as_person("admin")
    backend.refused = {"PRODUCT": code}

    shown = await answer_to(sales.PAGE, asked(*SALES), 503)

    assert shown["code"] == code
    assert len(backend.asked) == 1


async def test_an_address_without_sense_costs_the_backend_nothing(as_person, backend):
    as_person("admin")

    shown = await answer_to(sales.PAGE, asked(*SALES, search="?measure=glory"), 400)

    assert shown["code"] == "BAD_VIEW"
    assert "glory" in shown["message"]
    assert backend.asked == []


async def test_profit_is_neither_asked_for_nor_shown_without_the_right(as_person, backend):
    as_person("sales:read")

    shown = await answer_to(profit.PAGE, asked("items", "bands"))

    assert {panel["state"] for panel in shown["panels"].values()} == {"hidden"}
    assert backend.asked == []


async def test_filters_reach_every_summary(as_person, backend):
    as_person("admin")

    await answer_to(sales.PAGE, asked(*SALES, search="?category=Food&from=2018-03-01"))

    filters = [one for key, one in backend.asked[0]["variables"].items() if key.endswith("_filter")]
    assert filters
    assert all(one["categories"] == ["Food"] for one in filters)


async def test_the_calendar_and_the_stores_that_are_chosen_reach_every_summary(as_person, backend):
    as_person("admin")
    search = "?from=2018-03-01&to=2018-03-31&calendar=business&stores=alike"

    await answer_to(sales.PAGE, asked(*SALES, search=search + "&measure=units"))

    variables = backend.asked[0]["variables"]
    alike = {
        variables[key.replace("_groupBy", "_filter")]["from"]: one
        for key in variables
        if key.endswith("_groupBy")
        for one in [variables[key.replace("_groupBy", "_likeForLike")]]
    }
    assert alike == {
        "2018-03-01": {"from": "2018-02-01", "to": "2018-02-28"},
        "2018-02-01": {"from": "2018-03-01", "to": "2018-03-31"},
    }


async def test_weeks_are_those_of_the_business_where_they_are_chosen(as_person, backend):
    as_person("admin")

    await answer_to(
        sales.PAGE, asked("trend", search="?from=2017-04-01&to=2018-03-31&calendar=business")
    )

    by = [one for key, one in backend.asked[0]["variables"].items() if key.endswith("_groupBy")]
    assert by == [["FISCAL_WEEK"], ["FISCAL_WEEK"]]


async def test_a_change_against_a_part_of_a_period_has_words_and_no_percentage(as_person, backend):
    as_person("admin")

    shown = await answer_to(sales.PAGE, asked("totals", search="?from=2018-03-04&to=2018-03-07"))

    figures = shown["panels"]["totals"]["keyFigures"]
    assert {one["gap"] for one in figures} == {"3 of 4 days have data"}
    assert shown["view"]["gap"] == "3 of 4 days have data"


async def test_a_period_that_was_just_imported_is_compared_with_at_once(as_person, backend, clock):
    as_person("admin")
    shelf, session = Shelf(clock), sessions.current()
    await shelf.retailer(session, datetime.now(UTC))
    backend.recorded_from = "2017-01-01"
    clock.now = 20.0

    search = "?from=2018-01-03&to=2018-01-05"
    shown = await answer(sales.PAGE.panels[:1], session, search, shelf=shelf)

    assert shown["view"]["gap"] == ""


async def test_choices_are_looked_up_again_while_the_page_is_answered(as_person, backend, clock):
    as_person("admin")
    shelf, session = Shelf(clock), sessions.current()
    now = datetime.now(UTC)
    before = await shelf.retailer(session, now)
    backend.name = "Corner and Sons"

    clock.now = KEPT_S
    meanwhile = await shelf.retailer(session, now)
    async with asyncio.timeout(60):
        while (after := await shelf.retailer(session, now)) is meanwhile:
            await asyncio.sleep(0.01)

    assert meanwhile is before
    assert (before.name, after.name) == ("Corner", "Corner and Sons")
    assert backend.choices_asked == 2


async def test_choices_nobody_could_look_up_are_tried_again(as_person, backend, clock):
    as_person("admin")
    shelf, session = Shelf(clock), sessions.current()
    now = datetime.now(UTC)
    before = await shelf.retailer(session, now)
    backend.has_choices = False

    clock.now = KEPT_S
    async with asyncio.timeout(60):
        while backend.choices_asked < 3:
            assert await shelf.retailer(session, now) is before
            await asyncio.sleep(0.01)

    clock.now = LONGEST_S
    with pytest.raises(Refused):
        await shelf.retailer(session, now)


async def test_of_all_time_the_days_with_sales_are_those_of_now(as_person, backend, clock):
    as_person("admin")
    shelf, session = Shelf(clock), sessions.current()
    await answer(sales.PAGE.panels[:1], session, "?period=all", shelf=shelf)
    backend.recorded_from = "2017-01-01"

    clock.now = DAYS_KEPT_S
    shown = await answer(sales.PAGE.panels[:1], session, "?period=all", shelf=shelf)

    assert shown["view"]["from"] == "2017-01-01"
    assert backend.choices_asked == 1


@pytest.mark.parametrize(
    ("kept_from", "said"),
    [
        (None, ""),
        ("2018-02-01", ""),
        ("2018-03-05", "sales before 5 Mar 2018 are kept as sums only"),
    ],
)
async def test_a_page_says_which_of_its_sales_are_kept_as_sums_only(
    as_person, backend, kept_from, said
):
    as_person("admin")
    backend.kept_from = kept_from

    shown = await answer_to(sales.PAGE, asked("totals", search="?from=2018-03-04&to=2018-03-07"))

    assert shown["view"]["sumsOnly"] == said


async def test_a_panel_that_cannot_be_drawn_is_logged_and_takes_no_other_along(
    as_person, backend, caplog
):
    def fail(*_):
        raise KeyError("figure")

    as_person("admin")
    broken = replace(sales.PAGE.panels[1], draw=fail)
    page = replace(sales.PAGE, panels=(sales.PAGE.panels[0], broken))

    shown = await answer_to(page, asked("totals", broken.key))

    states = [panel["state"] for panel in shown["panels"].values()]
    assert states == ["live", "error"]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_a_page_that_fails_says_so_and_is_logged_once(as_person, caplog):
    def fail(_):
        raise KeyError("cut")

    as_person("admin")
    page = replace(sales.PAGE, panels=(replace(sales.PAGE.panels[0], cuts=fail),))

    shown = await answer_to(page, asked("totals"), 500)

    assert shown["code"] == "UNEXPECTED"
    assert [record.levelname for record in caplog.records] == ["ERROR"]
