"""The statement that adds a copy of facts up, and what it answers as PostgreSQL reads it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Final

from backend.analytics.columns.asked import Asked, Said, keys_of
from backend.analytics.columns.laying import Limit
from backend.analytics.columns.periods import period
from backend.analytics.rollups.filling import SUMS
from backend.analytics.rollups.grains import IS_RETURN, LEADS, LIKELY, OF_LINES, Column
from backend.analytics.rollups.planning import FISCAL, NATURAL, TIMES, admitted_share
from backend.analytics.rules import Question, SalesDimension, SummaryOrder

_D = SalesDimension
_C = Column
_O = SummaryOrder
_SUM: Final = {
    **{name: f"sum({name})" for name in ("units", "gross", "discount", "net", "cost", "costs")},
    "costed": "sum(case when costs <> 0 then net else 0 end)",
    "returned": f"sum(case when leads & {IS_RETURN} <> 0 then -net else 0 end)",
    "lines": "count(*)",
}
_COSTED: Final = {"costed": "sum(net)", "costs": "count(*)"}
_EVEN: Final = {"returned": "sum(gross) - sum(discount) - sum(net)"}
"""The same by sums that are made anyway, where they follow from these."""
_ORDERED: Final = {
    _O.UNITS: ("units",),
    _O.GROSS_SALES: ("gross",),
    _O.DISCOUNT: ("discount",),
    _O.NET_SALES: ("net",),
    _O.COST: ("costs", "cost"),
    _O.PROFIT: ("costs", "costed", "cost"),
    _O.ORDERS: ("orders",),
    _O.RETURNS: ("returned",),
}
"""The sums that each order of rows needs."""
_VALUE: Final = {
    _O.COST: "case when costs > 0 then cost end",
    _O.PROFIT: "case when costs > 0 then costed - cost end",
}
_FEW: Final = frozenset({_C.MIX, _C.AREA})
"""Columns of few numbers. To look a bit up leaves DuckDB knowing how large sums may get, which a
join does not: they take a third less."""
_COLUMNS: Final = frozenset(column.value for column in Column)
_IS_SALE: Final = f"f.leads & {IS_RETURN} = 0"
_SUMMED: Final = ("sale", "leads", "units", "gross", "discount", "net", "cost", "costs")
MOST_HANDED: Final = 200_000
"""Rows that are handed over to be named and sorted; more are for PostgreSQL alone."""
_MANY: Final = 20_000
_SELDOM: Final = 50
"""Groups, in all and for each that is kept, from which on these are looked for first: adding one
thing up takes a fifth of the time of all ten, but what is kept is read once more."""
_PART: Final = 0.6
"""The part of the facts from which on it pays: reading takes as long, however few are added up."""


@dataclass(slots=True)
class _Values:
    values: dict[str, object] = field(default_factory=dict[str, object])

    def add(self, value: object) -> str:
        name = str(len(self.values) + 1)
        self.values[name] = value
        return f"${name}"


def groups(asked: Asked, facts: int, sums: Sequence[str], among: str | None = None) -> Said:
    """Return the statement for sums of each group, of the facts up to the number `facts`.

    `among`: a table of the groups that are to be added up.
    """
    values, by = _Values(), ", ".join(asked.keys)
    listed = ", ".join([*asked.keys, *(f"{_sum(asked, name)} as {name}" for name in sums)])
    grouped = f"group by {by}" if by else "having count(*) > 0"
    is_parted = not among and any(numbers for numbers, _ in asked.same.values())
    if is_parted and ("orders" not in sums or _lead(asked) is not None):
        # By the numbers that facts have first: to look each fact's up takes half as long again.
        apart = replace(asked, same={})
        parts = f"select {listed} from ({_source(apart, facts, values)}) {grouped}"
        added = ", ".join(f"sum({name}) as {name}" for name in sums)
        keys, joins = _keyed(asked, values, dict.fromkeys(asked.keys, ""))
        text = f"select {', '.join(keys)}, {added} from ({parts}) f {' '.join(joins)} group by all"
        return Said(text, values.values, (*asked.keys, *sums))
    chosen = f"semi join {among} using ({by})" if among else ""
    text = f"select {listed} from ({_source(asked, facts, values)}) {chosen} {grouped}"
    return Said(text, values.values, (*asked.keys, *sums))


def count(asked: Asked, facts: int, percent: int) -> Said:
    """Return the statement for the number of groups among so much of the facts, from everywhere."""
    values = _Values()
    if percent < 100:
        sample = f"(from {asked.table} tablesample {percent}% (system))"
        asked = replace(asked, table=sample)
    source = _source(asked, facts, values)
    text = f"select count(*) from (select distinct {', '.join(asked.keys)} from ({source}))"
    return Said(text, values.values, ("count",))


def by_first(asked: Asked, of_groups: Said) -> Said:
    """Return the statement for what groups that share the first key have together."""
    first, sums = asked.keys[0], asked.wanted.sums
    added = {name: f"sum({name})" for name in sums}
    if asked.wanted.with_squares:
        added["squares"] = "sum(units * units)"
    listed = ", ".join([first, *(f"{sql} as {name}" for name, sql in added.items())])
    text = f"select {listed} from ({of_groups.text}) group by 1"
    return Said(text, of_groups.values, (first, *added))


def lacking(asked: Asked, of_groups: str) -> Said:
    """Return the statement for the products that sell best of those that each group did not sell.

    `of_groups`: a table of what each sold. `n` is where the product stands among all.
    """
    within, product = asked.keys
    values = _Values()
    numbers, offered = values.add([*asked.products]), values.add([*asked.products.values()])
    places = f"range(1, {len(asked.products) + 1})"
    all_products = f"""
    select unnest({numbers}::int[]) as {product}, unnest({offered}::bool[]) as is_offered,
           unnest({places}) as n"""
    order = asked.question.order
    sums = ", ".join(f"sum({name}) as {name}" for name in _ORDERED[order])
    value = _VALUE.get(order, _ORDERED[order][-1])
    text = f"""
with best as (
    select {product}, n, row_number() over (
               order by sold.{product} is null, {value} desc nulls last, n) as place
      from ({all_products}) known
      left join (select {product}, {sums} from {of_groups} group by 1) sold using ({product})
     where is_offered or sold.{product} is not null)
select {within}, n, row_number() over (partition by {within} order by place) as rank
  from (select distinct {within} from {of_groups}) cross join best
  anti join {of_groups} using ({within}, {product})
qualify rank <= {asked.question.top}"""
    return Said(text, values.values, (within, "n", "rank"))


def found(asked: Asked, facts: int) -> Said:
    """Return the statement for the orders that the filters find."""
    values = _Values()
    text = f"select sale from ({_source(asked, facts, values, [_IS_SALE])})"
    return Said(text, values.values, ("sale",))


def along(asked: Asked, facts: int, orders: str) -> Said:
    """Return the statement for orders, in the table `orders`, by what else is in them.

    What the filters by products, categories and distributors name is not something else.
    """
    values, by = _Values(), ", ".join(asked.keys)
    named = _admitting(asked, values, OF_LINES)
    # Of the lines of a product in an order all are the filter's, or none: the first counts.
    is_led = asked.question.group_by == (_D.PRODUCT,)
    once = f"f.leads & {LEADS[frozenset({_C.PRODUCT})]} <> 0" if is_led else _IS_SALE
    counted = "count(*)" if is_led else "count(distinct sale)"
    # Joined first: DuckDB takes lines that a filter leaves for few, and would hash these.
    lines = f"(from {asked.table} semi join {orders} using (sale))"
    others = replace(asked, table=lines, admitted=())
    also = [once, f"not ({' and '.join(named)})"]
    source = _source(others, facts, values, also)
    text = f"select {by}, {counted} as orders from ({source}) group by {by}"
    return Said(text, values.values, (*asked.keys, "orders"))


def arrays(asked: Asked, rows: Said) -> str:
    """Return the statement for the number of rows, and each column as PostgreSQL reads an array."""
    texts = [f"'{{' || string_agg({one}, ',') || '}}'" for one in _shown(asked, rows)]
    return f"select count(*), {', '.join(texts)} from ({rows.text} limit {MOST_HANDED + 1})"


def listed(asked: Asked, rows: Said) -> str:
    """Return the statement for the rows themselves, with days for periods."""
    # Squares may be larger than any number that is handed over as one.
    kinds = dict.fromkeys(SUMS, "::bigint") | {"squares": "::varchar"}
    shown = [
        f"{one}{kinds.get(name, '')} as {name}"
        for name, one in zip(rows.names, _shown(asked, rows), strict=True)
    ]
    return f"select {', '.join(shown)} from ({rows.text} limit {MOST_HANDED + 1})"


def _shown(asked: Asked, rows: Said) -> list[str]:
    days = {
        f"t{n}": period(one, asked.question.calendar)[1].format(f"t{n}")
        for n, one in enumerate(asked.question.group_by)
        if one in TIMES
    }
    return [days.get(name, name) for name in rows.names]


def _sum(asked: Asked, name: str) -> str:
    if name != "orders":
        known = _SUM | (_COSTED if asked.traits.is_costed else {})
        return (known | (_EVEN if asked.traits.is_even else {}))[name]
    lead = _lead(asked)
    if lead is None:
        return f"count(distinct sale) filter (leads & {IS_RETURN} = 0)"
    return f"sum(leads >> {lead.bit_length() - 1} & 1)"


def _lead(asked: Asked) -> int | None:
    """Return the bit of the facts that count as orders; None: orders are counted one by one."""
    return None if asked.plan.by_sale else LEADS.get(asked.plan.lead)


def _source(asked: Asked, facts: int, values: _Values, also: Sequence[str] = ()) -> str:
    """Return the facts asked about, with what they are grouped by."""
    keys, joins = _keyed(asked, values, keys_of(asked.question))
    limits = [*_numbered(asked, facts, values), *_admitting(asked, values), *also]
    return f"""
    select {", ".join([*keys, *_SUMMED])} from {asked.table} f {" ".join(joins)}
     where {" and ".join(limits)}"""


def _keyed(asked: Asked, values: _Values, sql_by: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return the keys of rows `f` and the joins they need: one number for all of the same key."""
    keys, joins = list[str](), list[str]()
    for name, sql in sql_by.items():
        same = asked.same.get(Column(name)) if name in _COLUMNS else None
        if sql:
            keys.append(f"{sql} as {name}")
        elif same and same[0]:
            numbers, ones = (values.add(one) for one in same)
            rows = f"select unnest({numbers}::int[]) as no, unnest({ones}::int[]) as one"
            joins.append(f"left join ({rows}) same_{name} on same_{name}.no = f.{name}")
            keys.append(f"coalesce(same_{name}.one, f.{name}) as {name}")
        else:
            keys.append(f"f.{name}")
    return keys, joins


def _numbered(asked: Asked, facts: int, values: _Values) -> list[str]:
    """Return the conditions that a fact is one of those that count, and of the days."""
    limits = [f"f.no <= {values.add(facts)}"]
    days = ((">=", asked.criteria.first_day), ("<=", asked.criteria.last_day))
    return limits + [f"f.day {sign} {values.add(day)}" for sign, day in days if day is not None]


def _admitting(
    asked: Asked, values: _Values, among: Collection[Column] = tuple(Column)
) -> list[str]:
    """Return the conditions that filters by these columns admit a fact."""
    found = list[str]()
    for column, numbers in asked.admitted:
        if column not in among:
            continue
        if column in _FEW:
            limits = asked.traits.stretches.limits(column, numbers)
            found += [_one_of(limit, values) for limit in limits]
        else:
            found.append(f"f.{column} in (select unnest({values.add(numbers)}::int[]))")
    return found


def _one_of(limit: Limit, values: _Values) -> str:
    if len(limit.numbers) == 1:
        return f"f.{limit.column} = {values.add(*limit.numbers)}::int"
    bits = "".join("1" if no in limit.numbers else "0" for no in range(limit.end))
    return f"get_bit({values.add(bits)}::bit, f.{limit.column}) = 1"


def is_much_left_out(asked: Asked) -> bool:
    """Tell whether it pays to look for what a top keeps before everything is added up."""
    question, within = asked.question, frozenset(asked.question.top_within)
    times = [one for one in within if one in TIMES]
    if question.top is None or times:
        return False
    if admitted_share(asked.criteria) < _PART:
        return False
    parts = prod(LIKELY[NATURAL[one]] for one in within)
    return asked.likely > _MANY and asked.likely > question.top * parts * _SELDOM


def order_sums(order: SummaryOrder) -> tuple[str, ...]:
    """Return the sums that an order of rows needs."""
    return _ORDERED[order]


def kept(question: Question) -> str | None:
    """Return the condition of the groups that may be kept; None: it is not known here."""
    grouped = question.group_by
    if question.top is None or question.order is _O.KEY or not grouped:
        return None
    names = [f"t{n}" if one in TIMES else NATURAL[one].value for n, one in enumerate(grouped)]
    within = [names[grouped.index(one)] for one in question.top_within]
    if FISCAL & frozenset(grouped) or any(names.count(name) > 1 for name in within):
        return None
    value = _VALUE.get(question.order, _ORDERED[question.order][-1])
    partition = f"partition by {', '.join(within)} " if within else ""

    def among(direction: str) -> str:
        order = f"order by {value} {direction} nulls last"
        return f"rank() over ({partition}{order}) <= {question.top}"

    down, up = ("desc", "asc") if question.descending else ("asc", "desc")
    return f"({among(down)} or {among(up)})" if question.both_ends else among(down)
