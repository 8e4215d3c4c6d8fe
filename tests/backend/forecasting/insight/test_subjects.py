"""A question reads one series, and its answer is what was forecast of it."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest

from backend.core.ids import new_id
from backend.core.principal import program
from backend.forecasting import service
from backend.forecasting.demand.ledger import Room
from backend.forecasting.insight import pools
from backend.forecasting.insight.answers import Plan, compared, explained
from backend.forecasting.jobs.process import Computer
from backend.forecasting.jobs.runner import Runner
from backend.forecasting.jobs.workshop import Bounds
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import train
from backend.forecasting.rules import HIGH, MEDIAN, RunKind
from backend.forecasting.service import ForecastCriteria
from tests.backend.forecasting.learned import add_champion, trained
from tests.backend.forecasting.panels import QUICK, counts, panel
from tests.backend.forecasting.shops import move_stock, open_shop, sell
from tests.world import run_sql

TODAY = datetime.now(UTC).date()
SKUS = tuple("ABCDEFGHI")
CODES = ("north", "south")
DAYS, PAST = 600, 1_000
SILENT = TODAY - timedelta(days=9)
PROMOTION = """
insert into promotions (org_id, id, code, name, starts_on, ends_on, discount_rate, product_ids)
values ($1, $2, 'P', 'P', $3, $4, 0.25, $5)
"""
KEPT = "select id from forecast_pools"


AT_ONCE, A_LOCATION_AT_A_TIME = Room(), Room(cells=len(SKUS) * 600)


@pytest.fixture(scope="module")
def model():
    """A model that looks at the season, whatever it learned from."""
    demand = counts(series=8, periods=PAST)
    promo, price = np.arange(PAST) % 40 < 3, 2 + (np.arange(PAST) % 90 < 9)
    opened = np.arange(PAST) % 7 < 6
    promo, price, opened = (np.tile(one, (8, 1)) for one in (promo, price, opened))
    shop = panel(demand, promo=promo, price=price, opened=opened)
    start = TODAY - timedelta(days=PAST)
    made = train(replace(shop, start=start), Shape(28), 0, QUICK)
    assert made.yearly
    return made


async def forecast(database, owner_url, org_id, model, room=AT_ONCE):
    """Let a worker forecast with a model; return the worker's run."""
    if model is not None:
        await add_champion(owner_url, org_id, model)
    async with Computer(4_000) as computer:
        runner = Runner(database, computer, Bounds(room=room))
        run = await trained(database, runner, org_id, RunKind.UPDATE)
    assert run.error is None


@pytest.fixture
async def ids(owner_url, org_id):
    """Two shops; one is closed on Sundays and once not heard of, one ran out of a thing."""
    found = await open_shop(owner_url, org_id, skus=SKUS, codes=CODES, country="US")
    rng, rows = np.random.default_rng(0), []
    promoted = {TODAY - timedelta(days=n) for n in (40, 41, 200, 201, 202)}
    for place, code in enumerate(CODES):
        for n in range(DAYS, -1, -1):
            day = TODAY - timedelta(days=n)
            if code == "north" and (day.weekday() == 6 or day == SILENT):
                continue
            for k, sku in enumerate(SKUS):
                lift = 2 if day in promoted and sku in "AB" else 1
                wanted = (k + 2) * lift * (1.6 if day.weekday() > 3 + place else 1)
                moment = datetime.combine(day, time(0, 1) if n == 0 else time(12), UTC)
                rows.append((found[code], found[sku], moment, int(rng.poisson(wanted))))
    await sell(owner_url, org_id, [row for row in rows if row[3]])
    for begin, end in ((41, 40), (202, 200), (-2, -4)):
        span = TODAY - timedelta(days=begin), TODAY - timedelta(days=end)
        goods = [found["A"], found["B"]]
        await run_sql(
            owner_url, PROMOTION.replace("'P', 'P'", f"'P{begin}', 'P'"), org_id, new_id(),
            *span, goods,
        )  # fmt: skip
    noon = datetime.combine(TODAY - timedelta(days=3), time(10), UTC)
    moves = [(noon, 5, "RECEIVED"), (noon + timedelta(hours=1), -5, "CORRECTION")]
    await move_stock(owner_url, org_id, found["south"], found["C"], moves)
    return found


async def asked(database, org_id, sku, code, day=2):
    """Return the answers to both questions, of a plan that changes nothing much."""
    async with database.work(program(org_id, "test"), read_only=True) as work:
        one = await explained(work, sku, code, TODAY + timedelta(days=day))
        return one, await compared(work, sku, code, Plan(frozenset(), closed=False))


@pytest.mark.parametrize("room", [AT_ONCE, A_LOCATION_AT_A_TIME], ids=["at once", "in parts"])
async def test_the_answer_is_what_was_forecast(room, ids, model, database, owner_url, org_id):
    await forecast(database, owner_url, org_id, model, room)
    assert len(await run_sql(owner_url, KEPT)) == 1 + len(SKUS) + len(CODES)

    for sku, code in (("A", "north"), ("C", "south"), ("I", "north"), ("I", "south")):
        one, days = await asked(database, org_id, sku, code)
        async with database.work(program(org_id, "test"), read_only=True) as work:
            criteria = ForecastCriteria(
                product_ids=frozenset({ids[sku]}), location_ids=frozenset({ids[code]})
            )
            [said] = await service.forecasts_of(work, criteria)

        assert days is not None
        assert one.mean == pytest.approx(said.mean[1], rel=1e-5)
        assert one.model.id == said.model_id
        assert [day.planned.mean for day in days] == pytest.approx(said.mean, rel=1e-5)
        for name, level in (("median", MEDIAN), ("high", HIGH)):
            found = [getattr(day.planned, name) for day in days]
            assert found == pytest.approx(said.quantiles[:, level], rel=1e-5)
        assert days[0].day == said.first_day


async def test_other_series_are_not_read(ids, model, database, owner_url, org_id):
    await forecast(database, owner_url, org_id, model)
    before = await asked(database, org_id, "A", "north")
    others = [ids[sku] for sku in SKUS[1:]]
    await run_sql(owner_url, "delete from sale_lines where product_id = any($1)", others)

    after = await asked(database, org_id, "A", "north")

    assert after == before


async def test_what_others_gave_in_a_former_format_is_read_from_them(
    ids, model, database, owner_url, org_id
):
    await forecast(database, owner_url, org_id, model)
    kept = await asked(database, org_id, "A", "north")
    await run_sql(owner_url, "update forecast_pools set content = '\\x00' where id = $1", ids["A"])

    found = await asked(database, org_id, "A", "north")

    assert found[0].mean == pytest.approx(kept[0].mean, rel=0.02)
    assert [day.day for day in found[1]] == [day.day for day in kept[1]]


async def test_of_what_is_not_forecast_nothing_is_read(ids, model, database, owner_url, org_id):
    await forecast(database, owner_url, org_id, model)
    await run_sql(owner_url, "delete from forecasts where product_id = $1", ids["A"])

    assert await asked(database, org_id, "A", "north") == (None, None)
    assert (await asked(database, org_id, "B", "north"))[0] is not None


async def test_what_a_mean_forecasts_takes_nothing(ids, model, database, owner_url, org_id):
    await forecast(database, owner_url, org_id, model)
    await run_sql(owner_url, "update forecast_models set family = 'WEEKDAY_MEAN'")
    await run_sql(owner_url, "delete from forecast_contents")

    await forecast(database, owner_url, org_id, None)

    assert await run_sql(owner_url, KEPT) == []


def test_pieces_of_a_format_of_before_are_told_from_ours():
    assert pools.taken(b"", b"", b"") is None
