"""Shops with a past, and what was learned from it."""

from datetime import UTC, datetime, time, timedelta

import numpy as np

from backend.core.ids import new_id
from backend.core.principal import program
from backend.forecasting import service
from backend.forecasting.network.model_files import StoredModel, to_bytes
from backend.forecasting.rules import RunKind
from tests.backend.forecasting.shops import open_shop, sell
from tests.world import run_sql

TODAY = datetime.now(UTC).date()
SKUS = ("TEA", "CUP", "POT")
CHAMPION = """
insert into forecast_models (org_id, id, version, family, kind, origin, root_id, status, seed,
                             horizon, series, first_seen, last_seen, trained_through, trained_at)
values ($1, $2, 1, 'NETWORK', 'PERIODS', 'TRAINED', $2, 'CHAMPION', 0, 28, 1, $3, $4, $5, $5)
"""
CONTENT = "insert into forecast_contents (org_id, model_id, content) values ($1, $2, $3)"


async def history(owner_url, org_id, days, *, mean=8.0, seed=0):
    """A shop that sells most at weekends, up to yesterday."""
    ids = await open_shop(owner_url, org_id, skus=SKUS)
    rng = np.random.default_rng(seed)
    rows = []
    for n in range(days, 0, -1):
        day = TODAY - timedelta(days=n)
        for k, sku in enumerate(SKUS):
            units = rng.poisson(mean * (k + 1) * (2.5 if day.weekday() >= 5 else 1))
            if units:
                rows.append((ids["north"], ids[sku], day, int(units)))
    await sell(owner_url, org_id, rows)
    return ids


async def done(runner, org_id, run_id):
    """Do a run; the lock of the one before is free a moment after that has ended."""
    while await runner.run(org_id, run_id) is not None:
        pass


async def trained(database, runner, org_id, kind=RunKind.TRAIN):
    """Ask for a run, do it, and return it as it ended."""
    async with database.work(program(org_id, "test")) as work:
        run_id = await service.request(work, kind)
    await done(runner, org_id, run_id)
    async with database.work(program(org_id, "test"), read_only=True) as work:
        return await service.run(work, run_id)


async def network(database, runner, org_id):
    """Train a network and let it forecast, whatever the judge said; return its id."""
    run = await trained(database, runner, org_id)
    assert run.model_id is not None
    async with database.work(program(org_id, "test")) as work:
        run_id = await service.promote(work, run.model_id)
    await done(runner, org_id, run_id)
    return run.model_id


async def add_champion(owner_url, org_id, model):
    """Let a model forecast from the next update on."""
    model_id, through = new_id(), datetime.combine(model.trained_through, time(), UTC)
    await run_sql(
        owner_url, CHAMPION, org_id, model_id, model.first_seen, model.trained_through, through
    )
    await run_sql(owner_url, CONTENT, org_id, model_id, to_bytes(StoredModel(model)))
