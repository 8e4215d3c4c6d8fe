"""How far roll-ups can be relied on, for one unit of work."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from backend.analytics import queries
from backend.analytics.rollups.gathering import LOGGED
from backend.analytics.rollups.grains import OF_LINES, Span
from backend.analytics.rollups.planning import (
    AREAS,
    TIMES,
    Kept,
    adds_up,
    columns_of,
    dimensions_of,
)
from backend.analytics.rules import Question, SalesDimension, Trace
from backend.infra.work import Work
from backend.sales.filters import SalesCriteria

_D = SalesDimension
MOST_TAIL: Final = 400_000
"""Sales behind the cursor that are handed on by their ids; beyond, each question reads the log."""
_SEQ: Final = "(select seq from rollup_cursors where org_id = $1)"
_OF_PRODUCTS: Final = frozenset({_D.CATEGORY, _D.SUBCATEGORY, _D.DISTRIBUTOR})
_OF_LOCATIONS: Final = AREAS | {_D.HOUR}
_UNSEEN: Final = frozenset({_D.SELLER, _D.POSTAL_CODE})
_STANDING: Final = f"""
with logged as materialized (
    select distinct id from ({LOGGED.format(after=_SEQ)}) found)
select c.org_id is not null and c.built_before is null and not c.is_off as is_ready,
       c.unmarked_from is null as is_marked,
       c.epoch, coalesce(c.rewritten, 0) as rewritten,
       coalesce(c.facts, 0) as facts, coalesce(c.lines_a_day, 1) as lines_a_day,
       (select json_object_agg(grain, json_build_array(finest, folded, since)) from rollup_grains
         where org_id = $1)::text as grains,
       l.before as kept_from, l.moved_at is not null as is_out_of_place,
       exists (select from rollup_moves where org_id = $1 and what = 'PRODUCT') as products_moved,
       exists (select from rollup_moves where org_id = $1 and what = 'LOCATION') as locations_moved,
       exists (select from categories where org_id = $1 and parent_id is not null
                group by name having count(*) > 1) as has_homonyms,
       (select count(*) > 1 from (select distinct category_id from products
                                   where org_id = $1 and subcategory_id is null) bare) as has_bare,
       array(select distinct country from rollup_areas where org_id = $1) as countries,
       array(select distinct s.business_day from logged cross join lateral (
               select business_day from sales where org_id = $1 and id = logged.id offset 0) s
            ) as days_behind,
       case when (select count(*) from logged) <= {MOST_TAIL}
            then array(select id from logged)::text end as tail
  from (select) one
  left join rollup_cursors c on c.org_id = $1
  left join sales_let_go l on l.org_id = $1
"""
_LINES: Final = """
select coalesce(sum(reltuples) filter (where reltuples > 0), 0) as lines from pg_class
 where oid in (select inhrelid from pg_inherits where inhparent = 'sale_lines'::regclass)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is rolled, and what of it is being rolled anew.

    A product that moved to another category or distributor, a location that moved to another time
    zone or state: until their past is rolled anew, what depends on them is added up from lines.
    `tail`: the ids of sales that are not rolled yet, as PostgreSQL writes them, read from the log
    once for all that is asked (None: too many); `days_behind` are their days. `is_out_of_place`:
    something moved that counts in the sums of months let go where it was. `epoch` and `rewritten`
    say which facts there are: a copy that says the same holds the same. `countries` are those of
    all facts.
    """

    is_ready: bool = False
    products_moved: bool = False
    locations_moved: bool = False
    has_homonyms: bool = False
    has_bare: bool = False
    kept: Kept = field(default_factory=Kept)
    days_behind: Sequence[date] = ()
    tail: str | None = "{}"
    is_out_of_place: bool = False
    epoch: UUID | None = None
    rewritten: int = 0
    countries: Sequence[str | None] = ()

    def serves(self, question: Question, criteria: SalesCriteria) -> bool:
        """Tell whether roll-ups answer a question.

        Names that who is limited may not look up are not in what it reads.
        """
        asked = dimensions_of(question, criteria)
        return (
            self.is_ready
            and not (self.kept.is_limited and asked & _UNSEEN)
            and not (self.products_moved and asked & _OF_PRODUCTS)
            and not (self.locations_moved and asked & _OF_LOCATIONS)
        )

    def without_idle(self, criteria: SalesCriteria) -> SalesCriteria:
        """Return the criteria without a filter by country where all that is rolled meets it.

        Where a retailer sells in one country pages offer it all the same; to look it up costs.
        """
        is_idle = (
            criteria.countries is not None
            and self.is_ready
            and self.tail == "{}"
            and not self.locations_moved
            and bool(self.countries)
            and criteria.countries.issuperset(self.countries)
        )
        return replace(criteria, countries=None) if is_idle else criteria

    def reaches_sums_only(self, criteria: SalesCriteria) -> bool:
        """Tell whether the days asked about begin where sales are let go."""
        first, kept = criteria.first_day, self.kept.kept_from
        return kept is not None and (first is None or first < kept)

    def trace(self, question: Question, criteria: SalesCriteria) -> Trace:
        """Return how far the figures of an answer can be followed to sales."""
        is_whole = not self.reaches_sums_only(criteria)
        asked = dimensions_of(question, criteria) & (_OF_PRODUCTS | _OF_LOCATIONS)
        moved = self.is_out_of_place and not is_whole and bool(asked)
        return Trace(self.kept.kept_from, criteria.first_day, is_whole, moved)

    def adds_up(self, question: Question, criteria: SalesCriteria) -> bool:
        """Tell whether the orders of each group can be added over cells."""
        return adds_up(
            question.group_by,
            criteria,
            has_homonyms=self.has_homonyms,
            has_bare=self.has_bare,
        )

    def adds_up_over_groups(self, question: Question) -> bool:
        """Tell whether the orders of the groups add up to those of the total."""
        grouped = columns_of(frozenset(question.group_by) - TIMES).values()
        return not frozenset(grouped) & OF_LINES or not question.group_by


async def standing(work: Work) -> Standing:
    """Find out how far the roll-ups are; for a distributor the facts must say who sold."""
    return await work.once(_STANDING, lambda: _standing(work))


async def _standing(work: Work) -> Standing:
    who = work.principal
    rows = await queries.run(work, _STANDING, ())
    limits = ((_D.LOCATION, who.locations), (_D.CHANNEL, who.channel))
    limited = frozenset(one for one, limit in limits if limit is not None)
    row, kept = rows[0], _kept(limited, rows[0])
    if who.partner is not None:
        row |= {"is_ready": row["is_ready"] and row["is_marked"]}
        kept = replace(kept, grains={}, is_partner=True)
    return Standing(kept=kept, **{name: row[name] for name in _AS_FOUND})


_AS_FOUND: Final = (
    *("is_ready", "products_moved", "locations_moved", "has_homonyms", "has_bare"),
    *("days_behind", "tail", "is_out_of_place", "epoch", "rewritten", "countries"),
)


def _kept(limits: frozenset[SalesDimension], row: Mapping[str, Any]) -> Kept:
    rows = {int(no): one for no, one in json.loads(row["grains"] or "{}").items()}
    return Kept(
        facts=row["facts"],
        lines_a_day=row["lines_a_day"],
        grains={no: (Span(finest), folded) for no, (finest, folded, _) in rows.items()},
        limits=limits,
        kept_from=row["kept_from"],
        since={no: date.fromisoformat(since) for no, (_, _, since) in rows.items() if since},
    )


async def lines(work: Work) -> float:
    """Return about how many sale lines the installation holds, as PostgreSQL last counted."""
    row = await work.row(_LINES)
    return row["lines"] if row else 0
