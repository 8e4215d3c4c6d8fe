"""What is on screen follows what is sold; these tests sell, so that the shop is theirs."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.dashboard import retailer
from tests.dashboard.analysis_pages.shop import OWNER, figure, is_live, panel, selling
from tests.dashboard.opened import Opener, opening

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
    box = await chart.bounding_box()
    height = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + 0.3 * box["width"], height)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 0.6 * box["width"], height, steps=5)
    await page.mouse.up()


async def test_what_is_on_screen_moves_when_a_sale_comes_in(open_page, shop):
    page = await open_page("sales?channel=MARKETPLACE&period=today&compare=none")
    await is_live(page)
    await expect(page.locator("#analysis-empty")).to_be_visible()

    await retailer.sell(shop, "live 1", "CUP", "ATL", 1, channel="MARKETPLACE")
    await expect(figure(page, "Net sales")).to_have_text("$12.00")
    await page.evaluate("window.scrollTo(0, 200)")
    await retailer.sell(shop, "live 2", "CUP", "ATL", 2, channel="MARKETPLACE")

    await expect(figure(page, "Net sales")).to_have_text("$36.00")
    assert await page.evaluate("window.scrollY") == 200


async def test_what_was_zoomed_into_stays_when_newer_figures_come(open_page, shop):
    page = await open_page("sales?period=90d")
    await is_live(page)
    before = await figure(page, "Orders").inner_text()
    await drag_across(page, panel(page, "trend").locator(".nsewdrag").first)
    zoomed = await page.evaluate(TREND_RANGE)

    await retailer.sell(shop, "while zoomed", "TEA", "ATL", 1)

    await expect(figure(page, "Orders")).not_to_have_text(before)
    assert await page.evaluate(TREND_RANGE) == zoomed
    assert zoomed["autorange"] is False
