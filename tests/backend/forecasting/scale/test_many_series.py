"""More series than fit into memory: all are forecast, some are learned from, and it is said."""

import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from backend.core.principal import program
from backend.forecasting import service
from backend.forecasting.demand.ledger import Room
from backend.forecasting.jobs.parting import PartFile
from backend.forecasting.jobs.process import Computer
from backend.forecasting.jobs.runner import Runner
from backend.forecasting.jobs.saying import updating
from backend.forecasting.jobs.tasks import Speaker, Updating
from backend.forecasting.jobs.workshop import Bounds
from backend.forecasting.network.model_files import StoredModel, to_bytes
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import train
from backend.forecasting.rules import ModelFamily, RunKind, RunStatus
from backend.forecasting.scale.executors import HERE, LocalProcesses
from backend.forecasting.service import ForecastCriteria
from tests.backend.forecasting.learned import done
from tests.backend.forecasting.panels import QUICK, counts, panel
from tests.backend.forecasting.shops import open_shop, sell
from tests.world import run_sql

TODAY = datetime.now(UTC).date()
SKUS, CODES = ("TEA", "CUP", "POT"), ("north", "south", "west")
DAYS = 60
READ = 71
"""Days that are read: ten weeks at least, and today."""


@pytest.fixture
async def ids(owner_url, org_id):
    """Nine series of ten weeks."""
    found = await open_shop(owner_url, org_id, skus=SKUS, codes=CODES)
    rng = np.random.default_rng(0)
    await sell(
        owner_url,
        org_id,
        [
            (found[code], found[sku], TODAY - timedelta(days=n), 1 + int(rng.poisson(4 + 3 * k)))
            for code in CODES
            for k, sku in enumerate(SKUS)
            for n in range(1, DAYS + 1)
        ],
    )
    return found


async def forecast(database, org_id, bounds):
    """Train and forecast; return the run, and what is forecast by location and product."""
    async with Computer(4_000) as computer:
        async with database.work(program(org_id, "test")) as work:
            run_id = await service.request(work, RunKind.TRAIN)
        await done(Runner(database, computer, bounds), org_id, run_id)
    async with database.work(program(org_id, "test"), read_only=True) as work:
        run = await service.run(work, run_id)
        found = await service.forecasts_of(work, ForecastCriteria())
        assert await service.left_out(work) == run.left_out
        return run, {(one.location_id, one.product_id): one for one in found}


def cells(series):
    """Return room for so many series of all days read."""
    return Room(cells=series * (READ + 28))


async def test_all_are_forecast_where_some_are_learned_from(database, ids, owner_url, org_id):
    run, found = await forecast(database, org_id, Bounds(room=cells(4)))

    assert (run.status, run.error, run.left_out) == (RunStatus.SUCCEEDED, None, 0)
    assert len(found) == 9
    assert all(one.mean.sum() > 28 for one in found.values())
    models = await run_sql(owner_url, "select distinct series, left_out from forecast_models")
    assert [tuple(one) for one in models] == [(4, 5)]


@pytest.mark.parametrize("executor", [HERE, LocalProcesses(1)], ids=["here", "in a process"])
@pytest.mark.parametrize("family", [ModelFamily.NETWORK, ModelFamily.SEASONAL_NAIVE])
def test_parts_are_forecast_as_if_they_were_one(tmp_path, executor, family):
    known = panel(counts(series=9, periods=120), locations=[0, 0, 0, 1, 1, 1, 2, 2, 2])
    is_model = family is ModelFamily.NETWORK
    content = to_bytes(StoredModel(train(known, Shape(14), 0, QUICK))) if is_model else None
    task = Updating(known, 14, 120, 120, 120, 0, Speaker(family, content))
    paths = tuple(tmp_path / f"{n}.part" for n in range(3))
    for n, path in enumerate(paths):
        path.write_bytes(pickle.dumps(known.of(slice(3 * n, 3 * n + 3))))

    whole = updating(task, lambda *_: None).made
    written = updating(replace(task, parts=paths, executor=executor), lambda *_: None).made

    assert written is None
    made = [PartFile(path, ()).made() for path in paths]
    for kind in ("days", "totals"):
        expected = getattr(whole, kind)
        for name in ("mean", "quantiles"):
            parts = np.concatenate([getattr(getattr(one, kind), name) for one in made])
            assert parts == pytest.approx(getattr(expected, name), rel=1e-4, abs=1e-4)
    assert np.array_equal(np.concatenate([one.classes for one in made]), whole.classes)


async def test_what_is_beyond_all_bounds_is_left_out_and_said(database, ids, org_id):
    run, found = await forecast(database, org_id, Bounds(room=Room(series=7)))

    assert (run.status, run.left_out) == (RunStatus.SUCCEEDED, 2)
    assert len(found) == 7
