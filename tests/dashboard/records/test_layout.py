"""Every page at the sizes of a wall, a laptop and a phone."""

import pytest
from playwright.async_api import expect

from tests.dashboard.opened import SIZES
from tests.dashboard.patience import comes_to
from tests.dashboard.records.seen import OWNER, is_live

pytestmark = pytest.mark.asyncio(loop_scope="session")
CUT_OFF = """buttons => buttons.map((button) => button.getBoundingClientRect())
  .filter(({ left, right }) => left < 0 || right > innerWidth + 1).length"""
PAGES = ["", "devices", "users", "clients", "sessions", "organisation", "audit"]


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_is_wider_than_the_screen_and_no_button_is_cut_off(stack, open_page, path):
    page = await open_page(OWNER, path)
    if not path:
        await is_live(page)

    for width, height in SIZES.values():
        await page.set_viewport_size({"width": width, "height": height})
        await expect(page.locator(".record-list, #wall").first).to_be_visible()
        await expect(page.locator(".list-skeleton")).to_have_count(0)
        await comes_to(
            lambda: page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0
        )
        await comes_to(
            lambda: page.locator("button:visible, a.button:visible").evaluate_all(CUT_OFF), 0
        )
