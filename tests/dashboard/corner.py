"""A shop at the corner with an owner, and a browser in which the owner is signed in."""

from contextlib import asynccontextmanager

from tests.conftest import SECRET_KEY
from tests.dashboard import retailer, staff
from tests.dashboard.stack import browser, running
from tests.world import add_organisation


@asynccontextmanager
async def corner(databases, folder, **organisation):
    """Run backend and dashboard for it."""
    owner_url = await databases.take()
    await add_organisation(owner_url, "corner", **organisation)
    await staff.add_user(owner_url, "OWNER")
    async with running(owner_url, folder, SECRET_KEY) as stack:
        await retailer.set_up(stack)
        yield stack
    await databases.give_back(owner_url)


@asynccontextmanager
async def signed_in(stack, path):
    """Open a page as the owner."""
    async with browser() as chromium:
        context = await chromium.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(60_000)
        page = await context.new_page()
        await staff.sign_in(page, stack, "owner@corner.example", path)
        yield page
