"""Superstore on its pages."""

import pytest
from playwright.async_api import expect

from tests.conftest import SECRET_KEY
from tests.dashboard import staff
from tests.dashboard.analysis_pages.shop import figure, panel
from tests.dashboard.stack import running
from tests.data import data_file
from tests.world import add_organisation

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_superstore_adds_up_on_its_pages(databases, chromium, tmp_path_factory):
    file = data_file("superstore/superstore.csv")
    owner_url = await databases.take()
    await add_organisation(owner_url, "superstore", timezone="America/New_York")
    email = await staff.add_user(owner_url, "OWNER")
    data_dir = tmp_path_factory.mktemp("superstore")
    async with running(owner_url, data_dir, SECRET_KEY) as stack:
        await stack.run("backend.programs.imports", str(file))
        page = await chromium.new_page(viewport={"width": 1280, "height": 800})
        await page.goto(f"{stack.wall_url}sales?period=all")
        await staff.fill_in(page, email)

        await expect(figure(page, "Net sales")).to_have_text("$2,297,200.86")
        await expect(figure(page, "Orders")).to_have_text("5,009")
        await page.goto(f"{stack.wall_url}map?period=all")
        await expect(panel(page, "areas").locator(".panel-summary")).to_have_text(
            "California comes first with $457,688 (19.9% of all); sales to 49 states."
        )
        await page.context.close()
    await databases.give_back(owner_url)
