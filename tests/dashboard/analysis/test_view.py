"""The view that the address of a page asks for."""

from datetime import date

import pytest

from dashboard.analysis.periods import Span
from dashboard.analysis.view import MOST_VALUES, BadView, parse

TODAY = date(2018, 3, 5)
KNOWN = Span(date(2016, 1, 3), date(2018, 3, 4))


def view_of(search):
    return parse(search, today=TODAY, known=KNOWN)


def test_an_address_without_a_query_shows_the_last_twelve_months_and_those_before():
    view = view_of("")

    assert view.span == Span(date(2017, 3, 6), TODAY)
    assert view.compared_with == Span(date(2016, 3, 6), date(2017, 3, 5))
    assert view.measure == "netSales"


def test_filters_become_those_of_the_api_with_all_their_values():
    view = view_of("?category=Food&category=Home+%26+garden&channel=ONLINE&from=2018-01-01")

    assert view.sales_filter() == {
        "from": "2018-01-01",
        "to": "2018-03-04",
        "categories": ["Food", "Home & garden"],
        "channels": ["ONLINE"],
    }


def test_all_time_is_compared_with_nothing():
    assert view_of("?period=all&compare=previous").compared_with is None


def test_one_value_of_a_filter_is_what_a_page_drilled_into():
    view = view_of("?category=Food&state=Ohio&state=Iowa")

    assert (view.only("category"), view.only("state"), view.only("sku")) == ("Food", None, None)


@pytest.mark.parametrize(
    ("search", "moment"),
    [
        ("", "2018-03-05T00:00:00+09:00"),
        ("?since=week", "2018-02-26T00:00:00+09:00"),
        ("?since=2017-12-31", "2017-12-31T00:00:00+09:00"),
    ],
)
def test_changes_are_marked_from_the_beginning_of_a_day_on(search, moment):
    view = parse(search, today=TODAY, known=KNOWN, timezone="Asia/Tokyo")

    assert view.restated_since == moment


@pytest.mark.parametrize(
    "search",
    [
        "?period=fortnight",
        "?measure=glory",
        "?compare=dreams",
        "?channel=PIGEON",
        "?from=2018-03-05&to=2018-03-04",
        "?from=yesterday&to=2018-03-04",
        "?from=1018-01-01&to=2018-01-01",
        "?since=once",
        "?category=" + "x" * 201,
        "?" + "&".join(f"sku={n}" for n in range(MOST_VALUES + 1)),
    ],
)
def test_what_no_page_can_show_is_refused_in_words(search):
    with pytest.raises(BadView):
        view_of(search)


def test_names_that_are_no_filter_are_left_alone():
    assert view_of("?utm_source=mail").filters == {}


@pytest.mark.parametrize(
    ("search", "gap"),
    [
        ("?from=2016-02-01&to=2016-02-29", "29 of 31 days have data"),
        ("?from=2017-01-01&to=2017-12-31&compare=year", ""),
        ("?from=2016-01-03&to=2016-01-20", "no data then"),
        ("?from=2017-06-01&to=2017-06-30", ""),
        ("?from=2017-06-01&to=2017-06-30&compare=none", ""),
        ("?period=today", "a whole day; today goes on"),
    ],
)
def test_a_period_compared_with_that_has_not_all_its_data_says_so(search, gap):
    assert view_of(search).gap == gap


@pytest.mark.parametrize(
    ("search", "gap"),
    [
        ("?from=2018-01-01&to=2018-12-31&compare=year", "61 of 365 days have data"),
        ("?from=2017-01-01&to=2017-12-31&compare=year", "now only 61 of 365 days have data"),
        ("?from=2017-06-01&to=2017-06-30", "no data then"),
        ("?from=2017-12-01&to=2017-12-31", ""),
    ],
)
def test_years_that_were_imported_with_gaps_are_no_measure(search, gap):
    recorded = (
        Span(date(2016, 1, 1), date(2016, 12, 31)),
        Span(date(2017, 11, 1), date(2018, 12, 31)),
    )

    view = parse(search, today=date(2018, 12, 31), known=recorded)

    assert view.gap == gap


def test_like_for_like_needs_something_to_be_alike_with():
    assert view_of("?stores=alike").is_alike
    assert not view_of("?stores=alike&compare=none").is_alike
