import asyncio
import contextlib

import pytest

from backend.analytics import admission, service as analytics
from backend.analytics.errors import SummariesBusy
from backend.analytics.rules import Question
from backend.core.scopes import Scope
from backend.infra.database import Database
from backend.sales.filters import SalesCriteria
from tests.backend.analytics import brute
from tests.world import add_organisation, principal_with, run_sql


@contextlib.asynccontextmanager
async def turns(database, principal, count):
    """Hold so many turns."""
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(count):
            work = await stack.enter_async_context(database.work(principal, read_only=True))
            await admission.take_turn(work)
        yield


async def test_a_large_question_waits_for_its_turn(database, principal):
    async with database.work(principal, read_only=True) as waiting:
        async with turns(database, principal, admission.AT_ONCE):
            asked = asyncio.create_task(admission.take_turn(waiting))
            done, _ = await asyncio.wait({asked}, timeout=0.3)
            assert not done

        await asyncio.wait_for(asked, 3)


async def test_one_that_waits_too_long_is_told_so(database, principal):
    async with (
        turns(database, principal, admission.AT_ONCE),
        database.work(principal, read_only=True) as work,
    ):
        with pytest.raises(SummariesBusy):
            await admission.take_turn(work, patience=0.2)


async def test_no_more_than_a_few_wait(settings, owner_url, reactions, principal):
    enough = settings.model_copy(update={"pool_size": admission.AT_ONCE + admission.WAITING + 1})
    async with contextlib.AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database(enough, owner_url, reactions))
        await stack.enter_async_context(turns(database, principal, admission.AT_ONCE))
        for _ in range(admission.WAITING):
            waits = await stack.enter_async_context(database.work(principal, read_only=True))
            with pytest.raises(SummariesBusy, match="again later"):
                await admission.take_turn(waits, patience=0)
        one_more = await stack.enter_async_context(database.work(principal, read_only=True))

        with pytest.raises(SummariesBusy, match="already"):
            await admission.take_turn(one_more)


async def test_one_organisation_does_not_take_all_turns(database, principal, owner_url):
    other = principal_with(await add_organisation(owner_url, "other"), Scope.ADMIN)

    left = admission.AT_ONCE_OF_ALL - admission.AT_ONCE
    async with turns(database, principal, admission.AT_ONCE), turns(database, other, left):
        pass


async def test_small_retailers_never_wait(database, principal, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=10)
    await run_sql(owner_url, "analyze sale_lines")

    async with (
        turns(database, principal, admission.AT_ONCE),
        database.work(principal, read_only=True) as work,
    ):
        found = await analytics.summarise(work, Question(()), SalesCriteria())

    assert found.totals.orders > 0
