"""Every page at the sizes of a wall, a laptop and a phone."""

import pytest
from playwright.async_api import expect

from dashboard.pages.all_pages import RECORD_PAGES
from tests.dashboard.opened import SIZES
from tests.dashboard.patience import comes_to
from tests.dashboard.readable import cut_texts
from tests.dashboard.records.seen import OWNER, is_live

# Their own tests look at them with orders and shelves in them.
LAID_OUT_ELSEWHERE = {"reorder", "shelf"}
pytestmark = pytest.mark.asyncio(loop_scope="session")
CUT_OFF = """buttons => buttons.map((button) => button.getBoundingClientRect())
  .filter(({ left, right }) => left < 0 || right > innerWidth + 1).length"""
TOPS = "labels => labels.map((label) => label.getBoundingClientRect().top)"
WIDTHS = "buttons => buttons.map((button) => button.offsetWidth)"
PAGES = ["", *(page.key for page in RECORD_PAGES if page.key not in LAID_OUT_ELSEWHERE)]


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_is_wider_than_the_screen_cuts_anything_off_or_logs_errors(open_page, path):
    open_page.errors.clear()
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
        await comes_to(lambda: cut_texts(page), [])
    assert open_page.errors == []


@pytest.mark.parametrize("path", ["audit", "devices"])
async def test_what_filters_are_called_stands_in_one_line(open_page, path):
    page = await open_page(OWNER, path, size="wall")

    tops = await page.locator(".filters .field-label").evaluate_all(TOPS)

    assert len(tops) > 2
    assert max(tops) - min(tops) < 2


async def test_on_a_phone_the_buttons_of_the_organisation_are_as_wide_as_their_words(open_page):
    page = await open_page(OWNER, "organisation", size="phone")

    widths = await page.locator(".section .button").evaluate_all(WIDTHS)

    assert len(widths) == 4
    assert max(widths) < 120
