"""A barcode sent down a serial line reaches stock, sales and alerts."""

import time

import pytest

from tests.system import edge, retailer
from tests.system.follower import Follower
from tests.system.retailer import GTINS, on_hand

GENEROUS_S = 10


@pytest.fixture
async def follower(caller):
    """Someone who looks on: sees what happens at `corner`, from now on."""
    await retailer.open_store(caller, "corner")
    async with Follower(caller, locations=["corner"]).following() as follower:
        yield follower


@pytest.fixture
async def agent(installation, edge_credentials, follower, tmp_path):
    """An edge agent with a scanner at the dock and one at the till of `corner`."""
    points = [("corner-1", edge.DOCK), ("corner-1", edge.TILL)]
    folder = tmp_path / "edge"
    async with edge.running(folder, installation.url, edge_credentials, points) as agent:
        yield agent


async def scan(agent, point, code):
    await agent.scanners["corner-1", point].scan(code)


async def test_scans_change_stock_sales_and_alerts_exactly_once(caller, follower, agent, noted):
    began = time.monotonic()
    for _ in range(5):
        await scan(agent, edge.DOCK, GTINS["TEA"])
    await follower.until(lambda: len(follower.movements) == 5, GENEROUS_S)
    noted("five received, scanner to subscriber", f"{(time.monotonic() - began) * 1000:.0f} ms")

    began = time.monotonic()
    await scan(agent, edge.TILL, GTINS["TEA"])
    await follower.until(lambda: len(follower.sales) == 1, GENEROUS_S)
    noted("one sold, scanner to subscriber", f"{(time.monotonic() - began) * 1000:.0f} ms")
    await scan(agent, edge.TILL, GTINS["TEA"])
    await follower.until(lambda: len(follower.movements) == 7, GENEROUS_S)
    await follower.until(lambda: follower.alert_states.get("TEA") == "OPEN", GENEROUS_S)

    assert await on_hand(caller, "corner") == {"TEA": 3}
    at_corner = {"locations": ["corner"]}
    sales = (await caller.execute(retailer.SALES, filter=at_corner))["sales"]["nodes"]
    assert [(sale["source"], float(sale["units"])) for sale in sales] == [("READS", 1)] * 2
    still_open = at_corner | {"states": ["OPEN"]}
    alerts = (await caller.execute(retailer.ALERTS, filter=still_open))["alerts"]["nodes"]
    assert [(one["kind"], one["product"]["sku"]) for one in alerts] == [("LOW_STOCK", "TEA")]
    assert len(follower.movements) == len(set(follower.movements)) == 7
    assert follower.versions["corner", "TEA"] == [1, 2, 3, 4, 5, 6, 7]


async def test_a_code_nobody_knows_is_kept_and_holds_up_nothing(caller, follower, agent):
    await scan(agent, edge.DOCK, "no-such-thing")
    await scan(agent, edge.DOCK, GTINS["CUP"])
    await follower.until(lambda: follower.movements, GENEROUS_S)
    await agent.drained()

    assert (await on_hand(caller, "corner"))["CUP"] == 1
    assert agent.parked() == []
