"""What is bought together: from facts and from lines as counted order by order."""

import random
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest

from backend.analytics import service as analytics
from backend.analytics.rollups import keeping
from backend.analytics.rollups.grains import Span
from backend.analytics.rollups.standing import Standing
from backend.analytics.rules import SalesDimension as D
from backend.core.scopes import Scope
from backend.sales.filters import SalesCriteria
from tests.backend.analytics import brute
from tests.backend.analytics.rollups.test_equal import MOVES, roll_up
from tests.world import principal_with, run_sql

NAMED = ("categories", "subcategories", "skus")
OF_LINES = (*NAMED, "distributors")
BY = (D.PRODUCT, D.PRODUCT, D.SUBCATEGORY, D.CATEGORY)


@pytest.mark.parametrize("finest", list(Span))
async def test_orders_are_counted_by_what_else_is_in_them(
    database, principal, owner_url, org_id, finest
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=250)
    await roll_up(database, owner_url, org_id, finest)
    lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=150, at_once=7)
    while not await keeping.step(database, org_id):  # so few that no grain holds them
        pass
    lines += await brute.sell(owner_url, org_id, shelf, seed=3, sales=40, at_once=4)

    assert await check(database, principal, lines, turns=90, seed=finest) > 20


async def test_products_that_move_take_what_they_were_bought_with_along(
    database, principal, owner_url, org_id
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=200)
    await roll_up(database, owner_url, org_id, Span.YEAR)

    for change in MOVES:
        await run_sql(owner_url, change)
        await compare_with_lines(database, principal, lines)
        await keeping.catch_up(database, org_id)
        await compare_with_lines(database, principal, lines)


async def test_who_is_limited_counts_the_orders_it_may_see(database, owner_url, org_id):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=150)
    await roll_up(database, owner_url, org_id, Span.MONTH)
    lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=30, at_once=3)
    place, code, *_ = shelf["locations"][0]
    scopes = (Scope.SALES_READ, Scope.ANALYTICS_READ)
    narrow = principal_with(org_id, *scopes, locations=[place])
    acme = principal_with(org_id, *scopes, partner=shelf["distributors"][0][0])

    there = [line for line in lines if line["LOCATION"] == code]
    assert await check(database, narrow, there, turns=30) > 5
    sold = [line for line in lines if line["sold_for"] == "acme"]
    assert await check(database, acme, sold, turns=30) > 5


async def check(database, principal, lines, *, turns, seed=5, others=2):
    """Compare counts with those made order by order; return how many there were at all."""
    dice = random.Random(seed)
    counted = 0
    async with database.work(principal, read_only=True) as work:
        for _ in range(turns):
            by = dice.choice(BY)
            criteria, admits, is_named = narrow(dice, lines, dice.randint(0, others))
            found = await analytics.orders_along(work, by, criteria)

            got = {key.id: count for key, count in found}
            assert got == by_hand(lines, by, admits, is_named), (by, criteria)
            assert list(got.values()) == sorted(got.values(), reverse=True)
            counted += bool(got)
    return counted


async def compare_with_lines(database, principal, lines):
    """Compare counts with the statement over the lines of the same snapshot."""
    dice = random.Random(3)
    async with database.work(principal, read_only=True) as work:
        for _ in range(25):
            by = dice.choice(BY)
            criteria, *_ = narrow(dice, lines, dice.randint(0, 1))
            found = await analytics.orders_along(work, by, criteria)

            plain = await analytics.answer_along(work, by, criteria, Standing())
            assert dict(found) == dict(plain), (by, criteria)


def narrow(dice, lines, others):
    """Return criteria that some line meets, and whether a line meets them, and what they name."""
    first = dice.choice(lines)
    rest = [name for name in brute.FILTERS if name not in NAMED]
    names = [dice.choice(NAMED), *dice.sample(rest, others)]
    wanted: dict[str, Any] = {
        name: frozenset(
            str(one[brute.FILTERS[name]])
            for one in (first, *dice.sample(lines, dice.choice((0, 0, 1))))
            if one[brute.FILTERS[name]] is not None
        )
        for name in names
    }
    since, until = None, None
    if dice.random() < 0.5:
        since = first["day"] - timedelta(days=dice.randrange(300))
        until = first["day"] + timedelta(days=dice.randrange(300))

    def meets(line, names):
        return all(str(line[brute.FILTERS[name]]) in wanted[name] for name in names)

    def admits(line):
        return meets(line, names) and (since is None or since <= line["day"] <= until)

    of_lines = [name for name in names if name in OF_LINES]
    criteria = SalesCriteria(first_day=since, last_day=until, **wanted)
    return criteria, admits, lambda line: meets(line, of_lines)


def by_hand(lines, by, admits, is_named):
    """Return the orders of each, of those with a line that is admitted and another not named."""
    orders = {line["sale"] for line in lines if line["kind"] == "SALE" and admits(line)}
    found = defaultdict(set)
    for line in lines:
        if line["sale"] in orders and not is_named(line):
            found[line[by]].add(line["sale"])
    return {key: len(sales) for key, sales in found.items()}
