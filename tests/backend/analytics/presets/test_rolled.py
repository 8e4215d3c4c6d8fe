from backend.analytics.presets.catalogue import PRESETS
from backend.analytics.rollups import keeping
from tests.backend.analytics import brute
from tests.backend.analytics.presets.tables import answer


async def test_every_analysis_is_the_same_from_roll_ups_as_from_the_lines(
    database, principal, owner_url, org_id
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    await brute.sell(owner_url, org_id, shelf, sales=150)
    from_lines = [await answer(database, principal, name) for name in PRESETS]

    await keeping.catch_up(database, org_id)

    for before in from_lines:
        rolled = await answer(database, principal, before.preset.name)
        assert rolled.table == before.table, before.preset.name
        assert rolled.covers == before.covers
