"""A run that outgrows its limits ends alone: with a code, an alert, and nothing half written."""

import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from backend.alerts import forecasts as forecast_alerts
from backend.core.principal import program
from backend.forecasting import service
from backend.forecasting.events import ForecastRunChanged
from backend.forecasting.insight.rehearsal import Rehearsing
from backend.forecasting.jobs.process import Computer, ForecastTooLarge, TaskFailed
from backend.forecasting.jobs.runner import Runner
from backend.forecasting.jobs.tasks import Training
from backend.forecasting.jobs.workshop import Bounds
from backend.forecasting.rules import RunKind, RunStatus
from tests.backend.forecasting.panels import counts, panel
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


async def test_a_process_that_dies_fails_the_run_with_a_code(database, shop, owner_url, org_id):
    # There is not even room for what it is made of.
    async with Computer(120) as computer:
        run = await ended(database, org_id, computer)
    [left] = await run_sql(owner_url, LEFT)
    async with Computer(4_000) as computer:
        again = await ended(database, org_id, computer)

    assert run.status is RunStatus.FAILED
    assert code_of(run) in ("FORECAST_TOO_LARGE", "FORECAST_PROCESS_LOST")
    assert left["rows"] == 0
    assert again.status is RunStatus.SUCCEEDED


async def test_a_training_that_takes_too_much_memory_is_refused_and_the_process_goes_on():
    small, large = panel(counts(2, 20)), panel(counts(4_000, 500))
    async with Computer(20_000) as computer:
        needed = await addressed(computer, small)
    async with Computer(needed + 250) as computer:
        await addressed(computer, small)

        with pytest.raises(ForecastTooLarge) as refused:
            await computer.run("training", Training(large, 28, 0), unheard, 600)

        assert refused.value.message == "it takes more memory than it may"
        assert await addressed(computer, small) <= needed + 250


async def addressed(computer, known):
    """Let a process that has all its modules refuse a task; return the megabytes it has."""
    task = Rehearsing(known, known.periods - 1, 28, np.ones((known.series, 1), np.int64))
    with pytest.raises(TaskFailed) as refused:
        await computer.run("rehearsing", task, unheard, 600)
    assert refused.value.said == "TOO_LITTLE_HISTORY"
    pages = Path(f"/proc/{computer._process.pid}/statm").read_text().split()[0]
    return int(pages) * resource.getpagesize() // 1_000_000 + 1


async def unheard(_done, _step):
    """Tell nobody how far it is."""


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
