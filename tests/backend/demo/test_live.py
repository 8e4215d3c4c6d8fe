from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest
from graphql import parse, validate

from backend import schema
from backend.core.identifiers import Decoded, decode_scan
from backend.programs.demo.places import STORES, WEB_SHOP
from backend.programs.demo.retailer import retailer
from backend.programs.demo.shelves import Delivery, Dock, Shelves
from backend.programs.demo.shop import DOCUMENTS
from backend.programs.demo.shoppers import BUSY, QUIET, Shoppers
from backend.programs.demo.tags import TAG_DOCK, TAG_DOOR, TAG_FLOOR, TAG_TILL, Tags, has_tags
from backend.programs.demo.web_orders import MOST_WAITING, WebOrders

SHOP = retailer(1)
GOODS = {good.sku: good for good in SHOP.goods}
CASED = next(good for good in SHOP.goods if good.case_units)
SINGLE = next(good for good in SHOP.goods if not good.case_units)
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
NIGHT = datetime(2026, 11, 20, 8, tzinfo=UTC)


def shelves(level, good=CASED, place="NYC", speed=1.0):
    made = Shelves(Random(1), GOODS, speed)
    made.learn({(place, good.sku): level}, 0.0)
    return made


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_operation_fits_the_schema(document):
    assert validate(schema.build()._schema, parse(document)) == []


@pytest.mark.parametrize(("now", "stores"), [(NOON, 40), (NIGHT, 6)], ids=["noon", "night"])
def test_something_sells_at_any_hour_where_it_is_open(now, stores):
    shoppers = Shoppers(Random(1), SHOP, 1.0)

    bought = Counter(shoppers.purchase(now).store for _ in range(4000))

    assert QUIET <= shoppers.scans_per_second(now) <= BUSY
    assert len(bought) == stores


def test_two_hundred_times_the_speed_is_five_hundred_scans_a_second():
    assert Shoppers(Random(1), SHOP, 200.0).scans_per_second(NOON) > 450


def test_what_gets_low_is_delivered_once_and_in_time():
    stock = shelves(CASED.reorder_point + 1)

    stock.take("NYC", CASED, 1, 10.0)
    stock.take("NYC", CASED, 1, 11.0)

    assert list(stock.arrivals(60.0)) == []
    (delivery,) = stock.arrivals(10.0 + 8 * 60)
    assert delivery.units % CASED.case_units == 0
    assert delivery.units > CASED.reorder_point


def test_nobody_buys_what_is_not_there():
    stock = shelves(1)

    stock.take("NYC", CASED, 1, 0.0)

    assert not stock.has("NYC", CASED)


def test_goods_on_their_way_are_not_forgotten_when_levels_are_learnt_anew():
    stock = shelves(0)

    stock.learn({("NYC", CASED.sku): 0}, 5.0)

    assert len(list(stock.arrivals(1e6))) == 1


@pytest.mark.parametrize("good", [CASED, SINGLE], ids=["cases", "units"])
def test_the_codes_scanned_at_the_dock_count_for_what_was_delivered(good):
    (delivery,) = shelves(0, good).arrivals(1e6)
    dock = Dock()

    dock.unload(delivery)

    codes = [code for _, code in dock.next(10_000)]
    decoded = decode_scan(codes[0])
    assert isinstance(decoded, Decoded)
    assert decoded.gtin in (f"{good.case_gtin}", f"0{good.gtin}")
    assert len(codes) * (good.case_units or 1) == delivery.units


def test_orders_wait_in_a_queue_that_does_not_grow_without_end():
    orders = _web_orders()

    for _ in range(3 * MOST_WAITING):
        orders.order("TRACE", NOON, 0.0)

    assert len(orders.sales) == MOST_WAITING
    assert len({sale["idempotencyKey"] for sale in orders.sales}) == MOST_WAITING


def test_two_runs_never_share_a_key():
    first, second = _web_orders(), _web_orders()

    first.order("TRACE", NOON, 0.0)
    second.order("TRACE", NOON, 0.0)

    assert first.sales[0]["idempotencyKey"] != second.sales[0]["idempotencyKey"]


def test_what_comes_back_names_the_sale_it_was_bought_with():
    orders = _web_orders()
    for _ in range(MOST_WAITING):
        orders.order("ONLINE", NOON, 0.0)

    orders.give_back(list(orders.sales), NOON)

    keys = {sale["idempotencyKey"] for sale in orders.sales}
    assert orders.returns
    assert all(one["sale"] in keys and one["location"] == WEB_SHOP for one in orders.returns)


def _web_orders():
    rng = Random(1)
    stock = Shelves(rng, GOODS, 1.0)
    stock.learn({(WEB_SHOP, good.sku): 10_000 for good in SHOP.goods}, 0.0)
    return WebOrders(rng, Shoppers(rng, SHOP, 1.0), stock)


def test_six_stores_never_close():
    assert sum(store.all_night for store in STORES) == 6


TAGGED = next(good for good in SHOP.goods if has_tags("NYC", good))


def tags():
    return Tags(Random(1), SHOP.goods, 1.0)


def test_every_unit_of_a_delivery_passes_the_dock_with_a_tag_of_its_own():
    pieces = tags()

    pieces.unload(Delivery("NYC", TAGGED, 12), 0.0)

    readings = list(pieces.next(60.0, 0.0))
    assert {(place, point) for place, point, _ in readings} == {("NYC", TAG_DOCK)}
    codes = {decode_scan(code, "EPC") for _, _, code in readings}
    assert len(codes) == 12
    assert {code.gtin for code in codes if isinstance(code, Decoded)} == {f"0{TAGGED.gtin}"}


def test_a_piece_goes_from_the_till_out_of_the_door_and_is_bought_once():
    pieces = tags()
    pieces.learn([("NYC", f"0{TAGGED.gtin}", "7"), ("NYC", "00000000000000", "8")])

    assert pieces.buy("NYC", TAGGED, 0.0)
    assert not pieces.buy("NYC", TAGGED, 1.0)

    readings = list(pieces.next(60.0, 0.0))
    assert [point for _, point, _ in readings] == [TAG_TILL, TAG_DOOR]
    assert len({code for _, _, code in readings}) == 1


def test_most_of_what_leaves_unsold_is_settled_within_a_minute():
    pieces = tags()
    pieces.label({("NYC", TAGGED.sku): 2})

    readings = list(pieces.next(0.0, 3600.0))
    later = list(pieces.next(60.0, 0.0))

    assert {point for _, point, _ in readings} == {TAG_FLOOR, TAG_DOOR}
    assert later
    assert {point for _, point, _ in later} <= {TAG_FLOOR, TAG_TILL}
