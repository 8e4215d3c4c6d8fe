"""What every page shows without sales, without an answer, without a backend."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.dashboard import retailer
from tests.dashboard.analysis_pages.shop import PAGES, is_live

pytestmark = pytest.mark.asyncio(loop_scope="session")
KEYS = [page.key for page in PAGES]
WITHOUT_SALES = {"products", "analyses"}
"""Pages that show what is in stock, or what there is to ask, without a sale too."""


@pytest.mark.parametrize("key", KEYS)
async def test_a_page_waits_visibly_and_then_says_that_nothing_was_sold(open_page, key):
    page = await open_page("sessions")
    waiting, answer = asyncio.Event(), asyncio.Event()

    async def hold(route):
        if "analysis-asked" in (route.request.post_data or ""):
            waiting.set()
            await answer.wait()
        await route.continue_()

    await page.route("**/_dash-update-component*", hold)
    await page.goto(page.url.replace("sessions", f"{key}?from=2001-01-01&to=2001-12-31"))
    await asyncio.wait_for(waiting.wait(), 60)
    await expect(page.locator(".analysis-panel[data-state=loading]")).not_to_have_count(0)
    await expect(page.locator(".analysis-panel:not([data-state=loading])")).to_have_count(0)
    await expect(page.locator(".analysis-page")).to_have_attribute("aria-busy", "true")
    answer.set()

    await expect(page.locator(".analysis-panel[data-state=loading]")).to_have_count(0)
    await expect(page.locator(".analysis-panel[data-state=error]")).to_have_count(0)
    await expect(page.locator(".analysis-panel[data-state=empty]")).not_to_have_count(0)
    if key not in WITHOUT_SALES:
        await expect(page.locator("#analysis-empty")).to_be_visible()


async def test_every_page_says_what_cannot_be_had_and_comes_back_by_itself(open_page, shop):
    page = await open_page("sales")
    await is_live(page)
    await shop.backend.kill()

    for key in KEYS:
        await page.goto(f"{shop.wall_url}{key}")
        await expect(page.locator("#analysis-note")).to_contain_text("cannot be reached")
        await expect(page.locator(".analysis-panel:not([data-state=error])")).to_have_count(0)
    await shop.backend.start()

    await is_live(page)
    await expect(page.locator(".analysis-panel[data-state=error]")).to_have_count(0)


async def test_on_every_page_figures_that_cannot_be_renewed_turn_stale_and_come_back(
    open_page, shop
):
    pages = [await open_page(key) for key in KEYS]
    for page in pages:
        await is_live(page)
    shown = [await page.locator(".analysis-panel[data-state=live]").count() for page in pages]

    await shop.backend.kill()
    for page, count in zip(pages, shown, strict=True):
        badge = page.locator("#live-badge")
        await expect(badge).to_have_attribute("data-state", re.compile("stale|reconnecting"))
        await expect(page.locator(".analysis-panel[data-state=live]")).to_have_count(count)
        await expect(page.locator("#view-as-of")).to_contain_text("As of")
    await shop.backend.start()

    for page in pages:
        await is_live(page)


async def test_on_every_page_figures_older_than_their_limit_are_called_stale(open_page, shop):
    pages = [await open_page(key) for key in KEYS]
    answer = asyncio.Event()

    async def hold(route):
        if "analysis-asked" in (route.request.post_data or ""):
            await answer.wait()
        await route.continue_()

    for page in pages:
        await is_live(page)
        await page.route("**/_dash-update-component*", hold)

    await retailer.sell(shop, "unanswered", "TEA", "BOI", 1)

    for page in pages:
        badge = page.locator("#live-badge")
        await expect(badge).to_have_attribute("data-state", "stale")
        await expect(badge).to_have_text("Stale")
    answer.set()
    for page in pages:
        await is_live(page)
