"""One unit of work of an import: keys, sales, lines, movements, levels and events in one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from backend.catalogue.rules import ProductRef
from backend.core.events import Topic
from backend.core.ids import new_id
from backend.core.numbers import ZERO
from backend.imports import statements
from backend.imports.facts import RECORDED_AT
from backend.imports.openings import LevelDelta
from backend.imports.preparing import Claimed, Names, Prepared
from backend.imports.rules import Opening
from backend.infra import bulk, effects
from backend.infra.effects import EffectKind, Standing
from backend.infra.work import MOST_ITEMS, Work
from backend.locations.rules import LocationRef
from backend.sales.events import SaleRecorded
from backend.stock import service as stock
from backend.stock.events import StockLevelChanged

OPENED: Final = "import:opening"
BEFORE: Final = timedelta(seconds=1)
_JSON: Final = msgspec.json.Encoder(decimal_format="string")


@dataclass(frozen=True, slots=True)
class Written:
    """What a unit did: counts, and the orders that took effect before, with the same lines or with others."""

    counts: dict[str, int]
    duplicates: frozenset[str]
    mismatches: frozenset[str]


async def write(
    work: Work, claimed: Claimed, names: Names, opening: Opening, first_at: datetime
) -> Written:
    """Write the orders of a unit that are new, each once and for all. `first_at` is the first moment of the file."""
    orders = list(claimed.claims)
    answers = await effects.claim(work, EffectKind.IMPORT, list(claimed.claims.values()))
    by_standing: dict[Standing, set[str]] = {standing: set() for standing in Standing}
    for order, answer in zip(orders, answers, strict=True):
        by_standing[answer.standing].add(order)
    new = by_standing[Standing.NEW]
    prepared = claimed.prepared if len(new) == len(orders) else claimed.prepare(new)
    if new:
        await _copy(work, prepared)
        levels = await _post(work, prepared, opening, first_at - BEFORE)
        await _append(work, prepared, _level_facts(levels, names))
    return Written(
        prepared.counts,
        frozenset(by_standing[Standing.DUPLICATE]),
        frozenset(by_standing[Standing.MISMATCH]),
    )


async def _copy(work: Work, prepared: Prepared) -> None:
    for statement in statements.TEMPORARY:
        await work.rows(statement)
    await bulk.copy(work, "import_sales", statements.SALE_COLUMNS, prepared.sales)
    await bulk.copy(work, "import_lines", statements.LINE_COLUMNS, prepared.lines)
    await bulk.copy(work, "import_movements", statements.MOVEMENT_COLUMNS, prepared.movements)
    org = work.principal.org_id
    await work.rows(statements.INSERT_SALES, org, work.now)
    await work.rows(statements.INSERT_LINES, org)


async def _post(
    work: Work, prepared: Prepared, opening: Opening, opened_at: datetime
) -> list[dict[str, Any]]:
    """Post the movements, and before them what must have been there; return the levels they left."""
    if not prepared.levels:
        return []
    org, prefix = work.principal.org_id, str(new_id())[:24]
    on_hand = await stock.on_hand_for_update(work, [one.key for one in prepared.levels])
    opened = [(one, one.opening(on_hand.get(one.key, ZERO), opening)) for one in prepared.levels]
    await work.rows(statements.INSERT_MOVEMENTS, org, work.now, prefix)
    await _open(work, [(one, quantity) for one, quantity in opened if quantity], opened_at)
    return await work.rows(
        statements.POST,
        org,
        work.now,
        [new_id() for _ in opened],
        [one.key[0] for one, _ in opened],
        [one.key[1] for one, _ in opened],
        [one.early + one.late + quantity for one, quantity in opened],
        [one.count + bool(quantity) for one, quantity in opened],
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
    """Return the facts of levels by location: history tells the level it left, not each of its movements."""
    products: dict[object, ProductRef] = {one.id: one for one in names.products.values()}
    places: dict[object, LocationRef] = {one.id: one for one in names.locations.values()}
    by_place: dict[str, list[Any]] = {}
    for row in levels:
        place = places[row["location_id"]]
        level = stock.level_of(row, products[row["product_id"]], place)
        fact = StockLevelChanged(location_id=place.id, level=level).fact()
        by_place.setdefault(str(place.id), []).append(fact)
    return list(by_place.items())


async def _append(work: Work, prepared: Prepared, levels: list[tuple[str, list[Any]]]) -> None:
    """Append the events as the last statement. No reaction runs: history raises no alerts."""
    recorded_at = _JSON.encode(work.now).decode().strip('"')
    entries: list[tuple[str, str, str, int, str]] = []
    for place, facts in levels:
        for start in range(0, len(facts), MOST_ITEMS):
            items = _JSON.encode(facts[start : start + MOST_ITEMS]).decode()
            kind, version = StockLevelChanged.kind, StockLevelChanged.schema_version
            entries.append((Topic.STOCK.value, kind, place, version, items))
    for kind, place, items in prepared.entries.iter_rows():
        told = items.replace(RECORDED_AT, recorded_at)
        entries.append((Topic.SALES.value, kind, place, SaleRecorded.schema_version, told))
    if entries:
        await work.rows(statements.APPEND, *(list(one) for one in zip(*entries, strict=True)))
