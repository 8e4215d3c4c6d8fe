"""What is known of an organisation's copy: how far it is, and what is true of all its facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from backend.analytics.columns import laying
from backend.analytics.rollups.grains import IS_RETURN
from backend.infra.columns import Session

_COLUMNS: Final = {
    "org_id": "uuid primary key",
    "epoch": "uuid",
    "facts": "bigint",
    "rewritten": "bigint",
    "kept_from": "date",
    "is_costed": "boolean not null default true",
    "is_even": "boolean not null default true",
    "regions": "integer[] not null default []",
    "segments": "integer[] not null default []",
    "channels": "integer[] not null default []",
}
_TABLE: Final = f"""
create table if not exists copies ({", ".join(" ".join(one) for one in _COLUMNS.items())})
"""
_HAS: Final = "select column_name from duckdb_columns() where table_name = 'copies'"
_TABLES: Final = "select table_name from duckdb_tables() where not temporary"
_COPIED: Final = "select epoch, facts, rewritten, kept_from from copies where org_id = $1"
_REMEMBERED: Final = """
update copies set epoch = $2, facts = $3, rewritten = $4, kept_from = $5 where org_id = $1
"""
_TRAITS: Final = """
select is_costed, is_even, regions, segments, channels from copies where org_id = $1
"""
_STRETCHES: Final = """
update copies set regions = $2, segments = $3, channels = $4 where org_id = $1
"""
_NOTED: Final = f"""
update copies set is_costed = is_costed and fresh.costed, is_even = is_even and fresh.even
  from (select coalesce(bool_and(costs <> 0), true) as costed,
               coalesce(bool_and(case when leads & {IS_RETURN} <> 0 then gross = 0 and discount = 0
                                 else net = gross - discount end), true) as even
          from {{0}} where {{1}}) fresh
 where org_id = $1
"""


@dataclass(frozen=True, slots=True)
class Copied:
    """How far a copy is.

    It has the facts up to the number `facts` as they were when `rewritten` changes were made to
    facts that were there, numbered as in `epoch`; none of days before `kept_from` that went.
    """

    epoch: UUID
    facts: int
    rewritten: int
    kept_from: date | None = None


@dataclass(frozen=True, slots=True)
class Traits:
    """What is true of all facts of a copy, so that some of it follows from the rest.

    `is_costed`: the cost of each is known. `is_even`: net is gross less discount of what is sold,
    and nothing of what comes back is gross or discount. `stretches`: how they lie.
    """

    is_costed: bool = False
    is_even: bool = False
    stretches: laying.Stretches = laying.NO_STRETCHES


NO_TRAITS: Final = Traits()


def begin_all(session: Session) -> None:
    """Make what states are kept in; what another version kept, and how, is forgotten."""
    has = [name for (name,) in session.execute(_HAS).fetchall()]
    if has and has != list(_COLUMNS):
        for (name,) in session.execute(_TABLES).fetchall():
            session.execute(f"drop table {name}")
    session.execute(_TABLE)
    session.execute(laying.TABLE)


def begin(session: Session, org_id: UUID) -> None:
    """Note that there is a copy, of which nothing is known yet."""
    session.execute("insert or replace into copies (org_id) values ($1)", {"1": str(org_id)})
    laying.gone(session, org_id, date.min, date.max)


def remember(session: Session, org_id: UUID, state: Copied) -> None:
    """Note how far the copy is."""
    values = (str(org_id), str(state.epoch), state.facts, state.rewritten, state.kept_from)
    session.execute(_REMEMBERED, dict(zip("12345", values, strict=True)))


def know(session: Session, org_id: UUID, stretches: laying.Stretches) -> None:
    """Note how the facts lie that come."""
    session.execute(_STRETCHES, dict(zip("1234", (str(org_id), *stretches), strict=True)))


def note(session: Session, org_id: UUID, among: str, values: Mapping[str, object]) -> None:
    """Note that facts came, and what is no longer true of all by them."""
    noted = _NOTED.format(table_of(org_id), among)
    session.execute(noted, {"1": str(org_id), **values})
    laying.came(session, org_id, table_of(org_id), among, values)


def forget(session: Session, org_id: UUID) -> None:
    """Delete a copy."""
    session.execute(f"drop table {table_of(org_id)}")
    session.execute("delete from copies where org_id = $1", {"1": str(org_id)})
    laying.gone(session, org_id, date.min, date.max)


def table_of(org_id: UUID) -> str:
    """Return the name of the table that holds an organisation's facts."""
    return f"facts_{org_id.hex}"


def copied(session: Session, org_id: UUID) -> Copied | None:
    """Return how far the copy is that this transaction of the session sees."""
    row = session.execute(_COPIED, {"1": str(org_id)}).fetchone()
    return None if row is None else Copied(*row)


def traits(session: Session, org_id: UUID) -> Traits:
    """Return what is true of all facts that are copied; there is a copy."""
    row = session.execute(_TRAITS, {"1": str(org_id)}).fetchone()
    if row is None:
        return NO_TRAITS
    is_costed, is_even, *firsts = row
    return Traits(is_costed, is_even, laying.Stretches(*firsts))
