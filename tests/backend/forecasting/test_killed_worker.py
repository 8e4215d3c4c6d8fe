"""Workers killed while they train: real processes, as the reports' tests have them."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from backend.core.principal import program
from backend.forecasting import service
from backend.forecasting.rules import RunKind
from tests.backend.forecasting.shops import open_shop, sell
from tests.backend.forecasting.workers import until
from tests.world import run_sql

TODAY = datetime.now(UTC).date()
TIME_PASSES = "update jobs.pgqueuer set heartbeat = heartbeat - interval '1 minute'"
WAITS_FOR_A_LOCK = """
select count(*) as waiting from pg_stat_activity
 where datname = current_database() and wait_event_type = 'Lock'
"""
TAKE_PLACE = """
insert into forecasts (org_id, location_id, product_id, first_day, mean, quantiles, total_mean,
    total_quantiles, demand_class, model_id, total_model_id, trained_through, made_at)
values ($1, $2, $3, now(), '{1}', '{1}', '{1}', '{1}', 'SMOOTH', $1, $1, now(), now())
"""
"""As long as it is not committed, nobody else's forecast of that product is kept."""


@pytest.fixture
async def ordered(database, owner_url, org_id):
    """A shop with a past, and a training that somebody asked for."""
    ids = await open_shop(owner_url, org_id)
    rows = [(ids["north"], ids["TEA"], TODAY - timedelta(days=n), 3 + n % 7) for n in range(1, 120)]
    await sell(owner_url, org_id, rows)
    async with database.work(program(org_id, "test")) as work:
        await service.request(work, RunKind.TRAIN)
    return ids


async def finish(owner_url, start_worker):
    """Let another worker take the run up, as it does half a minute later."""
    await run_sql(owner_url, TIME_PASSES)
    start_worker()
    await until(owner_url, "select status from forecast_runs where kind = 'TRAIN'", ("SUCCEEDED",))


async def trained(owner_url):
    return await run_sql(
        owner_url,
        "select id, kind, trained_at from forecast_models"
        " where family = 'NETWORK' and origin = 'TRAINED' order by kind",
    )


async def test_a_training_that_was_killed_is_begun_again_and_leaves_one_model_of_each_kind(
    ordered, start_worker, owner_url
):
    worker = start_worker()
    await until(owner_url, "select status, progress > 0 from forecast_runs", ("RUNNING", True))
    worker.kill()

    await finish(owner_url, start_worker)

    assert [one["kind"] for one in await trained(owner_url)] == ["PERIODS", "TOTALS"]
    [run] = await run_sql(owner_url, "select * from forecast_runs where kind = 'TRAIN'")
    assert run["attempts"] == 2
    assert len(await run_sql(owner_url, "select from forecasts")) == 1


async def test_what_was_trained_is_not_trained_again_when_forecasting_was_killed(
    ordered, start_worker, owner_url, org_id
):
    connection = await asyncpg.connect(owner_url)
    changes = connection.transaction()
    await changes.start()
    await connection.execute(TAKE_PLACE, org_id, ordered["north"], ordered["TEA"])
    worker = start_worker()
    await until(owner_url, WAITS_FOR_A_LOCK, (1,))
    before = await trained(owner_url)
    worker.kill()
    await changes.rollback()
    await connection.close()

    await finish(owner_url, start_worker)

    assert [one["kind"] for one in before] == ["PERIODS", "TOTALS"]
    assert await trained(owner_url) == before
    assert len(await run_sql(owner_url, "select from forecasts")) == 1
