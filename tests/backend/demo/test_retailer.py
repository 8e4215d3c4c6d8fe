from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest

from backend.core.identifiers import Gtin
from backend.programs.demo.goods import PREFIX
from backend.programs.demo.history import History
from backend.programs.demo.pace import SHIPPED_ORDERS
from backend.programs.demo.places import DISTRIBUTORS, STORES
from backend.programs.demo.retailer import retailer
from backend.programs.demo.shoppers import OPENING, OPENING_S, Shoppers
from backend.programs.demo.supply import Supply

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
SHOP = retailer(1)


@pytest.fixture(scope="module")
def history():
    return History(SHOP, NOW)


@pytest.fixture(scope="module")
def orders(history):
    return list(history.orders())


def test_a_seed_makes_the_same_retailer_and_the_same_past_each_time():
    span = timedelta(days=3)

    first, second = (list(History(retailer(7), NOW, span).orders()) for _ in range(2))

    assert retailer(7) == retailer(7)
    assert first == second
    assert retailer(7) != retailer(8)


def test_every_code_is_a_gtin_that_no_company_can_own():
    codes = [code for good in SHOP.goods for code in (good.gtin, good.case_gtin)]

    assert all(Gtin(code)[1:4] == PREFIX for code in codes)
    assert len(set(codes)) == 1200


def test_the_range_is_wide_and_earns_money():
    categories = {good.group.category for good in SHOP.goods}
    margins = [1 - good.cost / good.price for good in SHOP.goods]

    assert len(SHOP.goods) == len({good.name for good in SHOP.goods}) == 600
    assert 8 <= len(categories) <= 10
    assert all(0.2 < margin < 0.75 for margin in margins)


def test_forty_stores_stand_in_the_united_states_and_know_their_time():
    assert len({store.code for store in STORES}) == 40
    assert len(DISTRIBUTORS) == 4
    for store in STORES:
        assert 24 < store.latitude < 49
        assert -125 < store.longitude < -66
        assert len(store.postal_code) == 5
        assert ZoneInfo(store.timezone)


def test_the_past_lasts_fourteen_months_and_ends_now(orders):
    times = sorted(order.sold_at for order in orders)

    assert NOW - timedelta(days=428) < times[0] < NOW - timedelta(days=425)
    assert NOW - timedelta(hours=1) < times[-1] < NOW
    assert max(later - earlier for earlier, later in pairwise(times)) < timedelta(hours=12)


def test_stores_sell_while_they_are_open_only(orders):
    by_code = {store.code: store for store in STORES if not store.all_night}

    hours = {
        order.sold_at.astimezone(ZoneInfo(by_code[order.place].timezone)).hour
        for order in orders
        if order.place in by_code and not order.is_return
    }

    assert (min(hours), max(hours)) == (8, 21)


def test_weekends_december_and_promotions_sell_more(orders):
    by_weekday = Counter(order.sold_at.weekday() for order in orders if order.place == "NYC")
    by_month = Counter((order.sold_at.year, order.sold_at.month) for order in orders)
    toys = [
        line.discount / (line.unit_price * line.units)
        for order in orders
        for line in order.lines
        if order.ship_to and not order.is_return and line.good.group.category == "Toys"
        if order.sold_at.date().isoformat() == "2025-12-13"
    ]

    assert by_weekday[5] > 1.3 * by_weekday[1]
    assert by_month[2025, 12] > 1.4 * by_month[2026, 2]
    assert toys
    assert all(abs(rate - 3 / 20) < 0.01 for rate in map(float, toys))


def test_promotions_are_known_ahead(history):
    assert [one for one in history.promotions if one.starts_on > history.today]


def test_the_present_sells_as_much_as_the_last_weeks_of_the_past(orders):
    since = NOW - timedelta(weeks=3)
    recent = [one for one in orders if one.sold_at >= since and not one.is_return]
    scanned = sum(not one.ship_to for one in recent)

    shoppers = Shoppers(Random(1), SHOP, None)
    shoppers.scans_per_second(since - timedelta(days=1))
    hours = [since + timedelta(hours=hour, minutes=30) for hour in range(3 * 7 * 24)]
    scans = sum(3600 * shoppers.scans_per_second(hour) for hour in hours)
    shipped = sum(sum(shoppers.orders_per_second(hour).values()) for hour in hours) * 3600

    assert scanned > 7_000
    assert abs(scans / scanned - 1) < 0.05
    assert abs(shipped / (len(recent) - scanned) - 1) < 0.1


def test_a_start_is_lively_for_some_minutes_and_then_as_calm_as_the_past():
    shoppers = Shoppers(Random(1), SHOP, None)

    first = shoppers.scans_per_second(NOW)
    later = shoppers.scans_per_second(NOW + timedelta(minutes=20))

    assert first > 0.3
    assert 0.005 < later < 0.05
    assert OPENING * OPENING_S <= 60


def test_a_sale_of_the_past_looks_as_one_of_the_present_does(orders):
    in_store = [order for order in orders if not order.ship_to]

    assert all(line.discount == round(line.discount, 2) for one in orders for line in one.lines)
    assert {len(order.lines) for order in in_store} == {1}
    assert {line.units for order in in_store for line in order.lines} == {1}
    assert not any(order.is_return or order.customer for order in in_store)
    origins = {"TRACE" if order.distributor else order.channel for order in orders}
    assert origins == {"IN_STORE", *SHIPPED_ORDERS}


def test_no_level_ever_falls_below_nothing_and_few_end_low(history, orders):
    supply = Supply(SHOP, orders, history.opened_at, NOW)
    moves = [(one.received_at, 0, (one.place, one.good), one.units) for one in supply.receipts]
    for order in orders:
        sign = 1 if order.is_return else -1
        if order.distributor is None:
            moves += [
                (order.sold_at, 1, (order.place, x.good), sign * x.units) for x in order.lines
            ]

    levels: Counter = Counter()
    for _, _, key, units in sorted(moves, key=lambda move: move[:2]):
        levels[key] += units
        assert levels[key] >= 0

    low = [key for key, level in levels.items() if level <= key[1].reorder_point]
    assert 40 <= len(low) <= 50
    assert all(levels[one.place, one.good] < one.units for one in supply.excesses)
