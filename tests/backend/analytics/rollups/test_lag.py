import re

from backend.analytics.rollups import keeping
from tests.backend.analytics import brute


async def test_figures_tell_how_far_roll_ups_are_behind(client, database, owner_url, org_id):
    shelf = await brute.fill_shelf(owner_url, org_id)
    await brute.sell(owner_url, org_id, shelf, sales=6, at_once=3)
    await keeping.catch_up(database, org_id)
    await brute.sell(owner_url, org_id, shelf, seed=2, sales=40, at_once=1)

    text = (await client.get("/metrics")).text

    found = dict(re.findall(r"^shelfcast_rollup_lag_(\w+) (\S+)$", text, re.MULTILINE))
    assert int(found["entries"]) >= 40
    assert float(found["seconds"]) > 0
