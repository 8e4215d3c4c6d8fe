"""What a worker does by itself when the forecast gets worse."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.core.principal import program
from backend.forecasting import service
from backend.forecasting.jobs.process import Computer
from backend.forecasting.jobs.runner import Runner
from backend.forecasting.rules import RunKind
from tests.backend.forecasting.learned import TODAY, history, network, trained
from tests.backend.forecasting.shops import sell
from tests.backend.forecasting.workers import until
from tests.world import run_sql

LONG_AGO = """
update forecast_runs set requested_at = requested_at - interval '2 days';
update forecast_cursors set updated_at = now() - interval '1 minute'
"""
DRIFTED = """
select count(*) from forecast_runs
 where kind = 'RETRAIN' and reason = 'DRIFT' and status = 'SUCCEEDED'
"""


@pytest.fixture
async def runner(database):
    async with Computer(4_000) as computer:
        yield Runner(database, computer)


async def lived(owner_url, org_id, losses, *, mean=9.0, before=None, predecessor=None):
    """Let the champion have lost so much of ten units on each of the last days, the last first."""
    [champion] = await run_sql(
        owner_url, "select id from forecast_models where status = 'CHAMPION' and kind = 'PERIODS'"
    )
    for n, loss in enumerate(losses, 1):
        await run_sql(
            owner_url,
            "insert into forecast_days values ($1, $2, $3, 10, 1, 1, $4, 1, 1, $5, $6, $7)"
            " on conflict (org_id, day) do update set pinball = $4, weekday_mean_pinball = $5,"
            " predecessor_id = $6, predecessor_pinball = $7",
            org_id, TODAY - timedelta(days=n), champion["id"], loss, mean, predecessor, before,
        )  # fmt: skip


async def test_a_worker_trains_at_once_when_the_forecast_leaves_its_band(
    database, runner, start_worker, owner_url, org_id
):
    ids = await history(owner_url, org_id, 80)
    await network(database, runner, org_id)
    wobble = [1 + 0.02 * (n // 7 % 3) for n in range(49)]
    await lived(owner_url, org_id, [4.0] * 7 + wobble)
    for statement in LONG_AGO.split(";"):
        await run_sql(owner_url, statement)
    await sell(owner_url, org_id, [(ids["north"], ids["TEA"], datetime.now(UTC), 2)], tell=True)

    start_worker()
    await until(owner_url, DRIFTED, (1,))

    [update] = await run_sql(
        owner_url, "select status from forecast_runs where reason = 'NEW_SALES'"
    )
    assert update["status"] == "SUCCEEDED"


async def test_a_model_that_is_worse_than_the_one_before_gives_way_to_it(
    database, runner, owner_url, org_id
):
    await history(owner_url, org_id, 80)
    first = await network(database, runner, org_id)
    second = await network(database, runner, org_id)
    await lived(owner_url, org_id, [1.0] * 8, mean=0.95, before=0.9, predecessor=first)

    await trained(database, runner, org_id, RunKind.UPDATE)

    async with database.work(program(org_id, "test"), read_only=True) as work:
        champion = await service.champion(work)
    assert champion is not None
    assert second != first
    assert champion.root_id == first
    audit = await run_sql(
        owner_url, "select count(*) as n from audit_log where action = 'FORECAST_MODEL_SENT_BACK'"
    )
    assert audit[0]["n"] == 1
