"""Champions that are no network: what they say is served, and nothing of them learns on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from backend.core.principal import program
from backend.forecasting import service
from backend.forecasting.demand.ledger import read_panel
from backend.forecasting.jobs import keeping
from backend.forecasting.jobs.keeping import NewModel
from backend.forecasting.jobs.process import Computer
from backend.forecasting.jobs.runner import Runner
from backend.forecasting.jobs.tasks import Training
from backend.forecasting.jobs.teaching import training
from backend.forecasting.judging.promotion import Verdict
from backend.forecasting.network.model import forecast
from backend.forecasting.network.model_files import StoredModel, to_bytes
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import train, trees_of
from backend.forecasting.network.trees import Trees, are_installed
from backend.forecasting.rules import ModelFamily, ModelKind, RunKind, RunReason, RunStatus
from backend.forecasting.service import ForecastCriteria, standing
from tests.backend.forecasting.learned import done
from tests.backend.forecasting.panels import QUICK, counts, panel
from tests.backend.forecasting.shops import open_shop, sell
from tests.world import run_sql

TODAY = datetime.now(UTC).date()
WITH_TREES = pytest.mark.skipif(not are_installed(), reason="needs the extra lightgbm")


@pytest.fixture
async def runner(database):
    async with Computer(4_000) as computer:
        yield Runner(database, computer)


@pytest.fixture
async def sold(owner_url, org_id):
    """A product that sells otherwise each week: on day n of it 10 × week + n."""
    ids = await open_shop(owner_url, org_id)
    days = [TODAY - timedelta(days=n) for n in range(70, 0, -1)]
    rows = [(ids["north"], ids["TEA"], day, 10 * (n // 7 + 1) + n % 7)
            for n, day in enumerate(days)]  # fmt: skip
    await sell(owner_url, org_id, rows)
    return np.array([row[3] for row in rows], np.float32)


async def crown(database, org_id, family, make=None):
    """Let a model of a family forecast; `make` returns what it is made of from the ledger."""
    async with database.work(program(org_id, "test")) as work:
        ledger = await read_panel(work)
        content = None if make is None else make(ledger.panel)
        days = NewModel(
            kind=ModelKind.PERIODS, family=family, horizon=28, series=1, content=content, seed=0,
            first_seen=ledger.panel.start, last_seen=ledger.closed_through,
            trained_through=work.now,
        )  # fmt: skip
        model = await keeping.add(work, days)
        totals = replace(
            days, kind=ModelKind.TOTALS, family=ModelFamily.SEASONAL_NAIVE, content=None,
            root_id=model.id,
        )  # fmt: skip
        await standing.enthrone(work, model, await keeping.add(work, totals))
    return model


async def updated(database, runner, org_id):
    """Do an update, and return its run, what is forecast, and who forecasts."""
    async with database.work(program(org_id, "test")) as work:
        run_id = await service.request(work, RunKind.UPDATE, RunReason.NEW_SALES)
    await done(runner, org_id, run_id)
    async with database.work(program(org_id, "test"), read_only=True) as work:
        run = await service.run(work, run_id)
        [series] = await service.forecasts_of(work, ForecastCriteria())
        return run, series, await service.champion(work)


async def test_last_week_again_is_served_where_that_forecasts(
    database, runner, sold, owner_url, org_id
):
    model = await crown(database, org_id, ModelFamily.SEASONAL_NAIVE)

    run, series, champion = await updated(database, runner, org_id)

    assert (run.status, run.error) == (RunStatus.SUCCEEDED, None)
    # Of today, which is a week before the seventh day ahead, nobody knows enough.
    assert series.mean[:6] == pytest.approx(sold[-6:])
    assert series.total_mean[-1] == pytest.approx(series.mean.sum(), rel=1e-5)
    assert {series.model_id, champion.id} == {model.id}
    assert await run_sql(owner_url, "select from forecast_models where origin = 'UPDATED'") == []


@WITH_TREES
async def test_trees_forecast_anew_with_each_sale_and_learn_nothing_on(
    database, runner, sold, owner_url, org_id
):
    def grown(known):
        return to_bytes(StoredModel(train(known, Shape(28), 0, QUICK, trees_of)))

    model = await crown(database, org_id, ModelFamily.LIGHTGBM, grown)
    _, before, _ = await updated(database, runner, org_id)
    ids = {"north": before.location_id, "TEA": before.product_id}
    await sell(owner_url, org_id, [(ids["north"], ids["TEA"], datetime.now(UTC), 900)])

    run, after, champion = await updated(database, runner, org_id)

    assert (run.status, run.error) == (RunStatus.SUCCEEDED, None)
    assert {after.model_id, champion.id} == {model.id}
    assert after.trained_through > before.trained_through
    assert after.mean.sum() > before.mean.sum()
    assert await run_sql(owner_url, "select from forecast_models where origin = 'UPDATED'") == []


@WITH_TREES
def test_trees_are_judged_beside_all_others_and_grown_anew_only_where_they_win():
    known = panel(counts(series=12, periods=60))

    trained = training(Training(known, 7, 0, with_trees=True), lambda *_: None)

    assert set(trained.measures) == set(ModelFamily)
    is_grown = ModelFamily.LIGHTGBM in trained.learned
    assert is_grown is (trained.winner is ModelFamily.LIGHTGBM)
    assert (trained.verdicts[ModelFamily.LIGHTGBM] is Verdict.PROMOTED) is is_grown


@WITH_TREES
def test_trees_are_stored_as_text_of_which_nothing_is_run():
    known = panel(counts(series=12, periods=120))
    model = train(known, Shape(7), 0, QUICK, trees_of)

    [trees] = model.networks

    assert isinstance(trees, Trees)
    assert all(text.startswith("tree\nversion=") for text in trees.texts)
    assert np.isfinite(forecast(model, known).mean).all()
