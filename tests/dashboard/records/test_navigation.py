"""Who sees which places."""

import pytest
from playwright.async_api import expect

from dashboard.pages.all_pages import ANALYSIS_PAGES
from tests.dashboard.records.seen import AUDITOR, CLERK, OWNER, SCREEN

pytestmark = pytest.mark.asyncio(loop_scope="session")
ANALYSIS = [page.name for page in ANALYSIS_PAGES]
PLANS = ["Goals", "Reorder", "Shelf", "Reports"]
ADMINISTRATION = ["Devices", "Users", "Clients", "Sessions", "Organisation", "Audit"]


@pytest.mark.parametrize(
    ("email", "names"),
    [
        (OWNER, ["Wall", *ANALYSIS, *PLANS, *ADMINISTRATION]),
        (AUDITOR, ["Wall", *ANALYSIS, *PLANS, "Devices", "Sessions", "Audit"]),
        (CLERK, []),
        (SCREEN, []),
    ],
)
async def test_the_navigation_shows_only_what_somebody_may_see(open_page, email, names):
    page = await open_page(email, "sessions")
    await expect(page.locator("#shell")).to_be_visible()

    assert await page.locator(".rail-link").all_inner_texts() == names


async def test_a_screen_sees_the_wall_only(stack, open_page):
    page = await open_page(SCREEN)

    await page.goto(f"{stack.wall_url}users")

    await expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
