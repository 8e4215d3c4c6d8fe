"""Verbs of analytics."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final

from backend.analytics import running, statements
from backend.analytics.columns import handing, naming
from backend.analytics.columns.asked import Wanted
from backend.analytics.columns.asking import order_sums
from backend.analytics.dimensions import NOT_SAID
from backend.analytics.errors import TooManyGroups
from backend.analytics.planned import (
    ALL,
    answered,
    begun,
    check_kept,
    looked_up,
    with_numbers,
    within_kept,
)
from backend.analytics.rollups import standing as rollups, together
from backend.analytics.rollups.planning import FISCAL, TIMES, Plan, likely_groups, plan_along
from backend.analytics.rollups.standing import Standing
from backend.analytics.rules import (
    MOST_GROUPS,
    Group,
    Key,
    Measures,
    Question,
    SalesDimension,
    Summary,
    SummaryOrder,
    Trace,
    Values,
)
from backend.core.principal import Principal
from backend.infra.work import Work, both
from backend.sales.filters import SalesCriteria


async def summarise(
    work: Work, question: Question, criteria: SalesCriteria, *, most: int = MOST_GROUPS
) -> Summary:
    """Answer a question about the sales that meet the criteria, as of this unit of work.

    With `most` groups or fewer. From roll-ups and what they do not have yet, else from the lines;
    the figures are the same.

    Raises:
        TooManyGroups: more rows than an answer may have.
        SummaryTooSlow: it takes longer than one statement may.
        SummariesBusy: it is large, and enough large ones are being answered.
        SalesNotKept: it needs single sales of days before which none are kept.
        MissingScope: sorted by cost or profit by one who may not know them.
    """
    question, criteria, standing = await begun(work, question, criteria)
    wanted, whole = _wanted(question, criteria, most), (work, criteria, standing)
    # What all is together is asked for while a copy adds the groups up, if these are not too many.
    adds_up = standing.adds_up_over_groups(question)
    is_few = question.top is not None or likely_groups(question, criteria) <= most
    chosen, totals = await both(
        looked_up(work, question, criteria, standing, wanted),
        _nothing() if adds_up or not (is_few and standing.is_ready) else _whole(*whole),
    )
    adds_up = adds_up or chosen is None
    handed = None if chosen is None else chosen.handed
    is_named = handed is not None and handed.groups is not None
    is_cut = handed is not None and question.top is not None and not is_named
    await _check_count(work, chosen, question, criteria, standing, most)
    if handed is not None and is_named:
        groups, of_groups = await naming.named(work, question, handed)
    else:
        is_along = adds_up and not is_cut
        rows = await answered(work, chosen, question, criteria, standing, has_totals=is_along)
        groups = groups_in(question, rows)
        of_groups = Measures._make(_OF_TOTAL(rows[0])) if is_along else None
    if len(groups) > most:
        raise _too_many(most)
    if totals is None and adds_up:
        totals = of_groups
    if totals is None:
        totals = await _whole(*whole)
    return Summary(work.now, groups, totals, standing.trace(question, criteria))


async def values(
    work: Work,
    question: Question,
    criteria: SalesCriteria,
    of: SummaryOrder,
    *,
    most: int = MOST_GROUPS,
) -> Values:
    """Return one figure of each group, and nothing else: that is quicker.

    The question sorts by this figure or by keys.

    Raises:
        As `summarise`.
    """
    asked = "values", question, criteria, of, most
    return await work.once(asked, lambda: _values(work, question, criteria, of, most))


async def _values(
    work: Work, question: Question, criteria: SalesCriteria, of: SummaryOrder, most: int
) -> Values:
    question, criteria, standing = await begun(work, question, criteria, of)
    wanted = _wanted(question, criteria, most, order_sums(of))
    chosen = await looked_up(work, question, criteria, standing, wanted)
    await _check_count(work, chosen, question, criteria, standing, most)
    trace = standing.trace(question, criteria)
    if chosen is not None and chosen.handed is not None and chosen.handed.groups is not None:
        named = await naming.valued(work, question, chosen.handed, of)
        if len(named) > most:
            raise _too_many(most)
        return Values(work.now, named, trace)
    figure = of.value.lower()
    text, given = statements.values(chosen, question, criteria, work.principal, figure)
    rows = await running.run(work, text, given, chosen, criteria, standing)
    if len(rows) > most:
        raise _too_many(most)
    groups = [row for row in rows if row["is_group"]]
    found = dict(zip(_keys_of(question, groups), map(itemgetter(figure), groups), strict=True))
    return Values(work.now, found, trace)


async def _nothing() -> None:
    """Return nothing, where something may be asked for along the way."""


async def _whole(work: Work, criteria: SalesCriteria, standing: Standing) -> Measures:
    """Return what all that the criteria admit is together."""
    rows = await work.once(
        ("whole", criteria), lambda: answer(work, Question(()), criteria, standing)
    )
    return Measures._make(_OF_TOTAL(rows[0]))


def _wanted(
    question: Question, criteria: SalesCriteria, most: int, sums: tuple[str, ...] = ALL.sums
) -> Wanted:
    """Return what is read of a copy.

    Of a few thousand groups all there is, once for all that ask for some of it.
    """
    if _is_shared(question, criteria):
        return Wanted(as_groups=True)
    counted = _most_counted(question, most)
    may_be_named = counted is not None and question.group_by != ()
    return Wanted(sums, is_cut=True, most=counted, as_groups=may_be_named)


def _is_shared(question: Question, criteria: SalesCriteria) -> bool:
    """Tell whether a question is of so few groups by one thing that all of them are read."""
    return (
        len(question.group_by) == 1
        and not question.both_ends
        and not TIMES.intersection(question.group_by)
        and likely_groups(question, criteria) <= _SHARED
    )


def _most_counted(question: Question, most: int) -> int | None:
    """Return how many groups a copy may hand over without counting them first."""
    # Weeks of a business year may be handed over that are added up to months.
    is_counted = question.top is None and not FISCAL & frozenset(question.group_by)
    return most if is_counted else None


async def _check_count(
    work: Work,
    chosen: Plan | None,
    question: Question,
    criteria: SalesCriteria,
    standing: Standing,
    most: int,
) -> None:
    """Count the groups before they are added up, named and sent, where they are likely too many.

    Raises:
        TooManyGroups: they are.
    """
    if chosen is None or question.top is not None or likely_groups(question, criteria) <= most:
        return
    if chosen.handed is not None:
        if chosen.handed.is_too_much:
            raise _too_many(most)
        return
    text, values = statements.group_count(chosen, question, criteria, work.principal)
    rows = await running.run(work, text, values, chosen, criteria, standing)
    if rows[0]["groups"] > most:
        raise _too_many(most)


def _too_many(most: int) -> TooManyGroups:
    words = f"more than {most} rows: group by less, filter, or ask for the top"
    return TooManyGroups(words, field=["groupBy"], limit=most)


async def groups_of(
    work: Work, question: Question, criteria: SalesCriteria, standing: Standing
) -> tuple[Group, ...]:
    """Return the groups of a summary and nothing of all together, for whoever asks several.

    Raises:
        TooManyGroups: more than an answer may have.
        SummaryTooSlow: it takes longer than one statement may.
        SummariesBusy: it is large, and enough large ones are being answered.
    """
    rows = await answer(work, question, criteria, standing, has_totals=False)
    if len(rows) > MOST_GROUPS:
        raise TooManyGroups(f"more than {MOST_GROUPS} rows", field=["filter"], limit=MOST_GROUPS)
    return groups_in(question, rows)


def summary_of(work: Work, question: Question, rows: list[dict[str, Any]]) -> Summary:
    """Return the summary that a statement's rows are."""
    return Summary(work.now, groups_in(question, rows), Measures(*_OF_TOTAL(rows[0])), Trace())


def groups_in(question: Question, rows: list[dict[str, Any]]) -> tuple[Group, ...]:
    """Return the groups that a statement's rows are; a key is made once, however many have it."""
    groups = [row for row in rows if row["is_group"]]
    by_group = _keys_of(question, groups)
    if question.top is None:
        return tuple(
            Group(keys, Measures._make(_OF_GROUP(row)))
            for keys, row in zip(by_group, groups, strict=True)
        )
    return tuple(
        Group(keys, Measures._make(_OF_GROUP(row)), row["rank"], row.get("low") or 0)
        for keys, row in zip(by_group, groups, strict=True)
    )


def _keys_of(question: Question, groups: list[dict[str, Any]]) -> Iterable[tuple[Key, ...]]:
    """Return the keys of each row."""
    columns = [_keys(one, n, groups) for n, one in enumerate(question.group_by)]
    return zip(*columns, strict=True) if columns else [()] * len(groups)


def _keys(one: SalesDimension, n: int, rows: list[dict[str, Any]]) -> list[Key]:
    """Return each row's key on a dimension; where no label is sent the id is the label."""
    id_, label = f"id{n}", f"label{n}"
    if rows and label not in rows[0]:
        known = {
            value: Key(one, value, NOT_SAID if value is None else value)
            for value in {row[id_] for row in rows}
        }
        return [known[row[id_]] for row in rows]
    said = [(row[id_], row[label]) for row in rows]
    named = {both: Key(one, *both) for both in set(said)}
    return [named[both] for both in said]


async def answer(
    work: Work,
    question: Question,
    criteria: SalesCriteria,
    standing: Standing,
    *,
    has_totals: bool = True,
) -> list[dict[str, Any]]:
    """Return the rows of a summary: from roll-ups where they serve, else from the lines.

    Without `has_totals` those of roll-ups come without the total.

    Raises:
        SalesNotKept: it needs single sales of days before which none are kept.
    """
    chosen = await looked_up(work, question, criteria, standing)
    return await answered(work, chosen, question, criteria, standing, has_totals=has_totals)


async def unit_squares(
    work: Work, by: SalesDimension, grain: SalesDimension, criteria: SalesCriteria
) -> dict[str | None, tuple[Decimal, Decimal]]:
    """Return the units of each, and the sum of their squares over the periods of a grain, by id.

    Raises:
        SummaryTooSlow: it takes longer than one statement may.
        SummariesBusy: it is large, and enough large ones are being answered.
        SalesNotKept: it needs single sales of days before which none are kept.
    """
    asked = Question((by, grain))
    return await work.once(
        ("squares", asked, criteria), lambda: _unit_squares(work, asked, criteria)
    )


async def _unit_squares(
    work: Work, question: Question, criteria: SalesCriteria
) -> dict[str | None, tuple[Decimal, Decimal]]:
    # Periods of business years come in parts, whose squares are not theirs.
    may_be_named = not FISCAL & frozenset(question.group_by)
    wanted = Wanted(("units",), is_by_first=True, with_squares=True, as_groups=may_be_named)
    question, criteria, standing = await begun(work, question, criteria)
    chosen = await looked_up(work, question, criteria, standing, wanted)
    if chosen is not None and chosen.handed is not None and chosen.handed.groups is not None:
        return await naming.squared(work, question, chosen.handed)
    text, given = statements.unit_squares(chosen, question, criteria, work.principal)
    rows = await running.run(work, text, given, chosen, criteria, standing)
    return {row["id"]: (row["units"], row["squares"]) for row in rows}


async def orders_of_each(
    work: Work, by: SalesDimension, one: SalesDimension, criteria: SalesCriteria
) -> dict[str | None, int]:
    """Return the orders with each `one`, added up over these: an order of two counts twice; by id.

    Raises:
        SummaryTooSlow: it takes longer than one statement may.
        SummariesBusy: it is large, and enough large ones are being answered.
        SalesNotKept: it needs single sales of days before which none are kept.
    """
    telling, wanted = statements.orders_of_each, Wanted(("orders",), is_by_first=True)
    rows = await _told(work, telling, Question((by, one)), criteria, wanted)
    return {row["id"]: row["orders"] for row in rows}


async def days_sold(work: Work) -> list[date]:
    """Return the business days with any sale or return that the principal may see, in order.

    Raises:
        SummaryTooSlow: it takes longer than one statement may.
        SummariesBusy: it is large, and enough large ones are being answered.
    """
    question, criteria = Question((SalesDimension.DAY,)), SalesCriteria()
    (row,) = await _told(work, statements.days, question, criteria, Wanted(("orders",)))
    return row["days"] or []


async def orders_along(
    work: Work, by: SalesDimension, criteria: SalesCriteria
) -> list[tuple[Key, int]]:
    """Return in how many of the orders that the criteria find each other thing is, most first.

    Other lines are those the criteria's products, categories and distributors do not name.

    Raises:
        SummaryTooSlow: it takes longer than one statement may.
        SummariesBusy: it is large, and enough large ones are being answered.
        SalesNotKept: it needs single sales of days before which none are kept.
    """
    return await answer_along(work, by, criteria, await rollups.standing(work))


async def answer_along(
    work: Work, by: SalesDimension, criteria: SalesCriteria, standing: Standing
) -> list[tuple[Key, int]]:
    """Return the same where roll-ups are so far; where they do not serve, from the lines."""
    criteria = within_kept(work, standing, criteria)
    chosen = None
    if standing.serves(Question((by,)), criteria) and work.principal.partner is None:
        is_additive = standing.adds_up(Question(()), criteria)
        chosen = plan_along(criteria, standing.kept, is_additive=is_additive)
    if chosen is None:
        check_kept(standing, criteria)
        text, values = together.of_lines(by, criteria, work.principal)
    else:
        chosen = replace(chosen, days_behind=standing.days_behind, tail=standing.tail)
        chosen = await handing.hand(
            work, chosen, Question((by,)), criteria, standing, Wanted(("orders",))
        )
        if chosen.handed is None:
            chosen = await with_numbers(work, chosen, Question(()), criteria)
        text, values = together.of_facts(chosen, by, criteria, work.principal)
    rows = await running.run(work, text, values, chosen, criteria, standing)
    return [(Key(by, row["id"], row["label"]), row["n"]) for row in rows]


_Telling = Callable[
    [Plan | None, Question, SalesCriteria, Principal], tuple[str, tuple[object, ...]]
]


async def _told(
    work: Work,
    telling: _Telling,
    question: Question,
    criteria: SalesCriteria,
    wanted: Wanted = ALL,
) -> list[dict[str, Any]]:
    """Return the rows of a statement over the parts of a question."""
    question, criteria, standing = await begun(work, question, criteria)
    chosen = await looked_up(work, question, criteria, standing, wanted)
    text, values = telling(chosen, question, criteria, work.principal)
    return await running.run(work, text, values, chosen, criteria, standing)


async def with_unsold(
    work: Work, question: Question, criteria: SalesCriteria
) -> tuple[Summary, dict[str | None, list[Key]]]:
    """Answer a question by something and by product; with products that did not sell there.

    As many as the question has `top`, by the ids of what sold anything: first those that sell best
    elsewhere, then active ones that the criteria admit and nobody bought.

    Raises:
        SummaryTooSlow: it takes longer than one statement may.
        SummariesBusy: it is large, and enough large ones are being answered.
        SalesNotKept: it needs single sales of days before which none are kept.
        MissingScope: sorted by cost or profit by one who may not know them.
    """
    question, criteria, standing = await begun(work, question, criteria)
    telling, wanted = statements.with_unsold, Wanted(with_unsold=True)
    rows = await _told(work, telling, question, criteria, wanted)
    totals, trace = await _whole(work, criteria, standing), standing.trace(question, criteria)
    unsold: dict[str | None, list[Key]] = {}
    for row in rows:
        if not row["is_group"]:
            key = Key(SalesDimension.PRODUCT, row["id1"], row["label1"])
            unsold.setdefault(row["id0"], []).append(key)
    return Summary(work.now, groups_in(question, rows), totals, trace), unsold


_SHARED: Final = 5_000
"""Groups up to which all figures of all are as soon made as one figure of some."""
_OF_GROUP: Final = itemgetter(*statements.MEASURES)
_OF_TOTAL: Final = itemgetter(*(f"total_{name}" for name in statements.MEASURES))
