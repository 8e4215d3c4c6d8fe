import pytest

from backend.analytics import service as analytics
from backend.analytics.errors import SummaryTooSlow
from backend.analytics.rules import Question, SalesDimension
from backend.sales.filters import SalesCriteria
from tests.backend.analytics import brute


async def test_a_summary_that_takes_too_long_says_so(database, principal, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=1)
    await brute.multiply(owner_url, 20_000)
    question = Question((SalesDimension.SELLER,))

    async with database.work(principal, read_only=True) as work:
        await work.rows("set local statement_timeout = 1")
        with pytest.raises(SummaryTooSlow):
            await analytics.summarise(work, question, SalesCriteria())
