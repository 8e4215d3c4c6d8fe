from decimal import Decimal
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, strategies as st

from backend.forecasting.rules import QUANTILES
from backend.replenishment.errors import InvalidServiceLevel, InvalidSupplyTerms
from backend.replenishment.suggesting import URGENCIES, Policy, Stock, Urgency, in_packs, plan
from backend.replenishment.terms import Origin, SupplyBook, SupplyKey, Terms, check_terms
from backend.replenishment.totals import (
    Totals,
    expected_served,
    expected_shortfall,
    totals_of_past,
)

ONE_A_DAY = totals_of_past(np.array([1.0]), np.array([0.0]), 28)


def stock(on_hand, committed=0, unavailable=0, incoming=0):
    return Stock(*(np.array([float(one)]) for one in (on_hand, committed, unavailable, incoming)))


def policy(lead=7, review=7, level=0.95, pack=1, minimum=1):
    days = np.array([lead]), np.array([review])
    return Policy(*days, *(np.array([float(one)]) for one in (level, pack, minimum)))


def test_an_order_lasts_until_the_one_after_it_arrives():
    found = plan(stock(14), policy(), ONE_A_DAY)

    assert found.points.expected.tolist() == [14]
    assert found.points.reorder_point.tolist() == [14]
    assert found.order_up_to.tolist() == [21]
    assert found.quantity.tolist() == [7]


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        (stock(15), 0),
        (stock(15, committed=2), 8),
        (stock(15, unavailable=2), 8),
        (stock(10, incoming=5), 0),
        (stock(-3), 21),
    ],
    ids=["above the point", "committed", "unavailable", "on its way", "oversold counts as none"],
)
def test_the_inventory_position_is_compared_with_the_reorder_point(held, wanted):
    found = plan(held, policy(), ONE_A_DAY)

    assert found.quantity.tolist() == [wanted]


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [(policy(pack=6), 12), (policy(minimum=10), 10), (policy(pack=4, minimum=10), 12)],
    ids=["packs", "minimum", "packs of the minimum"],
)
def test_orders_come_in_whole_packs_and_at_least_the_minimum(terms, wanted):
    found = plan(stock(14), terms, ONE_A_DAY)

    assert found.quantity.tolist() == [wanted]


@pytest.mark.parametrize(
    ("held", "urgency"),
    [
        (stock(0, incoming=50), Urgency.OUT_OF_STOCK),
        (stock(6), Urgency.LATE),
        (stock(6, incoming=3), Urgency.DUE),
        (stock(14), Urgency.DUE),
        (stock(21), Urgency.SOON),
        (stock(22), Urgency.ENOUGH),
    ],
    ids=str,
)
def test_urgency_says_what_happens_if_nobody_orders(held, urgency):
    found = plan(held, policy(), ONE_A_DAY)

    assert URGENCIES[found.urgency[0]] is urgency


def test_what_does_not_sell_is_not_ordered():
    nothing = totals_of_past(np.array([0.0]), np.array([0.0]), 28)

    found = plan(stock(0), policy(), nothing)

    assert found.quantity.tolist() == [0]
    assert URGENCIES[found.urgency[0]] is Urgency.ENOUGH
    assert np.isinf(plan(stock(1), policy(), nothing).days_left[0])


@pytest.mark.parametrize(("units", "days"), [(0, 0), (0.5, 0.5), (3, 3), (28, 28), (56, 56)])
def test_stock_lasts_as_long_as_demand_is_expected_to_take(units, days):
    assert ONE_A_DAY.days_until(np.array([float(units)])) == pytest.approx([days])


def test_beyond_what_is_forecast_the_mean_goes_on_and_its_spread_grows_with_the_root_of_time():
    totals = totals_of_past(np.array([4.0]), np.array([2.0]), 28)
    known, longer = totals_of_past(np.array([4.0]), np.array([2.0]), 112), np.array([112])

    mean, quantiles = totals.after(longer)

    exact_mean, exact = known.after(longer)
    assert mean == pytest.approx(exact_mean)
    assert quantiles == pytest.approx(exact)


def test_a_series_has_a_service_level_of_its_own():
    both = Totals(np.repeat(ONE_A_DAY.mean, 2, 0), np.repeat(ONE_A_DAY.quantiles, 2, 0))
    spread = both.quantiles + np.arange(len(QUANTILES), dtype=np.float32)
    wanted = Policy(
        np.array([1, 1]), np.array([1, 1]), np.array([0.5, 0.975]), np.ones(2), np.ones(2)
    )
    held = Stock(*(np.zeros(2) for _ in range(4)))

    found = plan(held, wanted, Totals(both.mean, spread))

    assert found.points.reorder_point.tolist() == [6, 10]


@given(
    st.lists(st.floats(0, 1000), min_size=len(QUANTILES), max_size=len(QUANTILES)),
    st.floats(0, 2000),
    st.floats(0, 100),
)
def test_what_is_served_and_what_is_not_add_up_to_the_demand(levels, units, more):
    quantiles = np.sort(np.array([levels]), axis=1)
    held = np.array([units])

    served, short = expected_served(quantiles, held), expected_shortfall(quantiles, held)

    everything = expected_shortfall(quantiles, np.zeros(1))
    assert served + short == pytest.approx(everything, abs=1e-6)
    assert served <= held + 1e-6
    assert expected_served(quantiles, held + more) >= served - 1e-6


def test_the_shortfall_of_even_demand_is_exact():
    even = np.array([[100.0 * level for level in QUANTILES]])

    found = expected_shortfall(even, np.array([60.0]))

    # (100 − 60)² ÷ 2 ÷ 100
    assert found == pytest.approx([8])


@given(st.floats(0, 1e6), st.sampled_from([1.0, 2.5, 12.0, 0.1]))
def test_packs_hold_what_is_wanted_and_not_a_pack_more(units, pack):
    (found,) = in_packs(np.array([units]), np.array([pack]))

    assert found >= units - 1e-5 * pack
    assert found < units + pack * (1 + 1e-5)


DISTRIBUTOR, PRODUCT, PLACE = (UUID(int=n) for n in (1, 2, 3))


def test_the_narrower_part_of_the_business_counts_before_the_wider_one():
    book = SupplyBook(
        {
            SupplyKey(): Terms(lead_time_days=9, minimum=Decimal(5), cover_days=30),
            SupplyKey(location_id=PLACE): Terms(cover_days=40),
            SupplyKey(distributor_id=DISTRIBUTOR): Terms(lead_time_days=4),
            SupplyKey(product_id=PRODUCT): Terms(lead_time_days=3, pack_size=Decimal(6)),
            SupplyKey(product_id=PRODUCT, location_id=PLACE): Terms(lead_time_days=2),
        }
    )

    found = book.supply(DISTRIBUTOR, PRODUCT, PLACE, Decimal(12))

    assert (found.lead_time.value, found.lead_time.origin) == (2, Origin.PRODUCT_AT_LOCATION)
    assert (found.pack_size.value, found.pack_size.origin) == (6, Origin.PRODUCT)
    assert (found.cover.value, found.cover.origin) == (40, Origin.LOCATION)
    assert (found.minimum.value, found.minimum.origin) == (5, Origin.ORGANISATION)
    assert (found.review.value, found.review.origin) == (7, Origin.DEFAULT)
    elsewhere = book.supply(DISTRIBUTOR, UUID(int=9), UUID(int=9), Decimal(12))
    assert (elsewhere.lead_time.value, elsewhere.lead_time.origin) == (4, Origin.DISTRIBUTOR)
    assert (elsewhere.pack_size.value, elsewhere.pack_size.origin) == (12, Origin.CATALOGUE)


def test_what_is_asked_for_counts_before_all_that_is_settled():
    key = SupplyKey(product_id=PRODUCT, location_id=PLACE)
    book = SupplyBook({key: Terms(lead_time_days=2)}, Terms(lead_time_days=20))

    found = book.supply(None, PRODUCT, PLACE, None)

    assert (found.lead_time.value, found.lead_time.origin) == (20, Origin.REQUEST)


@pytest.mark.parametrize(
    ("terms", "error", "field"),
    [
        (Terms(lead_time_days=0), InvalidSupplyTerms, "leadTimeDays"),
        (Terms(lead_time_days=92), InvalidSupplyTerms, "leadTimeDays"),
        (Terms(review_days=29), InvalidSupplyTerms, "reviewDays"),
        (Terms(cover_days=366), InvalidSupplyTerms, "coverDays"),
        (Terms(pack_size=Decimal(0)), InvalidSupplyTerms, "packSize"),
        (Terms(minimum=Decimal("NaN")), InvalidSupplyTerms, "minimum"),
        (Terms(service_level=Decimal("0.49")), InvalidServiceLevel, "serviceLevel"),
        (Terms(service_level=Decimal("0.98")), InvalidServiceLevel, "serviceLevel"),
        (Terms(service_level=Decimal("Infinity")), InvalidServiceLevel, "serviceLevel"),
    ],
    ids=str,
)
def test_terms_that_cannot_be_are_refused_with_their_field(terms, error, field):
    with pytest.raises(error) as raised:
        check_terms(terms, ["input"])

    assert raised.value.field == ["input", field]
    assert check_terms(Terms(), []) == Terms()
