"""Adjustments and counts: changes of stock that people make, each under a key of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from backend.catalogue import service as catalogue
from backend.catalogue.rules import ProductRef
from backend.core.drafts import Draft, Moment
from backend.core.numbers import ZERO, InvalidQuantity, quantity
from backend.core.texts import MOST_NAME, InvalidText, is_storable, printable
from backend.core.times import happened_at
from backend.infra.batches import Row, claim_rows, give_back, read_rows
from backend.infra.effects import EffectKind
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef
from backend.stock import service as stock
from backend.stock.errors import (
    InvalidReason,
    MissingExpectation,
    StaleQuantity,
    UnknownLocation,
    UnknownProduct,
)
from backend.stock.rules import ADJUSTABLE, Level, LevelKey, Movement, MovementReason


class AdjustmentDraft(Draft, frozen=True, kw_only=True):
    """A change by so much, as sent. Times None: now."""

    idempotency_key: str
    sku: str
    location: str
    delta: Decimal
    reason: MovementReason
    reference: str | None = None
    occurred_at: Moment | None = None


class CountDraft(Draft, frozen=True, kw_only=True):
    """A quantity found by counting, as sent.

    `expected` None accepts whatever the ledger said; UNSET is an error.
    """

    idempotency_key: str
    sku: str
    location: str
    quantity: Decimal
    expected: Decimal | msgspec.UnsetType | None = msgspec.UNSET
    counted_at: Moment | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class _Count:
    """A count with everything it names found. `counted_at` None: now."""

    product: ProductRef
    location: LocationRef
    quantity: Decimal
    expected: Decimal | None
    counted_at: datetime | None
    reference: str | None

    @property
    def level_key(self) -> LevelKey:
        return (self.location.id, self.product.id)


@dataclass(frozen=True, slots=True)
class _Names:
    """The products and locations a batch names."""

    products: dict[str, ProductRef]
    locations: dict[str, LocationRef]

    def product(self, sku: str, path: list[str]) -> ProductRef:
        if sku not in self.products:
            raise UnknownProduct(f"no product {sku[:60]!r}", field=[*path, "sku"], value=sku[:60])
        return self.products[sku]

    def location(self, code: str, path: list[str]) -> LocationRef:
        if code not in self.locations:
            raise UnknownLocation(
                f"no location {code[:60]!r}", field=[*path, "location"], value=code[:60]
            )
        return self.locations[code]


async def adjust(
    work: Work, drafts: Sequence[AdjustmentDraft], *, all_or_nothing: bool
) -> list[tuple[Row[Movement], Level | None]]:
    """Post adjustments; each row comes with the level it left, None unless it took effect now."""
    names = await _names(work, drafts)

    def read(draft: AdjustmentDraft, path: list[str]) -> Movement:
        if draft.reason not in ADJUSTABLE:
            raise InvalidReason(
                f"{draft.reason.value} is not a reason for an adjustment",
                field=[*path, "reason"],
                value=draft.reason.value,
            )
        amount = quantity(draft.delta, [*path, "delta"])
        if amount == ZERO:
            raise InvalidQuantity("a delta of 0 changes nothing", field=[*path, "delta"], value="0")
        return Movement(
            product=names.product(draft.sku, path),
            location=names.location(draft.location, path),
            quantity=amount,
            reason=draft.reason,
            reference=_reference(draft.reference, path),
            occurred_at=_moment(work, draft.occurred_at, [*path, "occurredAt"]),
        )

    rows = read_rows(drafts, "adjustments", lambda draft: draft.idempotency_key, read)
    new = await claim_rows(work, EffectKind.ADJUSTMENT, rows, all_or_nothing=all_or_nothing)
    for row in new:
        assert row.value is not None
        row.value = replace(row.value, id=row.effect_id)
    levels = await stock.post(work, [row.value for row in new if row.value])
    work.note_all("STOCK_ADJUSTED", [row.effect_id for row in new])
    return [
        (row, levels[row.value.level_key] if row.is_new and row.value else None) for row in rows
    ]


async def count(
    work: Work, drafts: Sequence[CountDraft], *, all_or_nothing: bool
) -> list[tuple[Row[_Count], Level | None]]:
    """Bring levels to what was counted, unless they changed since `expected`.

    A count at an earlier time is compared with the ledger at that time: what happened since still
    counts. Each row comes with the level it left, None unless it took effect now and found a
    difference.
    """
    names = await _names(work, drafts)

    def read(draft: CountDraft, path: list[str]) -> _Count:
        if isinstance(draft.expected, msgspec.UnsetType):
            raise MissingExpectation(
                "send the quantity the count was made against, or null to accept any",
                field=[*path, "expected"],
            )
        return _Count(
            product=names.product(draft.sku, path),
            location=names.location(draft.location, path),
            quantity=quantity(draft.quantity, [*path, "quantity"], least=ZERO),
            expected=None
            if draft.expected is None
            else quantity(draft.expected, [*path, "expected"]),
            counted_at=draft.counted_at
            and happened_at(
                draft.counted_at, [*path, "countedAt"], now=work.now, horizon=work.horizon
            ),
            reference=_reference(draft.reference, path),
        )

    rows = read_rows(drafts, "counts", lambda draft: draft.idempotency_key, read)
    new = await claim_rows(work, EffectKind.COUNT, rows, all_or_nothing=all_or_nothing)
    movements = await _differences(work, new)
    stale = [row for row in new if row.error]
    if stale:
        dropped = new if all_or_nothing else stale
        await give_back(work, EffectKind.COUNT, dropped)
        if all_or_nothing:
            await claim_rows(work, EffectKind.COUNT, rows, all_or_nothing=True)  # rejects them all
            movements = []
    levels = await stock.post(work, movements)
    work.note_all("STOCK_COUNTED", [row.effect_id for row in new if row.error is None])
    return [
        (row, levels.get(row.value.level_key) if row.is_new and row.value else None) for row in rows
    ]


async def _differences(work: Work, rows: Sequence[Row[_Count]]) -> list[Movement]:
    """Return the movements that counts call for, with their levels locked.

    Sets the error of those that are stale.
    """
    counts = [row.value for row in rows if row.value]
    on_hand = await stock.on_hand_for_update(work, [one.level_key for one in counts])
    movements: list[Movement] = []
    for row in rows:
        one = row.value
        assert one is not None
        known = on_hand.get(one.level_key, ZERO)
        if one.counted_at is not None:
            past = await stock.quantities_at(work, [one.level_key], one.counted_at, None)
            known = past[one.level_key]
        if one.expected is not None and one.expected != known:
            row.error = StaleQuantity(
                f"the ledger says {known:f}, not {one.expected:f}: count again",
                field=[*row.path, "expected"],
                value=str(one.expected),
                quantity=str(known),
            )
            continue
        difference = one.quantity - known
        on_hand[one.level_key] = on_hand.get(one.level_key, ZERO) + difference
        if difference:
            movements.append(_movement(work, row, one, difference))
    return movements


def _movement(work: Work, row: Row[_Count], one: _Count, difference: Decimal) -> Movement:
    return Movement(
        product=one.product,
        location=one.location,
        quantity=difference,
        reason=MovementReason.COUNT,
        reference=one.reference,
        occurred_at=one.counted_at or work.now,
        id=row.effect_id,
    )


async def _names(work: Work, drafts: Sequence[AdjustmentDraft] | Sequence[CountDraft]) -> _Names:
    return _Names(
        await catalogue.resolve_skus(work, {draft.sku for draft in drafts}),
        await locations.resolve_locations(work, {draft.location for draft in drafts}),
    )


def _reference(value: str | None, path: list[str]) -> str | None:
    if value is not None and (len(value) > MOST_NAME or not is_storable(value)):
        raise InvalidText(
            f"a reference has at most {MOST_NAME} characters",
            field=[*path, "reference"],
            value=printable(value),
        )
    return value


def _moment(work: Work, value: datetime | None, field: list[str]) -> datetime:
    return (
        work.now if value is None else happened_at(value, field, now=work.now, horizon=work.horizon)
    )
