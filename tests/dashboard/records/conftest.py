"""The pages of people, clients and the organisation in Chromium, on real programs.

Backend, dashboard and browser are started once for all files here.
"""

from itertools import count

import pytest_asyncio

from tests.conftest import SECRET_KEY
from tests.dashboard import retailer, staff
from tests.dashboard.opened import Opener, opening
from tests.dashboard.stack import browser, running
from tests.world import add_organisation

once = pytest_asyncio.fixture(scope="package", loop_scope="session")
numbers = count(1)


@once
async def stack(databases, tmp_path_factory):
    """Backend and dashboard of a retailer with four people."""
    owner_url = await databases.take()
    await add_organisation(owner_url, "corner", timezone="America/New_York")
    for role in ("OWNER", "AUDITOR", "SCREEN", "CLERK"):
        await staff.add_user(owner_url, role, name=f"{role.title()} Kim")
    async with running(owner_url, tmp_path_factory.mktemp("records"), SECRET_KEY) as started:
        await retailer.set_up(started)
        yield started
    await databases.give_back(owner_url)


@once
async def opener(stack):
    async with browser() as chromium:
        yield Opener(chromium, stack)


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(opener):
    """`open_page(email, path)` opens a page; a fault or a broken policy fails the test."""
    async with opening(opener) as ready:
        yield ready


@pytest_asyncio.fixture(loop_scope="session")
async def new_person(stack):
    """`new_person(role)` returns the address of somebody whom no other test knows."""

    async def add(role):
        email = f"kim{next(numbers)}@corner.example"
        return await staff.add_user(stack.owner_url, role, f"{role.title()} Kim", email)

    return add
