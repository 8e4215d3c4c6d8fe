import random
from collections import defaultdict
from decimal import Decimal

import pytest

from backend.analytics import service as analytics
from backend.analytics.rollups.grains import Span
from backend.analytics.rules import Question, SalesDimension, SummaryOrder
from tests.backend.analytics import brute
from tests.backend.analytics.rollups.test_equal import roll_up
from tests.backend.analytics.test_summary import ids, random_filter
from tests.world import run_sql

D = SalesDimension
RANKED = [one for one in SummaryOrder if one is not SummaryOrder.KEY]


@pytest.mark.parametrize("is_rolled", [False, True], ids=["lines", "sums"])
async def test_the_first_of_a_ranking_are_the_first_of_all_groups(
    database, principal, owner_url, org_id, is_rolled
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=200)
    if is_rolled:
        await roll_up(database, owner_url, org_id, Span.MONTH)
        lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=20, at_once=4)
    dice = random.Random(7)

    async with database.work(principal, read_only=True) as work:
        for _ in range(60):
            question = _random_question(dice)
            criteria, _ = random_filter(dice, lines)
            found = await analytics.summarise(work, question, criteria)
            whole = await analytics.summarise(work, Question(question.group_by), criteria)

            assert found.totals == whole.totals
            _check(question, found.groups, whole.groups)


@pytest.mark.parametrize("is_rolled", [False, True], ids=["lines", "sums"])
async def test_of_what_a_place_never_sold_comes_first_what_sells_best_elsewhere(
    database, principal, owner_url, org_id, is_rolled
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=40)
    if is_rolled:
        await roll_up(database, owner_url, org_id, Span.YEAR)
        lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=5, at_once=1)
    archived = "update products set status = 'ARCHIVED' where sku = $1"
    await run_sql(owner_url, archived, shelf["products"][0][1])
    dice = random.Random(5)

    async with database.work(principal, read_only=True) as work:
        for place in (D.STATE, D.POSTAL_CODE, D.LOCATION, D.HOUR, D.CHANNEL, D.CUSTOMER):
            criteria, admits = random_filter(dice, lines)
            question = Question(
                (place, D.PRODUCT), SummaryOrder.UNITS, True, 2, (place,), both_ends=True
            )
            found, unsold = await analytics.with_unsold(work, question, criteria)

            skus = _best_first(shelf["products"], criteria, filter(admits, lines))
            sold = defaultdict(set)
            for line in filter(admits, lines):
                sold[line[place]].add(line["PRODUCT"])
            lacking = {key: [sku for sku in skus if sku not in of][:2] for key, of in sold.items()}
            assert {key: [one.id for one in keys] for key, keys in unsold.items()} == {
                key: some for key, some in lacking.items() if some
            }
            assert found == await analytics.summarise(work, question, criteria)


def _best_first(products, criteria, lines):
    """Return the SKUs of what is sold, then of what the criteria admit and is still offered."""
    units = defaultdict(Decimal)
    for line in lines:
        units[line["PRODUCT"]] += line["sign"] * line["quantity"]
    lists = (criteria.skus, criteria.categories, criteria.subcategories, criteria.distributors)
    admitted = [
        own[0]
        for n, (_, *own) in enumerate(products)
        if own[0] in units
        or (
            n > 0  # the first is archived
            and all(names is None or one in names for names, one in zip(lists, own, strict=True))
        )
    ]
    return sorted(admitted, key=lambda sku: (sku not in units, -units.get(sku, 0), sku))


def _random_question(dice):
    group_by = tuple(dice.sample(list(SalesDimension), dice.randint(1, 3)))
    within = tuple(dice.sample(group_by, dice.randint(0, len(group_by) - 1)))
    return Question(
        group_by,
        dice.choice(RANKED),
        dice.random() < 0.7,
        dice.randint(1, 4),
        within,
        both_ends=dice.random() < 0.4,
    )


def _check(question, kept, groups):
    """Compare with all groups; which of those that tie for the last place stays is open."""
    measures = {ids(one): one.measures for one in groups}
    assert all(measures[ids(one)] == one.measures for one in kept)
    assert len({ids(one) for one in kept}) == len(kept)
    of_all, of_kept = _parts(question, groups), _parts(question, kept)
    assert of_kept.keys() == of_all.keys()
    for part, values in of_all.items():
        first = [one for one in of_kept[part] if one.rank <= question.top]
        assert [_value(question, one) for one in first] == _ranked(question, values)
        if question.both_ends:
            last = sorted(of_kept[part], key=lambda one: one.low)[: question.top]
            assert [_value(question, one) for one in last] == _ranked(question, values, turned=True)


def _parts(question, groups):
    found = defaultdict(list)
    for one in groups:
        part = [one.keys[question.group_by.index(name)].id for name in question.top_within]
        found[tuple(part)].append(one)
    return found


def _value(question, group):
    return getattr(group.measures, question.order.value.lower())


def _ranked(question, groups, *, turned=False):
    """Return the first values; what is not known comes last."""
    values = [_value(question, one) for one in groups]
    known = sorted(
        (one for one in values if one is not None), reverse=question.descending != turned
    )
    unknown = [one for one in values if one is None]
    return [*known, *unknown][: question.top]
