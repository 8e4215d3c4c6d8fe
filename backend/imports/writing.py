"""One unit of work of an import.

Keys, sales, lines, movements, levels and events in one transaction.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec
import polars as pl

from backend.core.events import Topic
from backend.core.ids import new_id
from backend.core.numbers import ZERO
from backend.imports import statements
from backend.imports.facts import RECORDED_AT
from backend.imports.openings import LevelDelta
from backend.imports.preparing import Claimed, Names, Prepared
from backend.infra import bulk, effects
from backend.infra.effects import EffectKind, Standing
from backend.infra.work import MOST_ITEMS, Work
from backend.sales.events import SaleRecorded
from backend.stock import service as stock
from backend.stock.events import StockLevelChanged

OPENED: Final = "import:opening"
BEFORE: Final = timedelta(seconds=1)
ENTRIES_AT_ONCE: Final = 30
_JSON: Final = msgspec.json.Encoder(decimal_format="string")


@dataclass(frozen=True, slots=True)
class Written:
    """What a unit did.

    Counts, and the orders that took effect before, with the same lines or with others.
    """

    counts: dict[str, int]
    duplicates: frozenset[str]
    mismatches: frozenset[str]


async def open_levels(work: Work, names: Names, lowest: pl.DataFrame, first_at: datetime) -> None:
    """Post what must have lain there before a file's first moment.

    `lowest` is the lowest point of each location and SKU that the lines about to be written reach.
    Levels whose ledger is kept otherwise too are left alone.
    """
    wanted = {
        (names.locations[place].id, names.products[sku].id): low
        for place, sku, low in lowest.iter_rows()
    }
    keys = sorted(wanted.keys() - names.starts.keys())
    on_hand = await stock.on_hand_for_update(work, keys)
    lacking = [(key, -(on_hand.get(key, ZERO) + wanted[key])) for key in keys]
    deltas = [LevelDelta(key, quantity, ZERO, 1) for key, quantity in lacking if quantity > 0]
    if deltas:
        await _open(work, [(one, one.quantity) for one in deltas], first_at - BEFORE)
        await _append(work, [], _level_facts(await _move(work, deltas), names))


async def write(
    work: Work, claimed: Claimed, names: Names, first_at: datetime, turn: asyncio.Event
) -> Written:
    """Write the orders of a unit that are new, each once and for all.

    Levels move when it is its `turn`.

    `first_at` is the first moment of the file.
    """
    orders = list(claimed.claims)
    answers = await effects.claim(work, EffectKind.IMPORT, list(claimed.claims.values()))
    by_standing: dict[Standing, set[str]] = {standing: set() for standing in Standing}
    for order, answer in zip(orders, answers, strict=True):
        by_standing[answer.standing].add(order)
    new = by_standing[Standing.NEW]
    prepared = claimed.prepared if len(new) == len(orders) else claimed.prepare(new)
    if new:
        await _copy(work, prepared)
        await turn.wait()
        levels = await _post(work, prepared, first_at - BEFORE)
        await _append(work, list(prepared.entries.iter_rows()), _level_facts(levels, names))
    return Written(
        prepared.counts,
        frozenset(by_standing[Standing.DUPLICATE]),
        frozenset(by_standing[Standing.MISMATCH]),
    )


async def _copy(work: Work, prepared: Prepared) -> None:
    for statement in statements.TEMPORARY:
        await work.rows(statement)
    await bulk.copy(work, "import_sales", statements.SALE_COLUMNS, prepared.sales)
    await bulk.copy(work, "import_lines", statements.COPIED_LINE_COLUMNS, prepared.lines)
    if prepared.adjustments:
        columns = statements.ADJUSTMENT_COLUMNS
        await bulk.copy(work, "import_adjustments", columns, prepared.adjustments)
    org = work.principal.org_id
    await work.rows(statements.INSERT_SALES, org, work.now)
    await work.rows(statements.INSERT_LINES, org)
    await work.rows(statements.INSERT_MOVEMENTS, org, work.now, str(new_id())[:24])


async def _post(work: Work, prepared: Prepared, opened_at: datetime) -> list[dict[str, Any]]:
    """Bring the levels up to date with the movements; return what they left.

    What happened before a ledger was kept gets its counterpart in front: it changes what is known
    of the past, not the level.
    """
    early = [(one, -one.early) for one in prepared.levels if one.early]
    await _open(work, early, opened_at)
    moved = [
        LevelDelta(one.key, one.quantity - one.early, ZERO, one.count + bool(one.early))
        for one in prepared.levels
    ]
    return await _move(work, moved) if moved else []


async def _move(work: Work, deltas: list[LevelDelta]) -> list[dict[str, Any]]:
    return await work.rows(
        statements.POST,
        work.principal.org_id,
        work.now,
        [new_id() for _ in deltas],
        [one.key[0] for one in deltas],
        [one.key[1] for one in deltas],
        [one.quantity for one in deltas],
        [one.count for one in deltas],
    )


async def _open(work: Work, opened: list[tuple[LevelDelta, Decimal]], opened_at: datetime) -> None:
    if opened:
        await work.rows(
            statements.OPEN,
            work.principal.org_id,
            work.now,
            OPENED,
            opened_at,
            [new_id() for _ in opened],
            [one.key[0] for one, _ in opened],
            [one.key[1] for one, _ in opened],
            [quantity for _, quantity in opened],
        )


def _level_facts(levels: list[dict[str, Any]], names: Names) -> list[tuple[str, list[Any]]]:
    """Return the facts of levels by location.

    History tells the level it left, not each of its movements.
    """
    products = {one.id: one for one in names.products.values()}
    places = {one.id: one for one in names.locations.values()}
    by_place: dict[str, list[Any]] = {}
    for row in levels:
        place = places[row["location_id"]]
        level = stock.level_of(row, products[row["product_id"]], place)
        fact = StockLevelChanged(location_id=place.id, level=level).fact()
        by_place.setdefault(str(place.id), []).append(fact)
    return list(by_place.items())


async def _append(
    work: Work, sales: list[tuple[str, str, str]], levels: list[tuple[str, list[Any]]]
) -> None:
    """Append the events as the last statement. No reaction runs: history raises no alerts."""
    recorded_at = _JSON.encode(work.now).decode().strip('"')
    entries: list[tuple[str, str, str, int, str]] = []
    for place, facts in levels:
        for start in range(0, len(facts), MOST_ITEMS):
            items = _JSON.encode(facts[start : start + MOST_ITEMS]).decode()
            kind, version = StockLevelChanged.kind, StockLevelChanged.schema_version
            entries.append((Topic.STOCK.value, kind, place, version, items))
    for kind, place, items in sales:
        told = items.replace(RECORDED_AT, recorded_at)
        entries.append((Topic.SALES.value, kind, place, SaleRecorded.schema_version, told))
    # A few at a time: the database sorts what comes in one call.
    for start in range(0, len(entries), ENTRIES_AT_ONCE):
        some = entries[start : start + ENTRIES_AT_ONCE]
        await work.rows(statements.APPEND, *(list(one) for one in zip(*some, strict=True)))
