"""How facts lie in a copy: what filters choose lies together, year by year.

New facts are appended as they come. Where many of a year's did, all of these are written anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Final, NamedTuple
from uuid import UUID

from backend.infra.columns import Session

LOOSE: Final = 100_000
"""Facts that may lie as they came, of those that are laid together."""
_PART: Final = 5
"""Or one in so many of them, where that is more: so a fact is written a few times, no more."""
MOST: Final = 5_000_000
"""Facts laid together, unless they are one month's: they are sorted in memory."""

TABLE: Final = """
create table if not exists loose (
    org_id uuid, month date, facts bigint not null, primary key (org_id, month))
"""
_COUNTED: Final = "select coalesce(sum(facts), 0) from loose where org_id = $1"
_MONTHS: Final = """
select month, months.facts, coalesce(loose.facts, 0) as loose
  from (select date_trunc('month', day)::date as month, count(*) as facts
          from {0} group by 1) months
  left join (from loose where org_id = $1) loose using (month) order by month
"""
_CAME: Final = """
insert into loose
select $1, date_trunc('month', day)::date as month, count(*) from {0} where {1} group by month
    on conflict do update set facts = loose.facts + excluded.facts
"""
_LAID: Final = "delete from loose where org_id = $1 and month >= $2 and month < $3"
RANKS: Final = """
select array_agg(no) as areas, array_agg(at) as regions,
       (select array_agg(no order by no) from rollup_mixes where org_id = $1) as mixes,
       (select array_agg(at order by no) from (
           select no, dense_rank() over (order by segment) as at
             from rollup_mixes where org_id = $1) ranked) as segments
  from (select no, dense_rank() over (order by country, region) as at
          from rollup_areas where org_id = $1 order by no) ranked
"""
"""Where the region of each area, and the segment of each mix, stands among all."""
# A region, a segment or a category is whole stretches of thousands of facts: the others are passed
# over unread. In them a product is dozens in a row, which are added up at once.
_IN_ORDER: Final = """
create temp table laid as
select f.* from {0} f
  left join (select unnest($3::int[]) as no, unnest($4::int[]) as at) region on region.no = f.area
  left join (select unnest($5::int[]) as no, unnest($6::int[]) as at) segment on segment.no = f.mix
 where f.day >= $1 and f.day < $2
 order by f.category, region.at, segment.at, f.product, f.location, f.day
"""


class Month(NamedTuple):
    """The facts of a month, and how many of them lie as they came."""

    first: date
    facts: int
    loose: int


Days = tuple[date, date]
"""From the first to before the second."""


def came(
    session: Session, org_id: UUID, table: str, among: str, values: Mapping[str, object]
) -> None:
    """Note facts that were appended."""
    session.execute(_CAME.format(table, among), {"1": str(org_id), **values})


def gone(session: Session, org_id: UUID, first: date, until: date) -> None:
    """Note that no facts of these months lie as they came, as they are laid or went."""
    session.execute(_LAID, {"1": str(org_id), "2": first, "3": until})


def untidy(session: Session, org_id: UUID, table: str) -> list[Days]:
    """Return the days of which many facts lie as they came."""
    (loose,) = session.execute(_COUNTED, {"1": str(org_id)}).fetchone() or (0,)
    if loose < LOOSE:
        return []
    months = session.execute(_MONTHS.format(table), {"1": str(org_id)}).fetchall()
    return [
        (part[0].first, _next(part[-1].first))
        for part in _parts([Month._make(row) for row in months])
        if _is_untidy(part)
    ]


def lay(
    session: Session,
    org_id: UUID,
    table: str,
    days: Days,
    ranks: Mapping[str, Sequence[int] | None],
) -> None:
    """Write all facts of these days in order."""
    order = dict(zip("123456", (*days, *ranks.values()), strict=True))
    session.execute(_IN_ORDER.format(table), order)
    session.execute(
        f"delete from {table} where day >= $1 and day < $2", {"1": days[0], "2": days[1]}
    )
    session.execute(f"insert into {table} from laid")
    session.execute("drop table laid")
    gone(session, org_id, *days)


def _parts(months: Sequence[Month]) -> Iterator[list[Month]]:
    """Return months of a year together, as many as are laid at once."""
    for _, of_year in groupby(months, lambda month: month.first.year):
        part: list[Month] = []
        for month in of_year:
            if part and sum(one.facts for one in part) + month.facts > MOST:
                yield part
                part = []
            part.append(month)
        yield part


def _is_untidy(part: Sequence[Month]) -> bool:
    loose = sum(month.loose for month in part)
    return loose >= LOOSE and loose * _PART >= sum(month.facts for month in part)


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
