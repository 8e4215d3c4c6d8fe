from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from backend.core.principal import program
from backend.forecasting import service
from backend.forecasting.jobs import following
from backend.forecasting.jobs.process import Computer
from backend.forecasting.jobs.runner import Runner
from backend.forecasting.judging.promotion import Verdict
from backend.forecasting.rules import ModelFamily, RunKind, RunStatus
from backend.forecasting.service import ForecastCriteria
from tests.backend.forecasting.learned import SKUS, TODAY, history, network, trained
from tests.backend.forecasting.shops import open_shop, sell
from tests.world import run_sql


@pytest.fixture
async def computer():
    async with Computer(4_000) as opened:
        yield opened


@pytest.fixture
def runner(database, computer):
    return Runner(database, computer)


async def said(database, org_id, **criteria):
    async with database.work(program(org_id, "test"), read_only=True) as work:
        return await service.forecasts_of(work, ForecastCriteria(**criteria))


async def test_a_network_that_beats_the_weekday_mean_forecasts(database, runner, owner_url, org_id):
    await history(owner_url, org_id, 200)

    run = await trained(database, runner, org_id)

    assert (run.status, run.error) == (RunStatus.SUCCEEDED, None)
    series = await said(database, org_id)
    assert len(series) == 3
    async with database.work(program(org_id, "test"), read_only=True) as work:
        champion = await service.champion(work)
    assert champion is not None
    assert {one.model_id for one in series} == {champion.id}
    assert series[0].first_day == TODAY + timedelta(days=1)
    assert champion.metrics["wape"] <= champion.baselines["weekday_mean"]["wape"] or (
        run.verdict != Verdict.PROMOTED
    )
    assert (np.diff(series[0].quantiles, axis=1) >= 0).all()
    weekend = [
        mean for n, mean in enumerate(series[0].mean)
        if (series[0].first_day + timedelta(days=n)).weekday() >= 5
    ]  # fmt: skip
    assert np.mean(weekend) > 1.5 * np.mean(series[0].mean)


async def test_a_handful_of_rows_is_forecast_by_the_weekday_mean_and_says_so(
    database, runner, owner_url, org_id
):
    ids = await open_shop(owner_url, org_id, skus=SKUS)
    rows = [(ids["north"], ids["TEA"], TODAY - timedelta(days=n), 4) for n in range(1, 4)]
    await sell(owner_url, org_id, rows)

    run = await trained(database, runner, org_id)

    assert (run.status, run.promoted, run.verdict) == (
        RunStatus.SUCCEEDED, False, Verdict.TOO_LITTLE_HISTORY,
    )  # fmt: skip
    [series] = await said(database, org_id)
    assert series.mean[:6] == pytest.approx(4)
    async with database.work(program(org_id, "test"), read_only=True) as work:
        champion = await service.champion(work)
    assert champion is not None
    assert champion.family is ModelFamily.WEEKDAY_MEAN


async def test_where_nothing_was_sold_the_run_says_so(database, runner, owner_url, org_id):
    await open_shop(owner_url, org_id)

    run = await trained(database, runner, org_id)

    assert (run.status, run.promoted, run.verdict) == (
        RunStatus.SUCCEEDED, False, Verdict.NOTHING_SOLD,
    )  # fmt: skip
    assert await said(database, org_id) == []


async def test_one_sale_moves_the_forecast_and_the_moment_it_knows_up_to(
    database, runner, owner_url, org_id
):
    ids = await history(owner_url, org_id, 120)
    await trained(database, runner, org_id)
    await following.look_at(database, org_id)
    [before] = await said(database, org_id, products=frozenset({"TEA"}))

    await sell(owner_url, org_id, [(ids["north"], ids["TEA"], datetime.now(UTC), 400)], tell=True)
    await run_sql(owner_url, "update forecast_cursors set updated_at = now() - interval '1 minute'")
    await following.look_at(database, org_id)
    [run] = await run_sql(owner_url, "select * from forecast_runs where status = 'WAITING'")
    await runner.run(org_id, run["id"])

    [after] = await said(database, org_id, products=frozenset({"TEA"}))
    assert run["kind"] == RunKind.UPDATE
    assert after.trained_through > before.trained_through
    assert after.mean.sum() > before.mean.sum()


async def test_days_that_ended_are_learned_one_by_one_and_what_was_said_of_them_is_scored(
    database, runner, owner_url, org_id
):
    await history(owner_url, org_id, 150)
    await network(database, runner, org_id)
    await set_back(owner_url, days=3)

    await trained(database, runner, org_id, RunKind.UPDATE)

    days = await run_sql(owner_url, "select * from forecast_days order by day")
    assert [one["day"] for one in days] == [TODAY - timedelta(days=n) for n in (2, 1)]
    assert [one["scored"] for one in days] == [3, 6]
    errors = await run_sql(
        owner_url,
        "select sum(sold) sold, sum(pinball) pinball from forecast_errors where day = $1",
        days[1]["day"],
    )
    assert errors[0]["pinball"] == pytest.approx(days[1]["pinball"])
    assert 0 < days[1]["pinball"] < days[1]["sold"]
    updated = await run_sql(
        owner_url, "select * from forecast_models where origin = 'UPDATED' and not is_partial"
    )
    assert [one["last_seen"] for one in updated] == [TODAY - timedelta(days=1)]
    again = await trained(database, runner, org_id, RunKind.UPDATE)
    assert again.status is RunStatus.SUCCEEDED
    assert len(await run_sql(owner_url, "select from forecast_days")) == 2


async def set_back(owner_url, days):
    """Let the worker have stopped some days ago."""
    await run_sql(
        owner_url,
        "update forecast_models set last_seen = $1 where kind = 'PERIODS'",
        TODAY - timedelta(days=days + 1),
    )
    await run_sql(
        owner_url, "update forecast_cursors set closed = $1", TODAY - timedelta(days=days + 1)
    )
    await run_sql(owner_url, "delete from forecast_snapshots")


@pytest.mark.parametrize(
    ("mean", "before", "chosen"),
    [(0.9, None, ModelFamily.WEEKDAY_MEAN), (1.2, None, ModelFamily.NETWORK)],
    ids=["worse than the mean", "better"],
)
async def test_a_model_that_loses_to_the_weekday_mean_day_by_day_is_sent_back(
    database, runner, owner_url, org_id, mean, before, chosen
):
    await history(owner_url, org_id, 150)
    await network(database, runner, org_id)
    [model] = await run_sql(
        owner_url, "select * from forecast_models where status = 'CHAMPION' and kind = 'PERIODS'"
    )
    for n in range(1, 9):
        await run_sql(
            owner_url,
            "insert into forecast_days values ($1, $2, $3, 10, 1, 1, 1, 1, 1, $4, null, $5)"
            " on conflict (org_id, day) do update set pinball = 1, weekday_mean_pinball = $4",
            org_id, TODAY - timedelta(days=n), model["id"], mean, before,
        )  # fmt: skip

    await trained(database, runner, org_id, RunKind.UPDATE)

    async with database.work(program(org_id, "test"), read_only=True) as work:
        champion = await service.champion(work)
    assert champion is not None
    assert champion.family is chosen


async def test_somebody_can_promote_a_model_and_go_back(database, runner, owner_url, org_id):
    await history(owner_url, org_id, 150)
    first = await network(database, runner, org_id)
    second = await network(database, runner, org_id)

    async with database.work(program(org_id, "test")) as work:
        promoted = await service.champion(work)
        await service.roll_back(work)
        back = await service.champion(work)

    assert promoted is not None
    assert back is not None
    assert (promoted.root_id, back.root_id) == (second, first)
    assert (await trained(database, runner, org_id, RunKind.UPDATE)).status is RunStatus.SUCCEEDED
    assert {one.model_id for one in await said(database, org_id)} != {promoted.id}
