"""What the outbox does at its bounds: barcodes are never dropped, tags give way and are counted."""

from __future__ import annotations

import dataclasses
import json

import pytest

from edge_agent.clock import Stamp
from edge_agent.losses import Loss, LossKind
from edge_agent.outbox import Outbox
from edge_agent.reads import ReadClass, TagDetails, Verdict
from edge_agent.settings import Settings, UplinkSettings
from edge_agent.spool import Selection
from edge_agent.status import read_status
from tests.edge.conftest import some_reads
from tests.edge.test_outbox import ALL, rows_in

HOUR_MS = 3_600_000


@dataclasses.dataclass
class SetClock:
    """A clock that stands where it is put."""

    stamp: Stamp

    def now(self):
        return self.stamp

    def pass_ms(self, ms):
        stamp = self.stamp
        self.stamp = Stamp(stamp.boot_id, stamp.wall_ms + ms, stamp.mono_ms + ms)


def some_tags(count, *, device="gate", at=None):
    tag = TagDetails("APPEARED", 1, -50.0, 0)
    reads = [dataclasses.replace(read, tag=tag) for read in some_reads(count, device=device)]
    return [dataclasses.replace(read, observed=at) for read in reads] if at else reads


def keys(reads):
    return [read.key for read in reads]


@pytest.fixture
def limited(outbox_settings):
    return dataclasses.replace(outbox_settings, max_rows=10)


async def deliver_all(outbox):
    while (batch := await outbox.oldest(ALL)) is not None:
        await outbox.settle(batch.device, [Verdict(key) for key in batch.keys])


async def losses(outbox):
    return (await outbox.counts()).losses


async def test_the_oldest_tags_give_way_to_newer_ones_and_are_counted(limited):
    tags = some_tags(25)
    async with Outbox(limited) as outbox:
        refused = [await outbox.append([tag]) for tag in tags]
        lost = await losses(outbox)
        depth = await outbox.depth()

    assert refused == [0] * 25
    assert rows_in(limited.path) == keys(tags[15:])
    assert lost == (Loss("gate", ReadClass.RFID, LossKind.DROPPED, 15),)
    assert depth == 10


async def test_tags_give_way_to_barcodes_and_never_barcodes_to_anything(limited):
    barcodes, tags = some_reads(12), some_tags(5)
    async with Outbox(limited) as outbox:
        await outbox.append(barcodes[:5])
        await outbox.append(tags)
        refused = [await outbox.append(barcodes[5:]), await outbox.append(some_tags(1))]

        lost = await losses(outbox)

    assert refused == [2, 1]
    assert rows_in(limited.path) == keys(barcodes[:10])
    assert set(lost) == {
        Loss("gate", ReadClass.RFID, LossKind.DROPPED, 5),
        Loss("gate", ReadClass.RFID, LossKind.REFUSED, 1),
        Loss("till-1", ReadClass.BARCODE, LossKind.REFUSED, 2),
    }


async def test_counts_of_losses_survive_a_restart_and_grow_on(limited):
    async with Outbox(limited) as outbox:
        await outbox.append(some_tags(13))
    async with Outbox(limited) as outbox:
        await deliver_all(outbox)
        await outbox.append(some_tags(14))

        lost = await losses(outbox)

    assert [(loss.kind, loss.count) for loss in lost] == [
        (LossKind.REFUSED, 7),
    ]


async def test_status_says_what_was_lost(limited):
    async with Outbox(limited) as outbox:
        await outbox.append(some_tags(10))
        await outbox.append(some_tags(2))
    nowhere = UplinkSettings("http://127.0.0.1:1", "http://127.0.0.1:1", "id", "secret")

    report = read_status(Settings(nowhere, limited, ()))

    assert json.loads(json.dumps(report["losses"])) == [
        {"device": "gate", "read_class": "RFID", "kind": "DROPPED", "count": 2}
    ]


async def test_tags_that_the_backend_may_have_already_are_not_dropped(limited):
    tags = some_tags(12)
    async with Outbox(limited) as outbox:
        await outbox.append(tags[:10])
        batch = await outbox.oldest(Selection(4))
        await outbox.append(tags[10:])

    assert batch.keys == tuple(keys(tags[:4]))
    assert rows_in(limited.path) == keys([*tags[:4], *tags[6:]])


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_no_answer_to_a_batch_makes_its_tags_countable_as_dropped(
    outbox_settings, is_restarted
):
    limited = dataclasses.replace(outbox_settings, max_rows=1000)
    tags = some_tags(1100)
    async with Outbox(limited) as outbox:
        await outbox.append(tags[:1000])
        await outbox.oldest(Selection(300))
        await outbox.oldest(Selection(100))
        if not is_restarted:
            await outbox.append(tags[1000:])
    if is_restarted:
        async with Outbox(limited) as outbox:
            await outbox.append(tags[1000:])

    assert set(keys(tags[:300])) <= set(rows_in(limited.path))
    assert len(rows_in(limited.path)) == 1000


async def test_a_file_at_its_byte_bound_drops_tags_and_stays_within_it(outbox_settings):
    bound = 512 * 1024
    limited = dataclasses.replace(outbox_settings, max_bytes=bound)
    async with Outbox(limited) as outbox:
        refused = [await outbox.append(some_tags(100)) for _ in range(60)]
        counts = await outbox.counts()

    assert sum(refused) == 0
    assert counts.size_bytes <= bound
    (lost,) = counts.losses
    assert (lost.kind, lost.count + counts.depth) == (LossKind.DROPPED, 6000)


async def test_a_file_of_barcodes_at_its_byte_bound_refuses_and_counts_what_it_refused(
    outbox_settings,
):
    limited = dataclasses.replace(outbox_settings, max_bytes=512 * 1024)
    async with Outbox(limited) as outbox:
        refused = sum([await outbox.append(some_reads(100)) for _ in range(60)])
        counts = await outbox.counts()

    assert 0 < refused < 6000
    assert counts.depth == 6000 - refused
    assert counts.losses == (Loss("till-1", ReadClass.BARCODE, LossKind.REFUSED, refused),)


@pytest.fixture
def aged(outbox_settings):
    return dataclasses.replace(outbox_settings, max_age_h=1)


async def tended(settings, clock):
    """Open the outbox, which tends it; return the keys that are left."""
    async with Outbox(settings, clock) as outbox:
        await outbox.depth()
    return rows_in(settings.path)


async def test_tags_expire_by_the_time_the_machine_was_on_and_barcodes_never(aged):
    clock = SetClock(Stamp("boot", 1_700_000_000_000, 5_000))
    tags, barcodes = some_tags(3, at=clock.now()), some_reads(2)
    barcodes = [dataclasses.replace(read, observed=clock.now()) for read in barcodes]
    async with Outbox(aged, clock) as outbox:
        await outbox.append([*tags, *barcodes])

    clock.pass_ms(HOUR_MS - 1)
    before = await tended(aged, clock)
    clock.pass_ms(2)
    after = await tended(aged, clock)

    assert before == keys([*tags, *barcodes])
    assert after == keys(barcodes)
    async with Outbox(aged, clock) as outbox:
        assert await losses(outbox) == (Loss("gate", ReadClass.RFID, LossKind.EXPIRED, 3),)


@pytest.mark.parametrize("years", [-50, 50])
async def test_a_wall_clock_that_jumps_expires_nothing(aged, years):
    at = Stamp("boot", 1_700_000_000_000, 5_000)
    tags = some_tags(3, at=at)
    async with Outbox(aged, SetClock(at)) as outbox:
        await outbox.append(tags)

    jumped = Stamp("boot", at.wall_ms + years * 365 * 24 * HOUR_MS, at.mono_ms + 1000)

    assert await tended(aged, SetClock(jumped)) == keys(tags)


async def test_age_goes_on_over_boots_and_time_without_power_counts_for_nothing(aged):
    first = SetClock(Stamp("first", 1_700_000_000_000, 9 * HOUR_MS))
    tags = some_tags(2, at=first.now())
    async with Outbox(aged, first) as outbox:
        await outbox.append(tags)
    first.pass_ms(HOUR_MS // 2)
    half = await tended(aged, first)
    year_ms = 365 * 24 * HOUR_MS
    second = SetClock(Stamp("second", first.now().wall_ms + year_ms, HOUR_MS // 2 - 1000))

    just_before = await tended(aged, second)
    second.pass_ms(2000)
    after = await tended(aged, second)

    assert half == just_before == keys(tags)
    assert after == []
