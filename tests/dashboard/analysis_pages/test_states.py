"""What every page shows without sales, without an answer, without a backend."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.dashboard.analysis_pages.shop import PAGES, figure, is_live, is_shown, panel
from tests.dashboard.patience import box_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
KEYS = [page.key for page in PAGES]
LATER = """() => {
  window.clockOfBefore = Date.now;
  Date.now = () => window.clockOfBefore() + 40_000;
}"""
"""Half a minute passes without an answer, as on a laptop that slept."""
AS_OF = "document.getElementById('view-as-of').dateTime"
WITHOUT_SALES = {"products", "analyses"}
"""Pages that show what is in stock, or what there is to ask, without a sale too."""


@pytest.mark.parametrize("key", KEYS)
async def test_a_page_waits_visibly_and_then_says_that_nothing_was_sold(open_page, key):
    page = await open_page("sessions")
    waiting, answer = asyncio.Event(), asyncio.Event()

    async def hold(route):
        waiting.set()
        await answer.wait()
        await route.continue_()

    await page.route("**/live/panels?*", hold)
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


async def test_an_empty_panel_takes_no_more_room_than_its_words(open_page):
    page = await open_page("products?period=all")

    along = panel(page, "attach")
    await expect(along).to_have_attribute("data-state", "empty")
    await page.set_viewport_size({"width": 390, "height": 844})
    box = await box_of(along)

    assert box["height"] < 240


async def test_buttons_of_a_page_without_sales_have_signs_as_small_as_those_of_others(open_page):
    page = await open_page("sales?from=2001-01-01&to=2001-12-31")

    sign = await box_of(page.locator("#analysis-empty .icon-clock"))
    other = await box_of(page.locator(".filter-sheet summary .icon"))

    assert sign["height"] == other["height"]


async def test_without_an_answer_the_days_asked_for_are_chosen_and_why_is_inside_its_panel(
    open_page,
):
    page = await open_page("sales?from=2018-01-01&to=2018-02-01&measure=none", size="phone")
    await is_shown(page, "totals", "error")

    words = await box_of(panel(page, "totals").locator(".cover-text"))
    frame = await box_of(panel(page, "totals"))

    assert frame["y"] + frame["height"] >= words["y"] + words["height"]
    await expect(page.get_by_role("combobox", name="Period")).to_have_value("custom")


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


async def test_a_dashboard_that_cannot_be_reached_is_said_at_once_and_asked_again(open_page):
    page = await open_page("sales")
    await is_live(page)

    await page.route("**/live/panels?*", lambda route: route.abort())
    asked_at = await page.evaluate(
        "() => { const now = Date.now(); shelfcast.controls.actions['ask-again'](); return now; }"
    )
    await expect(page.locator("#analysis-note")).to_contain_text("dashboard cannot be reached")
    await expect(page.locator("#live-badge")).to_have_attribute("data-state", "stale")
    assert await page.evaluate(f"Date.parse({AS_OF}) < {asked_at}")
    await expect(figure(page, "Net sales")).to_be_visible()
    await page.unroute("**/live/panels?*")

    await is_live(page)
    await expect(page.locator("#analysis-note")).to_be_hidden()


async def test_figures_that_cannot_be_renewed_turn_stale_and_come_back(open_page, shop):
    page = await open_page("sales")
    await is_live(page)

    await shop.backend.kill()
    await expect(page.locator("#live-badge")).to_have_attribute(
        "data-state", re.compile("stale|reconnecting")
    )
    await expect(figure(page, "Net sales")).to_be_visible()
    await shop.backend.start()

    await is_live(page)


@pytest.mark.parametrize("key", KEYS)
async def test_figures_older_than_their_limit_are_called_stale(open_page, key):
    page = await open_page(key)
    await is_live(page)
    await expect(page.locator(".analysis-panel[data-state=loading]")).to_have_count(0)
    shown = await page.locator(".analysis-panel[data-state=live]").count()
    badge = page.locator("#live-badge")

    await page.evaluate(LATER)

    await expect(badge).to_have_attribute("data-state", "stale")
    await expect(badge).to_have_text("Stale")
    await expect(page.locator(".analysis-panel[data-state=live]")).to_have_count(shown)
    await expect(page.locator("#view-age")).to_have_text(re.compile(r"\d+ s ago|min"))
    await page.evaluate("Date.now = window.clockOfBefore")
    await is_live(page)


@pytest.mark.parametrize("key", KEYS)
async def test_a_connection_that_is_gone_is_said_and_made_anew(open_page, key):
    page = await open_page("sessions")
    sockets, is_gone = [], asyncio.Event()

    async def lead(socket):
        sockets.append(socket)
        if is_gone.is_set():
            await socket.close()
        else:
            socket.connect_to_server()

    await page.route_web_socket(re.compile("/graphql$"), lead)
    await page.goto(page.url.replace("sessions", key))
    await is_live(page)
    await expect(page.locator(".analysis-panel[data-state=loading]")).to_have_count(0)
    shown = await page.locator(".analysis-panel[data-state=live]").count()
    badge = page.locator("#live-badge")

    is_gone.set()
    await sockets[-1].close()

    await expect(badge).to_have_attribute("data-state", "reconnecting")
    await expect(badge).to_have_text("Reconnecting")
    await expect(page.locator(".analysis-panel[data-state=live]")).to_have_count(shown)
    await expect(page.locator("#view-as-of")).to_contain_text("As of")
    is_gone.clear()
    await is_live(page)
