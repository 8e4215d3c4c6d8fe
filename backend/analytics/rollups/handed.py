"""Sums that a copy handed over, as rows of a statement."""

from typing import Final

from backend.analytics.rollups.admitting import Parameters
from backend.analytics.rollups.filling import SCALED, SUMS
from backend.analytics.rollups.keys import KEY_JOINS, key_of, time_of
from backend.analytics.rollups.planning import NATURAL, TIMES, Handed
from backend.analytics.rules import Question

SQUARES: Final = "squares"
_UNIT: Final = " * 0.0001"


def sums(handed: Handed, question: Question, parameters: Parameters) -> str:
    """Return the sums that were made elsewhere, by what their numbers stand for."""
    # Sums of all groups that share the first key do not have the others.
    keys = [
        _key(question, n) if _name(question, n) in handed.columns else f"null as k{n}"
        for n in range(len(question.group_by))
    ]
    summed = [
        f"{f'x.{name}' if name in handed.columns else 0}{_UNIT if name in SCALED else ''} as {name}"
        for name in SUMS
    ]
    return f"""
    select {_list(*keys, *summed)}
      from {unnested(handed, parameters)}
           {_joins(handed)}
     where $1::uuid is not null"""


def squares(handed: Handed, question: Question) -> tuple[str, list[object]]:
    """Return the rows of units and their squares by the first key, and the values from $2 on."""
    parameters = Parameters()
    rows = unnested(handed, parameters)
    text = f"""
    select {_key(question, 0)}, x.units{_UNIT} as units,
           x.squares{_UNIT}{_UNIT} as squares
      from {rows} {_joins(handed)} where $1::uuid is not null"""
    return text, parameters.values


def lacked(lacking: Handed, question: Question, parameters: Parameters) -> str:
    """Return the rows of what groups did not sell, by the first key: `n` and `rank`."""
    rows = unnested(lacking, parameters)
    return f"select {_key(question, 0)}, x.n, x.rank from {rows} {_joins(lacking)}"


def _name(question: Question, n: int) -> str:
    """Return the name of the column that a key is handed over in."""
    one = question.group_by[n]
    return f"t{n}" if one in TIMES else NATURAL[one].value


def _key(question: Question, n: int) -> str:
    one = question.group_by[n]
    if one in TIMES:
        return f"{time_of(one, question, f'x.t{n}')} as k{n}"
    return f"{key_of(one, NATURAL[one])} as k{n}"


def _joins(handed: Handed) -> str:
    return " ".join(KEY_JOINS[one] for one in KEY_JOINS if one in handed.columns)


def unnested(handed: Handed, parameters: Parameters) -> str:
    """Return what a copy made as rows `x`."""
    arrays = [
        f"{parameters.add(text)}::text::{_kind(name)}[]" for name, text in handed.columns.items()
    ]
    # PostgreSQL sees how many rows there are by this one: of a text it cannot know.
    arrays.append(f"{parameters.add([0] * handed.rows)}::smallint[]")
    return f"unnest({_list(*arrays)}) x ({_list(*handed.columns, 'row')})"


def _kind(name: str) -> str:
    if name in SUMS or name == SQUARES:
        return "numeric" if name in SCALED or name == SQUARES else "bigint"
    return "date" if name[1:].isdigit() else "int"


def lacking(handed: Handed, parameters: Parameters) -> list[str]:
    """Return the conditions of the facts that sums made elsewhere lack."""
    return [f"no > {parameters.add(handed.facts)}", f"no <= {parameters.add(handed.upto)}"]


def _list(*pieces: str) -> str:
    return ", ".join(piece for piece in pieces if piece)
