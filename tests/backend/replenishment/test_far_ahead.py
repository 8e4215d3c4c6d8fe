"""Orders that have to last longer than four weeks: by as far a forecast as there is."""

from datetime import UTC, datetime, time, timedelta

import pytest

from backend.core.principal import program
from backend.forecasting.jobs.process import Computer
from backend.forecasting.jobs.runner import Runner
from backend.forecasting.jobs.workshop import Bounds
from backend.forecasting.rules import ModelKind, RunStatus
from backend.forecasting.service.standing import champion
from tests.backend.forecasting.learned import TODAY, history, trained
from tests.backend.forecasting.shops import move_stock
from tests.backend.replenishment.supplying import SUGGESTIONS, ask
from tests.world import run_sql

STORED = """
select p.sku, f.total_mean as mean, f.total_quantiles as quantiles, cardinality(f.mean) as days
  from forecasts f join products p on p.org_id = f.org_id and p.id = f.product_id
"""
AT_95 = 8


@pytest.fixture
def forecast(database, owner_url, org_id):
    """Trains on a past and forecasts so many days: `await forecast(history, horizon)`."""

    async def run(days, horizon):
        ids = await history(owner_url, org_id, days)
        moment = datetime.combine(TODAY - timedelta(days=days + 10), time(9), UTC)
        for sku in ("TEA", "CUP", "POT"):
            await move_stock(
                owner_url, org_id, ids["north"], ids[sku], [(moment, 50_000, "RECEIVED")]
            )
        async with Computer(4_000) as computer:
            runner = Runner(database, computer, Bounds(horizon=horizon))
            done = await trained(database, runner, org_id)
        assert (done.status, done.error) == (RunStatus.SUCCEEDED, None)
        return {row["sku"]: row for row in await run_sql(owner_url, STORED)}

    return run


def said_of(one, figure):
    return next(reason["text"] for reason in one["reasons"] if reason["figure"] == figure)


async def test_a_model_of_91_days_is_trained_judged_and_orders_for_as_long(
    forecast, graphql, database, org_id
):
    stored = await forecast(420, 91)

    found = await ask(graphql, SUGGESTIONS, serviceLevel="0.95", leadTimeDays=70)
    beyond = await ask(graphql, SUGGESTIONS, serviceLevel="0.95", leadTimeDays=91)

    async with database.work(program(org_id, "test"), read_only=True) as work:
        days, totals = [await champion(work, kind) for kind in ModelKind]
    assert days is not None
    assert totals is not None
    assert (days.horizon, totals.horizon) == (91, 91)
    assert days.metrics["coverage90"] > 0.7
    assert len(found["nodes"]) == len(stored) == 3
    for one in found["nodes"]:
        said = stored[one["product"]["sku"]]
        assert said["days"] == len(said["mean"]) == 91
        point = max(said["quantiles"][76 * 9 + AT_95 - 1], said["mean"][76])
        assert float(one["expectedDemand"]) == pytest.approx(said["mean"][76], abs=0.006)
        assert float(one["reorderPoint"]) == pytest.approx(point, abs=0.011)
        assert "are forecast" not in said_of(one, "EXPECTED_DEMAND")
    for one in beyond["nodes"]:
        mean = stored[one["product"]["sku"]]["mean"][90] * 98 / 91
        assert float(one["expectedDemand"]) == pytest.approx(mean, abs=0.006)
        assert "91 days are forecast, after them" in said_of(one, "EXPECTED_DEMAND")


async def test_beyond_what_is_forecast_demand_goes_on_and_the_order_says_so(forecast, graphql):
    stored = await forecast(90, 28)

    found = await ask(graphql, SUGGESTIONS, serviceLevel="0.95", leadTimeDays=56)

    assert len(found["nodes"]) == 3
    for one in found["nodes"]:
        said = stored[one["product"]["sku"]]
        mean, high = said["mean"][27], said["quantiles"][27 * 9 + AT_95 - 1]
        times = 63 / 28
        assert float(one["expectedDemand"]) == pytest.approx(mean * times, abs=0.006)
        safety = max(high - mean, 0) * times**0.5
        assert float(one["safetyStock"]) == pytest.approx(safety, abs=0.011)
        assert "28 days are forecast, after them" in said_of(one, "EXPECTED_DEMAND")
