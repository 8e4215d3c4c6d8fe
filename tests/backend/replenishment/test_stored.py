from datetime import UTC, datetime, time, timedelta

import pytest

from backend.core.principal import program
from backend.forecasting import service as forecasting
from backend.forecasting.jobs.process import Computer
from backend.forecasting.jobs.runner import Runner
from backend.forecasting.rules import QUANTILES, RunKind
from tests.backend.forecasting.shops import move_stock
from tests.backend.forecasting.test_runs import TODAY, history
from tests.backend.replenishment.supplying import SUGGESTIONS, ask
from tests.world import run_sql

TOTAL = """
select p.sku, f.total_mean[$1] as mean, f.total_quantiles[($1 - 1) * 9 + $2] as high,
       f.total_mean[7] as week, f.trained_through
  from forecasts f join products p on p.org_id = f.org_id and p.id = f.product_id
"""


@pytest.fixture
async def stocked(database, owner_url, org_id):
    """A shop whose forecasts a run of the worker made, with a hundred teas and no cups."""
    ids = await history(owner_url, org_id, 90)
    moment = datetime.combine(TODAY - timedelta(days=100), time(9), UTC)
    for sku, units in (("TEA", 10_000), ("CUP", 1), ("POT", 40)):
        await move_stock(
            owner_url, org_id, ids["north"], ids[sku], [(moment, units, "RECEIVED")]
        )  # fmt: skip
    async with database.work(program(org_id, "test")) as work:
        run_id = await forecasting.request(work, RunKind.TRAIN)
    async with Computer(4_000) as computer:
        await Runner(database, computer).run(org_id, run_id)


@pytest.mark.parametrize(
    ("level", "lead_time"), [("0.95", 7), ("0.9", 3), ("0.5", 21)], ids=["usual", "soon", "late"]
)
async def test_reorder_points_are_the_stored_quantiles_of_what_an_order_has_to_last(
    stocked, graphql, owner_url, level, lead_time
):
    number = QUANTILES.index(float(level)) + 1
    rows = await run_sql(owner_url, TOTAL, lead_time + 7, number)
    stored = {row["sku"]: row for row in rows}

    found = await ask(graphql, SUGGESTIONS, serviceLevel=level, leadTimeDays=lead_time)

    assert found["totals"]["forecast"] == len(found["nodes"]) == 3
    for one in found["nodes"]:
        said = stored[one["product"]["sku"]]
        # Never less than what is expected, whatever the service level.
        point, held = max(said["high"], said["mean"]), float(one["position"])
        assert one["basis"] == "FORECAST"
        assert float(one["expectedDemand"]) == pytest.approx(said["mean"], abs=0.006)
        assert float(one["reorderPoint"]) == pytest.approx(point, abs=0.011)
        missing = point + said["week"] - held
        ordered = float(one["quantity"])
        assert (ordered == 0) if held > point else (missing <= ordered + 0.01 < missing + 1.02)
    assert found["trainedThrough"] is not None
