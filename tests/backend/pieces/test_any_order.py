"""In whatever order and however often reads come, register and ledger end as if in order, once."""

import asyncio
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from backend.app import reactions as all_reactions
from backend.devices import ingest
from backend.devices.rules import IngestDraft, ReadDraft
from tests.backend.pieces.test_reads import POINTS, tag
from tests.backend.shop import UPSERT_DEVICES, open_shop
from tests.world import run_sql

PIECES, READS, PLACES = 12, 240, ("north", "south", "web")
ROLES = {point["code"]: point["role"] for point in POINTS}
REGISTER = """
select p.serial, p.state, seen.code as seen, stock.code as stock, p.is_suspect, p.first_seen_at,
       p.last_seen_at, p.sold_at
  from pieces p join locations seen on seen.id = p.location_id
  left join locations stock on stock.id = p.stock_location_id
"""
LEVELS = """
select l.code, v.on_hand::int as units,
       (select sum(m.quantity)::int from stock_movements m
         where m.location_id = v.location_id and m.product_id = v.product_id) as ledger
  from stock_levels v join locations l on l.id = v.location_id
"""
SUSPECTS = """
select subject from alerts where kind = 'SUSPECT_EXIT' and state <> 'RESOLVED' order by subject
"""


@pytest.fixture
def reactions():
    """All of them, as in every program."""
    return all_reactions()


@pytest.fixture
async def shop(graphql):
    """Readers of every role at three places; at `south` a checkout read is the sale."""
    await open_shop(graphql)
    devices = [{"code": place, "location": place, "readPoints": POINTS} for place in PLACES]
    await graphql(UPSERT_DEVICES, {"input": {"devices": devices}})


def made_reads(chance, tills):
    """Return reads as (place, draft), in the order of their times, of which no two are equal.

    Every piece is received first; it is bought at `tills` only.
    """
    start = datetime.now(UTC) - timedelta(days=3)
    moments = sorted(chance.sample(range(3 * 24 * 60), READS))
    serials = [*range(PIECES), *(chance.randrange(PIECES) for _ in range(READS - PIECES))]
    points = ["dock"] * PIECES + chance.choices(list(ROLES), [2, 3, 4, 2], k=READS - PIECES)
    return [
        (
            chance.choice(tills if point == "till" else PLACES),
            ReadDraft(
                key=f"{number}",
                read_point=point,
                code=tag(serial),
                symbology="EPC",
                observed_at=start + timedelta(minutes=minute),
            ),
        )
        for number, (minute, serial, point) in enumerate(zip(moments, serials, points, strict=True))
    ]


class Model:
    """The rules of docs/pieces.md in the plainest words, read by read in the order of time."""

    def __init__(self):
        self.stock, self.sold, self.seen, self.left = {}, {}, {}, {}
        self.first, self.rounds, self.units = {}, 0, defaultdict(int)

    def take(self, place, draft):
        serial, role = draft.code, ROLES[draft.read_point]
        self.seen[serial] = (place, draft.observed_at)
        self.first.setdefault(serial, draft.observed_at)
        self.left[serial] = role == "EXIT"
        if role == "RECEIVING":
            self.move(serial, place)
            self.sold.pop(serial, None)
        elif role == "CHECKOUT" and serial not in self.sold:
            self.move(serial, place)
            self.sold[serial] = draft.observed_at
            del self.stock[serial]
            self.rounds += 1
            if place == "south":
                self.units[place] -= 1

    def move(self, serial, place):
        before = self.stock.get(serial)
        if before != place:
            self.units[place] += 1
            if before:
                self.units[before] -= 1
        self.stock[serial] = place

    def state(self, serial):
        if serial in self.sold:
            return "SOLD"
        return "LEFT" if self.left[serial] else "IN_STOCK"

    def register(self):
        return {
            serial: (
                self.state(serial),
                place,
                self.stock.get(serial),
                self.state(serial) == "LEFT" and place != "web",
                self.first[serial],
                at,
                self.sold.get(serial),
            )
            for serial, (place, at) in self.seen.items()
        }


async def send(database, principal, batches):
    async def one(place, drafts):
        async with database.work(principal) as work:
            await ingest.ingest_reads(work, IngestDraft(device=place, reads=drafts))

    async with asyncio.TaskGroup() as group:
        for place, drafts in batches:
            group.create_task(one(place, drafts))


def shuffled(chance, reads):
    """Return batches of one place each, of random sizes; a third of the reads comes twice."""
    sent = reads + chance.sample(reads, len(reads) // 3)
    chance.shuffle(sent)
    batches = []
    while sent:
        size = chance.randrange(1, 30)
        by_place = defaultdict(list)
        for place, draft in sent[:size]:
            by_place[place].append(draft)
        batches += by_place.items()
        sent = sent[size:]
    return batches


async def run(database, principal, owner_url, chance, reads):
    """Send reads in a random order, six batches at a time; return the model, units and sales."""
    model = Model()
    for place, draft in reads:
        model.take(place, draft)

    batches = shuffled(chance, reads)
    while batches:
        await send(database, principal, batches[:6])
        batches = batches[6:]

    levels = await run_sql(owner_url, LEVELS)
    assert all(row["units"] == row["ledger"] for row in levels)
    sales = await run_sql(owner_url, "select count(*) from sales")
    return model, {row["code"]: row["units"] for row in levels}, sales[0][0]


@pytest.mark.parametrize("seed", range(3))
async def test_reads_in_any_order_end_as_in_their_own(shop, database, principal, owner_url, seed):
    chance = random.Random(seed)
    reads = made_reads(chance, ["south"])

    model, units, sales = await run(database, principal, owner_url, chance, reads)

    register = model.register()
    rows = await run_sql(owner_url, REGISTER)
    assert {tag(row["serial"]): tuple(row)[1:] for row in rows} == register
    assert (units, sales) == ({place: model.units[place] for place in units}, model.rounds)
    assert set(units) >= {place for place, count in model.units.items() if count}
    suspects = await run_sql(owner_url, SUSPECTS)
    assert len(suspects) == sum(is_suspect for _, _, _, is_suspect, *_ in register.values())


@pytest.mark.parametrize("seed", range(3, 5))
async def test_bought_at_two_tills_a_piece_is_sold_once_at_either(
    shop, database, principal, owner_url, seed
):
    chance = random.Random(seed)
    reads = made_reads(chance, list(PLACES))

    model, units, sales = await run(database, principal, owner_url, chance, reads)

    rows = await run_sql(owner_url, REGISTER)
    assert {tag(row["serial"]): tuple(row)[1:] for row in rows} == model.register()
    # What other tills sold is still counted: they tell of it themselves.
    assert sum(units.values()) == len(model.stock) + model.rounds - sales
