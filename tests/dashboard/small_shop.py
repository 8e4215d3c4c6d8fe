"""A shop that sold three things, and its pages in Chromium: started once for a file of tests."""

import pytest_asyncio

from tests.dashboard.analysis_pages.shop import OWNER, SALES, selling
from tests.dashboard.opened import Opener, opening
from tests.dashboard.stack import browser

once = pytest_asyncio.fixture(scope="module", loop_scope="module")


@once
async def shop(databases, tmp_path_factory):
    async with selling(databases, tmp_path_factory.mktemp("small"), sales=SALES) as started:
        yield started


@once
async def opener(shop):
    async with browser() as chromium:
        yield Opener(chromium, shop)


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(opener):
    """`open_page(path)` opens a page of the owner; faults and requests elsewhere fail the test."""
    async with opening(opener) as ready:

        async def open_one(path, **look):
            return await ready(OWNER, path, **look)

        yield open_one
