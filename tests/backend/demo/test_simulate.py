import asyncio
import contextlib
import json
import sys
from datetime import timedelta

import pytest

from backend.app import reactions as all_reactions
from backend.core.principal import program
from backend.core.scopes import parse_scopes
from backend.identity import clients as identity
from backend.programs.demo.load import load
from backend.programs.demo.shop import NotTheDemo
from backend.programs.demo.simulate import simulate
from backend.stock import service as stock
from tests.world import add_organisation, run_sql

SCOPES = {
    "edge": "reads:write",
    "simulator": "catalogue:read locations:read stock:read stock:write sales:write",
}
NEW = """
select count(*) filter (where source = 'READS') as scanned,
       count(*) filter (where idempotency_key like 'demo-live-%') as shipped,
       (select count(*) from pieces) as pieces,
       (select count(*) from pieces where state = 'SOLD') as bought from sales
"""


@pytest.fixture
def reactions():
    return all_reactions()


@pytest.fixture
def live(server, settings):
    """The settings of a simulator beside the running server."""
    return settings.model_copy(update={"port": int(server.url.rpartition(":")[2])})


@contextlib.asynccontextmanager
async def doing(coroutine):
    task = asyncio.create_task(coroutine)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def edge_agent(config):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge_agent", "--config", str(config)
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def until(condition, seconds=60):
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.1)


async def make_clients(database, principal, folder):
    folder.mkdir()
    for name, scopes in SCOPES.items():
        async with database.work(principal) as work:
            made = await identity.create_client(work, name, parse_scopes(scopes), None)
        known = {"client_id": made.client_id, "client_secret": made.client_secret}
        (folder / f"{name}.json").write_text(json.dumps(known))


async def test_what_is_bought_goes_through_readers_and_over_the_network(database, owner_url, live):
    demo = program(await add_organisation(owner_url, "demo", is_demo=True), "test")
    await load(database, demo, 1, lambda *_: None, timedelta(days=1))
    await make_clients(database, demo, live.data_dir / "clients")
    config = live.data_dir / "demo" / "edge.toml"

    async def told():
        return config.exists()

    async def sold():
        (row,) = await run_sql(owner_url, NEW)
        return row["scanned"] > 5 and row["shipped"] > 5 and row["pieces"] > 9 and row["bought"]

    async with doing(simulate(live, 5.0)):
        await until(told)
        async with edge_agent(config):
            await until(sold)

    async with database.work(demo) as work:
        assert (await stock.reconcile(work, None))[1] == []


async def test_nothing_is_simulated_for_a_real_retailer(database, principal, live):
    await make_clients(database, principal, live.data_dir / "clients")

    with pytest.raises(NotTheDemo):
        await simulate(live, 1.0)
