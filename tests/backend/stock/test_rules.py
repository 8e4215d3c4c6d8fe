"""Stock arithmetic holds for any movements."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given, strategies as st
from msgspec.structs import replace

from backend.catalogue.rules import ProductRef
from backend.core.ids import new_id
from backend.locations.rules import LocationKind, LocationRef, SalesSource
from backend.stock.rules import Level, Movement, MovementReason, deltas, running_levels

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PRODUCTS = [ProductRef(new_id(), f"P{n}", f"P{n}") for n in range(3)]
PLACES = [
    LocationRef(new_id(), f"L{n}", f"L{n}", LocationKind.STORE, "UTC", SalesSource.POS)
    for n in range(2)
]
units = st.decimals(-1000, 1000, places=2)
amounts = st.decimals(0, 1000, places=2)
movements = st.lists(
    st.builds(
        Movement,
        product=st.sampled_from(PRODUCTS),
        location=st.sampled_from(PLACES),
        quantity=units,
        reason=st.just(MovementReason.CORRECTION),
        reference=st.none(),
        occurred_at=st.just(NOW),
        id=st.builds(new_id),
    ),
    max_size=20,
)


def level(on_hand, committed=0, unavailable=0, **fields):
    return Level(
        new_id(), PRODUCTS[0], PLACES[0], Decimal(on_hand), Decimal(committed),
        Decimal(unavailable), Decimal(0), None, fields.get("version", 1), NOW,
    )  # fmt: skip


@given(units, amounts, amounts)
def test_available_is_never_negative_and_never_more_than_on_hand(on_hand, committed, unavailable):
    one = level(on_hand, committed, unavailable)

    assert one.available >= 0
    assert one.available <= max(Decimal(0), one.on_hand)
    assert one.is_oversold == (on_hand < 0)


@given(movements)
def test_deltas_add_up_to_the_movements_and_come_in_locking_order(moved):
    sums = deltas(moved)

    keys = [(one.location.id, one.product.id) for one in sums]
    assert keys == sorted(set(keys))
    assert sum((one.quantity for one in sums), Decimal(0)) == sum(
        (one.quantity for one in moved), Decimal(0)
    )
    assert sum(one.count for one in sums) == len(moved)


@given(movements)
def test_running_levels_lead_from_one_version_to_the_next(moved):
    after = {
        (one.location.id, one.product.id): replace(
            level(one.quantity, version=one.count), product=one.product, location=one.location
        )
        for one in deltas(moved)
    }

    running = running_levels(moved, after)

    seen = {}
    for movement, now in zip(moved, running, strict=True):
        before, version = seen.get(movement.level_key, (Decimal(0), 0))
        assert now.on_hand == before + movement.quantity
        assert now.version == version + 1
        seen[movement.level_key] = (now.on_hand, now.version)
    assert all(seen[key] == (one.on_hand, one.version) for key, one in after.items())
