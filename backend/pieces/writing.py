"""How steps are written into the register."""

from collections.abc import Iterable, Sequence

from backend.infra.work import Work
from backend.pieces import statements
from backend.pieces.register import Step
from backend.pieces.rules import Turn


async def insert(work: Work, steps: Sequence[Step]) -> list[Step]:
    """Make new pieces; return the steps of those that nobody else made meanwhile."""
    org, rows = work.principal.org_id, [_inserted(step) for step in steps]
    made = {row["id"] for row in await work.rows(statements.INSERT, org, work.now, *columns(rows))}
    steps = [step for step in steps if step.after.id in made]
    await _add_turns(work, steps)
    return steps


async def update(work: Work, steps: Sequence[Step]) -> None:
    """Bring locked pieces up to date."""
    org = work.principal.org_id
    seen = [_seen(step) for step in steps if not step.has_changed]
    changed = [_changed(step) for step in steps if step.has_changed]
    if seen:
        await work.rows(statements.SEE, org, *columns(seen))
    if changed:
        await work.rows(statements.CHANGE, org, work.now, *columns(changed))
    await _add_turns(work, steps)


def columns(rows: Iterable[tuple[object, ...]]) -> list[list[object]]:
    """Return the columns of some rows, for `unnest`."""
    return [list(column) for column in zip(*rows, strict=True)]


async def _add_turns(work: Work, steps: Iterable[Step]) -> None:
    added: list[tuple[object, ...]] = []
    taken: list[tuple[object, ...]] = []
    for step in steps:
        if not step.turns:
            continue
        took = {turn.read_id for turn in step.outcome.sales}
        added += [_turn(step, turn, took=turn.read_id in took) for turn in step.turns]
        now = {turn.read_id for turn in step.turns}
        taken += [(step.after.id, read_id) for read_id in took - now]
    if added:
        await work.rows(statements.ADD_TURNS, work.principal.org_id, *columns(added))
    if taken:
        await work.rows(statements.TAKE_TURNS, work.principal.org_id, *columns(taken))


def _inserted(step: Step) -> tuple[object, ...]:
    piece, label, sight = step.after, step.reads[0].label, step.after.sight
    holding = piece.holding
    return (
        piece.id, piece.gtin, piece.serial, piece.epc, label.epc_hex, piece.product_id, piece.units,
        label.lot, label.expires_on, piece.state.value, piece.is_suspect, sight.location_id,
        sight.read_point, sight.first_seen_at, sight.last_seen_at, sight.inside_at, sight.left_at,
        holding.stock_location_id, holding.sold_at, holding.bought_at, holding.bought_location_id,
        holding.decided_at,
    )  # fmt: skip


def _seen(step: Step) -> tuple[object, ...]:
    sight = step.after.sight
    return (
        step.after.id, sight.location_id, sight.read_point, sight.first_seen_at, sight.last_seen_at,
        sight.inside_at, sight.left_at,
    )  # fmt: skip


def _changed(step: Step) -> tuple[object, ...]:
    piece, sight, holding = step.after, step.after.sight, step.after.holding
    return (
        piece.id, piece.state.value, piece.is_suspect, sight.location_id, sight.read_point,
        sight.first_seen_at, sight.last_seen_at, sight.inside_at, sight.left_at,
        holding.stock_location_id, holding.sold_at, holding.bought_at, holding.bought_location_id,
        holding.decided_at,
    )  # fmt: skip


def _turn(step: Step, turn: Turn, *, took: bool) -> tuple[object, ...]:
    return (
        step.after.id, turn.at, turn.is_checkout, turn.key, turn.read_id, turn.location_id,
        turn.device, turn.sells, took, turn.price,
    )  # fmt: skip
