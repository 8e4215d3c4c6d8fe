from datetime import UTC, datetime, timedelta

import pytest

from backend.forecasting.jobs import keeping
from backend.forecasting.jobs.keeping import KEPT_OF_A_DAY, NewModel
from backend.forecasting.rules import ModelKind, ModelStatus
from tests.world import run_sql

NOW = datetime.now(UTC)
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
TODAY = NOW.date()
MADE_AT = "update forecast_models set trained_at = $2 where id = $1"
LEFT = "select id from forecast_models"
CONTENTS = "select model_id from forecast_contents"


@pytest.fixture
def add(database, principal, owner_url):
    """Adds a version made at a moment; `await add(moment, parent=…)` returns it."""

    async def run(moment, **values):
        async with database.work(principal) as work:
            made = await keeping.add(
                work,
                NewModel(
                    kind=ModelKind.PERIODS, horizon=28, series=1, first_seen=TODAY, seed=0,
                    trained_through=NOW, content=b"model",
                    **{"last_seen": TODAY, **values},
                ),
            )  # fmt: skip
        await run_sql(owner_url, MADE_AT, made.id, moment)
        return made

    return run


async def left(owner_url, statement=LEFT):
    return {row[0] for row in await run_sql(owner_url, statement)}


async def updates(add, base, first, count, **values):
    """Add versions of one unfinished day, a minute apart, the oldest first."""
    moments = [first + timedelta(minutes=n) for n in range(count)]
    return [(await add(one, parent=base, is_partial=True, **values)).id for one in moments]


async def test_of_an_unfinished_day_the_last_versions_stay_once_it_is_over(
    add, database, principal, owner_url
):
    yesterday = MIDNIGHT - timedelta(hours=12)
    one, other = await add(yesterday), await add(yesterday)
    many = await updates(add, one, yesterday, KEPT_OF_A_DAY + 3)
    few = await updates(add, other, yesterday, 2)
    todays = await updates(add, await add(MIDNIGHT), MIDNIGHT, KEPT_OF_A_DAY + 2)

    async with database.work(principal) as work:
        await keeping.thin_out(work)

    found = await left(owner_url)
    assert found >= {one.id, other.id, *few, *todays}
    assert found & set(many) == set(many[3:])


async def test_who_forecasts_stays_and_old_updates_go(add, database, principal, owner_url):
    yesterday, long_ago = MIDNIGHT - timedelta(hours=12), MIDNIGHT - timedelta(days=61)
    base, older = await add(yesterday), await add(long_ago)
    champion = await add(
        yesterday - timedelta(hours=1), parent=base, is_partial=True, status=ModelStatus.CHAMPION
    )
    await updates(add, base, yesterday, KEPT_OF_A_DAY)
    [old] = await updates(add, older, long_ago, 1)

    async with database.work(principal) as work:
        await keeping.thin_out(work)

    found = await left(owner_url)
    assert found >= {champion.id, base.id, older.id}
    assert old not in found


async def test_only_what_may_be_gone_back_to_keeps_its_content(add, database, principal, owner_url):
    long_ago = MIDNIGHT - timedelta(days=61)
    champion = await add(MIDNIGHT, status=ModelStatus.CHAMPION)
    trained = await add(MIDNIGHT - timedelta(days=59))
    learned = await add(MIDNIGHT, parent=trained, last_seen=TODAY - timedelta(days=40))
    too_old = await add(long_ago)
    too_far = await add(MIDNIGHT, parent=trained, last_seen=TODAY - timedelta(days=41))
    [partial] = await updates(add, trained, MIDNIGHT, 1)

    async with database.work(principal) as work:
        await keeping.let_go(work, champion)

    assert await left(owner_url, CONTENTS) == {champion.id, trained.id, learned.id}
    assert await left(owner_url) >= {too_old.id, too_far.id, partial}
