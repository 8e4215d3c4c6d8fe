"""What is on screen follows what is sold; these tests sell, so that the shop is theirs."""

import asyncio
import re
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.dashboard import retailer
from tests.dashboard.analysis_pages.shop import (
    OWNER,
    area,
    as_table,
    figure,
    is_live,
    panel,
    sale,
    selling,
)
from tests.dashboard.opened import Opener, opening
from tests.dashboard.patience import box_of, comes_to
from tests.world import run_sql

pytestmark = pytest.mark.asyncio(loop_scope="session")


TREND_RANGE = """(() => {
  const { range, autorange } = document.querySelector("#panel-trend .js-plotly-plot").layout.xaxis;
  return { range, autorange };
})()"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(databases, tmp_path_factory):
    async with selling(databases, tmp_path_factory.mktemp("live")) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(chromium, shop):
    async with opening(Opener(chromium, shop)) as ready:
        yield lambda path: ready(OWNER, path)


async def drag_across(page, chart):
    """Zoom into the middle of a chart."""
    await chart.scroll_into_view_if_needed()
    box = await box_of(chart)
    height = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + 0.3 * box["width"], height)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 0.6 * box["width"], height, steps=5)
    await page.mouse.up()


async def test_what_is_on_screen_moves_when_a_sale_comes_in(open_page, shop):
    page = await open_page("sales?channel=MARKETPLACE&period=28d&compare=none")
    await is_live(page)
    await expect(page.locator("#analysis-empty")).to_be_visible()

    await retailer.sell(shop, "live 1", "CUP", "ATL", 1, channel="MARKETPLACE")
    await expect(figure(page, "Net sales")).to_have_text("$12.00")
    await page.evaluate("window.scrollTo(0, 200)")
    await retailer.sell(shop, "live 2", "CUP", "ATL", 2, channel="MARKETPLACE")

    await expect(figure(page, "Net sales")).to_have_text("$36.00")
    assert await page.evaluate("window.scrollY") == 200


async def test_a_sale_that_comes_while_the_page_is_being_filled_is_shown_at_last(open_page, shop):
    page = await open_page("sales?period=90d")
    await is_live(page)
    before = await figure(page, "Orders").inner_text()
    asked, sold = asyncio.Event(), asyncio.Event()

    async def answer_the_first_late(route):
        answer = await route.fetch()
        asked.set()
        await sold.wait()
        await route.fulfill(response=answer)

    await page.route("**/live/panels*", answer_the_first_late)
    async with page.expect_event("websocket") as opened:
        await page.reload()
    await asked.wait()
    socket = await opened.value
    async with socket.expect_event("framereceived", lambda frame: "FeedEvent" in frame):
        await retailer.sell(shop, "while filled", "CUP", "ATL", 1)
    sold.set()

    await expect(figure(page, "Orders")).to_have_text(str(int(before) + 1))


async def test_what_was_zoomed_into_stays_when_newer_figures_come(open_page, shop):
    page = await open_page("sales?period=90d")
    await is_live(page)
    before = await figure(page, "Orders").inner_text()
    await drag_across(page, panel(page, "trend").locator(".nsewdrag").first)

    async def follows_the_data():
        return (await page.evaluate(TREND_RANGE))["autorange"]

    await comes_to(follows_the_data, expected=False)
    zoomed = await page.evaluate(TREND_RANGE)

    await retailer.sell(shop, "while zoomed", "TEA", "ATL", 1)

    await expect(figure(page, "Orders")).not_to_have_text(before)
    assert await page.evaluate(TREND_RANGE) == zoomed


async def test_days_that_are_being_chosen_and_the_focus_stay_when_newer_figures_come(
    open_page, shop
):
    page = await open_page("sales?period=90d&channel=ONLINE&channel=IN_STORE")
    await is_live(page)
    before = await figure(page, "Orders").inner_text()
    await page.locator("select[name=period]").select_option("custom")
    chip = page.get_by_role("button", name="Do without Channel: Online")
    await chip.focus()

    await retailer.sell(shop, "while choosing", "TEA", "ATL", 1)

    await expect(figure(page, "Orders")).not_to_have_text(before)
    await expect(page.locator("input[name=from]")).to_be_visible()
    await expect(chip).to_be_focused()


async def test_an_area_that_is_looked_at_stays_so_when_newer_figures_come(open_page, shop):
    page = await open_page("map?period=90d")
    ohio = area(page, "Ohio")
    await ohio.focus()
    before = await ohio.get_attribute("aria-label")
    more = sale("while looking", "TEA", 1, datetime.now(UTC))

    await shop.execute(retailer.RECORD_SALES, input={"sales": [more]})

    await expect(ohio).not_to_have_attribute("aria-label", before)
    await expect(ohio).to_be_focused()
    told = page.locator(".store-tooltip")
    await expect(told).to_have_count(1)
    await expect(told).to_contain_text("Ohio")


async def test_a_day_that_a_late_sale_changed_is_marked_on_the_page(open_page, shop):
    page = await open_page("sales?from=2019-01-01&to=2019-12-31&compare=none")
    await run_sql(shop.owner_url, "update sales set recorded_at = sold_at")
    late = sale("late", "TEA", 1, datetime(2019, 2, 1, 13, tzinfo=UTC))

    await shop.execute(retailer.RECORD_SALES, input={"sales": [late]})

    note = panel(page, "trend").locator(".panel-note")
    await expect(note).to_contain_text("Late sales or returns changed 1 week")
    await expect(panel(page, "trend").locator(".legend")).to_contain_text("Restated")
    rows = await as_table(page, "trend")
    marked = rows.filter(has_text="restated")
    await expect(marked.locator("td").first).to_have_text("2019-W05")
    await panel(page, "trend").get_by_label("Marked if changed since").select_option("week")
    await expect(page).to_have_url(re.compile("since=week"))
    await expect(note).to_contain_text("changed 1 week")
