"""How facts lie in a copy: month by month, in each together what filters choose.

New facts are appended as they come. Where many of a month's did, all of it is written anew.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from backend.analytics.rollups.grains import Column
from backend.core.months import next_month
from backend.infra.columns import Session

_C = Column

LOOSE: Final = 20_000
"""Facts of a month that may lie as they came."""
_PART: Final = 5
"""Or one in so many of them, where that is more: so a fact is written a few times, no more."""

TABLE: Final = """
create table if not exists loose (
    org_id uuid, month date, facts bigint not null, primary key (org_id, month))
"""
_LOOSE: Final = "select month, facts from loose where org_id = $1 and facts >= $2 order by month"
_COUNTED: Final = "select count(*) from {0} where day >= $1 and day < $2"
_CAME: Final = """
insert into loose
select $1, date_trunc('month', day)::date as month, count(*) from {0} where {1} group by month
    on conflict do update set facts = loose.facts + excluded.facts
"""
_LAID: Final = "delete from loose where org_id = $1 and month >= $2 and month < $3"
# A region, a segment or a channel is whole stretches of thousands of facts: the others are passed
# over unread. In them those of a product are added up at once.
_IN_ORDER: Final = """
create temp table laid as
select * from {0} where day >= $1 and day < $2
 order by region, segment, channel, category, product, location, day
"""


def _firsts(table: str, by: str) -> str:
    """Return the SQL of an array: for each number, the first that has the same there."""
    return f"""
    array(select coalesce(first, 0)
            from generate_series(0, (select max(no) from {table} where org_id = $1)) no
            left join (select no, min(no) over (partition by {by}) as first
                         from {table} where org_id = $1) known using (no)
           order by no)"""


STRETCHES: Final = f"""
select {_firsts("rollup_areas", "country, region")} as regions,
       {_firsts("rollup_mixes", "segment")} as segments,
       {_firsts("rollup_mixes", "channel")} as channels
"""
COLUMNS: Final = ("region", "segment", "channel")
"""What a copy has of each fact beside what a fact is: what stands for it in `Stretches`."""


class Limit(NamedTuple):
    """Numbers that a column may have; all there are of it are less than `end`."""

    column: str
    numbers: frozenset[int]
    end: int


class Stretches(NamedTuple):
    """Which region each area is of, and which segment and channel each mix: by its number.

    For each the first area or mix of these stands, which stays the first whatever comes; 0 where
    no area or mix has the number.
    """

    regions: Sequence[int]
    segments: Sequence[int]
    channels: Sequence[int]

    def limits(self, column: Column, numbers: Collection[int]) -> list[Limit]:
        """Return what columns of a copy may have.

        A fact has such numbers in all of them if it has one of `numbers` in `column`, and only
        then. Those by which most facts are passed over come first.
        """
        parts = {"region": self.regions}
        if column is _C.MIX:
            parts = {"segment": self.segments, "channel": self.channels}
        known = {no for of in parts.values() for no, first in enumerate(of) if first}
        admitted, left = known.intersection(numbers), known
        found = list[Limit]()
        for name, of in parts.items():
            firsts = frozenset(of[no] for no in admitted)
            if firsts != {of[no] for no in known}:
                found.append(Limit(name, firsts, len(of)))
                left = {no for no in left if of[no] in firsts}
        if left != admitted:
            found.append(Limit(column.value, frozenset(admitted), max(known) + 1))
        return found


NO_STRETCHES: Final = Stretches((), (), ())


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
    """Return the months of which many facts lie as they came."""
    loose = session.execute(_LOOSE, {"1": str(org_id), "2": LOOSE}).fetchall()
    found = list[Days]()
    for first, count in loose:
        days = first, next_month(first)
        row = session.execute(_COUNTED.format(table), dict(zip("12", days, strict=True))).fetchone()
        if row and count * _PART >= row[0]:
            found.append(days)
    return found


def lay(session: Session, org_id: UUID, table: str, days: Days) -> None:
    """Write all facts of a month in order."""
    among = {"1": days[0], "2": days[1]}
    session.execute(_IN_ORDER.format(table), among)
    session.execute(f"delete from {table} where day >= $1 and day < $2", among)
    session.execute(f"insert into {table} from laid")
    session.execute("drop table laid")
    gone(session, org_id, *days)
