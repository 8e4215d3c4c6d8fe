import pytest

from backend.analytics.rollups.choosing import ALWAYS, cells, choose
from backend.analytics.rollups.grains import BY_NO, Column, Span, kept_spans

CHAIN = {
    Column.HOUR: 13,
    Column.LOCATION: 40,
    Column.PLACE: 540,
    Column.AREA: 49,
    Column.MIX: 24,
    Column.CUSTOMER: 40_000,
    Column.SELLER: 160,
    Column.PRODUCT: 2_000,
    Column.NODE: 50,
    Column.CATEGORY: 10,
    Column.DISTRIBUTOR: 20,
    Column.BAND: 7,
}


def finest(lines_a_day):
    chosen = choose(CHAIN, lines_a_day)
    return {BY_NO[no].columns: span for no, span in chosen.items()}


def test_a_shop_with_few_lines_keeps_few_sums():
    chosen = finest(30)

    assert chosen[()] is chosen[Column.LOCATION,] is Span.DAY
    assert (Column.LOCATION, Column.PRODUCT) not in chosen
    assert chosen[Column.CATEGORY,] is Span.MONTH


def test_the_more_lines_a_day_the_finer_the_sums():
    few, many = finest(700), finest(70_000)

    assert few.keys() <= many.keys()
    assert all(many[columns] <= span for columns, span in few.items())
    assert many[Column.MIX, Column.AREA] is Span.DAY
    assert few[Column.MIX, Column.AREA] > Span.DAY


@pytest.mark.parametrize("lines_a_day", [1, 30, 700, 7_000, 70_000])
def test_the_cells_of_all_kept_grains_are_no_more_than_a_few_for_each_line(lines_a_day):
    year = 365 * lines_a_day

    every = 0
    for no, span in choose(CHAIN, lines_a_day).items():
        for one in kept_spans(span) if no not in ALWAYS else ():
            times = {Span.DAY: 365, Span.THIRD: 36, Span.MONTH: 12, Span.YEAR: 1}[one]
            every += times * cells(BY_NO[no], CHAIN, year / times)

    assert every / year < 2.7


def test_pairs_of_filters_are_kept_by_day_where_they_are_few_beside_the_lines():
    chosen = finest(6_700)

    assert chosen[Column.MIX, Column.NODE] is chosen[Column.MIX, Column.AREA] is Span.DAY
    assert chosen[Column.NODE, Column.AREA] is chosen[Column.MIX, Column.SELLER] is Span.MONTH
    assert chosen[Column.MIX, Column.PRODUCT] is Span.YEAR
    assert (Column.SELLER, Column.PRODUCT) not in chosen


def test_few_lines_fall_into_a_cell_each_and_many_into_all_there_are():
    grain = BY_NO[16]

    assert cells(grain, CHAIN, 10) == pytest.approx(10, rel=0.01)
    assert cells(grain, CHAIN, 1_000_000) == pytest.approx(24 * 49)
