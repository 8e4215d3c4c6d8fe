"""The pages of analysis in Chromium, on the real backend; started once for all files here."""

import pytest_asyncio

from tests.dashboard.analysis_pages.shop import OWNER, selling
from tests.dashboard.opened import Opener, opening
from tests.dashboard.stack import browser

once = pytest_asyncio.fixture(scope="package", loop_scope="session")


@once
async def shop(databases, tmp_path_factory):
    async with selling(databases, tmp_path_factory.mktemp("analysis")) as started:
        yield started


@once
async def chromium():
    async with browser() as started:
        yield started


@once
async def opener(chromium, shop):
    return Opener(chromium, shop)


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(opener):
    """`open_page(path)` opens a page of the owner; faults and requests elsewhere fail the test."""
    async with opening(opener) as ready:

        async def open_one(path, *, email=OWNER, **look):
            return await ready(email, path, **look)

        yield open_one
