"""A run that outgrows its limits ends alone: with a code, an alert, and nothing half written."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.alerts import forecasts as forecast_alerts
from backend.core.principal import program
from backend.forecasting import service
from backend.forecasting.events import ForecastRunChanged
from backend.forecasting.jobs.process import Computer
from backend.forecasting.jobs.runner import Runner
from backend.forecasting.jobs.workshop import Bounds
from backend.forecasting.rules import RunKind, RunStatus
from tests.backend.forecasting.shops import open_shop, sell
from tests.world import run_sql

TODAY = datetime.now(UTC).date()
ALERTS = "select kind, subject, state from alerts order by subject, opened_at"
LEFT = "select (select count(*) from forecast_models) + (select count(*) from forecasts) as rows"


@pytest.fixture
def reactions(reactions):
    """With those that turn runs into alerts."""
    reactions.on(ForecastRunChanged, forecast_alerts.react)
    return reactions


@pytest.fixture
async def shop(owner_url, org_id):
    ids = await open_shop(owner_url, org_id)
    rows = [(ids["north"], ids["TEA"], TODAY - timedelta(days=n), 3 + n % 7) for n in range(1, 60)]
    await sell(owner_url, org_id, rows)
    return ids


async def ended(database, org_id, computer, bounds=None, kind=RunKind.TRAIN):
    """Ask for a run, do it as often as it wants to be done, and return it."""
    async with database.work(program(org_id, "test")) as work:
        run_id = await service.request(work, kind)
    runner = Runner(database, computer, bounds)
    while await runner.run(org_id, run_id) is not None:
        pass
    async with database.work(program(org_id, "test"), read_only=True) as work:
        return await service.run(work, run_id)


def code_of(run):
    """Return why a run failed."""
    assert run.error is not None
    return run.error["code"]


async def test_a_training_that_takes_too_long_fails_and_the_next_one_succeeds(
    database, shop, owner_url, org_id
):
    async with Computer(4_000) as computer:
        run = await ended(database, org_id, computer, Bounds(training=0.01))
        [left] = await run_sql(owner_url, LEFT)
        failed = await run_sql(owner_url, ALERTS)
        again = await ended(database, org_id, computer)

    assert (run.status, code_of(run)) == (RunStatus.FAILED, "FORECAST_TOO_LARGE")
    assert left["rows"] == 0
    assert [tuple(one) for one in failed] == [("FORECAST_FAILED", "training of forecasts", "OPEN")]
    assert again.status is RunStatus.SUCCEEDED
    assert [one["state"] for one in await run_sql(owner_url, ALERTS)] == ["RESOLVED"]


async def test_a_training_that_takes_too_much_memory_fails_with_a_code(
    database, shop, owner_url, org_id
):
    async with Computer(120) as computer:
        run = await ended(database, org_id, computer)
    [left] = await run_sql(owner_url, LEFT)
    async with Computer(4_000) as computer:
        again = await ended(database, org_id, computer)

    assert run.status is RunStatus.FAILED
    assert code_of(run) in ("FORECAST_TOO_LARGE", "FORECAST_PROCESS_LOST")
    assert left["rows"] == 0
    assert again.status is RunStatus.SUCCEEDED


async def test_an_update_that_fails_leaves_what_was_forecast_before(
    database, shop, owner_url, org_id
):
    async with Computer(4_000) as computer:
        await ended(database, org_id, computer)
        before = await run_sql(owner_url, "select model_id, made_at from forecasts")
        run = await ended(database, org_id, computer, Bounds(updating=0.001), RunKind.UPDATE)
        after = await run_sql(owner_url, "select model_id, made_at from forecasts")

    assert (run.status, code_of(run)) == (RunStatus.FAILED, "FORECAST_TOO_LARGE")
    assert after == before
    [alert] = await run_sql(owner_url, ALERTS)
    assert tuple(alert) == ("FORECAST_FAILED", "update of forecasts", "OPEN")
