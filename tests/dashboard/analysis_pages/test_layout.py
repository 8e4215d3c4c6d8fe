"""Every page at the sizes of a laptop and a phone."""

import asyncio

import pytest
from playwright.async_api import expect

from dashboard.pages.all_pages import ANALYSIS_PAGES
from tests.dashboard.analysis_pages.shop import ago, panel
from tests.dashboard.opened import SIZES
from tests.dashboard.patience import box_of, comes_to
from tests.dashboard.readable import cut_texts

# Charts follow the window a moment later.
FITS = """() => new Promise((resolve) => {
  const look = () => (document.documentElement.scrollWidth <= innerWidth
    ? resolve() : requestAnimationFrame(look));
  look();
})"""
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("key", [page.key for page in ANALYSIS_PAGES])
async def test_no_page_is_wider_than_its_window_cuts_words_off_or_logs_errors(
    opener, open_page, key
):
    opener.errors.clear()
    page = await open_page(key, theme="light")

    for width, height in SIZES.values():
        await page.set_viewport_size({"width": width, "height": height})
        await expect(page.locator(".analysis-panel[data-state=loading]")).to_have_count(0)
        async with asyncio.timeout(60):
            await page.evaluate(FITS)
        await expect(page.locator(".analysis-panel[data-state=error]")).to_have_count(0)
        ends = await box_of(page.locator(".top-bar .account summary"))
        assert ends["x"] + ends["width"] <= width - 8
        await comes_to(lambda: cut_texts(page), [])
    assert opener.errors == []


async def test_on_a_phone_rows_are_whole_pixels_high_so_that_no_name_hides_a_line(open_page):
    page = await open_page("products?period=all", size="phone")
    rows = panel(page, "all").locator("tbody tr")
    await expect(rows.first).to_be_visible()

    heights = await rows.evaluate_all(
        "rows => rows.map((row) => row.getBoundingClientRect().height)"
    )

    assert {height % 1 for height in heights} == {0}


async def test_on_a_phone_the_first_figure_of_a_product_is_in_sight_beside_its_code(open_page):
    page = await open_page("products?period=all", size="phone")
    code, figure = (panel(page, "all").locator("tbody tr:first-child td").nth(at) for at in (1, 2))
    await expect(figure).to_be_visible()

    await code.evaluate("cell => { cell.textContent = 'OFF-BI-10003527'; }")
    await figure.evaluate("cell => { cell.textContent = '$15,760.28'; }")

    seen, frame = await box_of(figure), await box_of(panel(page, "all").locator(".analysis-rows"))
    assert seen["x"] + seen["width"] <= frame["x"] + frame["width"]


async def test_what_was_lost_has_its_minus_before_the_sign_of_the_currency(open_page):
    page = await open_page(f"trends?from={ago(4):%Y-%m-%d}&to={ago(0):%Y-%m-%d}")

    values = panel(page, "growth").locator(".drawing .value")

    await expect(values.filter(has_text="\u2212$").first).to_be_visible()
    await expect(values.filter(has_text="$\u2212")).to_have_count(0)


async def test_on_a_phone_the_navigation_lies_behind_one_button(open_page):
    page = await open_page("sales", size="phone")
    await expect(page.get_by_role("link", name="Trends")).to_be_hidden()

    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("link", name="Trends").click()

    await expect(page.get_by_role("heading", name="Trends", level=1)).to_be_visible()
    await expect(page.get_by_role("link", name="Trends")).to_be_hidden()
