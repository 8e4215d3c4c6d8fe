"""The page of sales: figures, filters, drilling down, sorting."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import expect

from tests.dashboard.analysis_pages.shop import as_table, figure, is_shown, panel
from tests.dashboard.opened import SIZES
from tests.dashboard.patience import box_of, comes_to

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_sales_add_up_to_what_was_recorded(open_page):
    page = await open_page("sales")

    await expect(figure(page, "Net sales")).to_have_text("$110.00")
    await expect(figure(page, "Orders")).to_have_text("3")
    await expect(panel(page, "products").locator("tbody tr")).to_have_count(3)
    await expect(page.locator("#view-units")).to_contain_text("USD")


async def test_what_is_in_sight_is_filtered_first(open_page):
    page = await open_page("sales")
    await is_shown(page, "products")
    asked = []

    def note(request):
        url = urlsplit(request.url)
        if url.path == "/live/panels":
            asked.append(parse_qs(url.query)["panel"])

    page.on("request", note)
    await page.evaluate("history.replaceState(null, '', '?channel=ONLINE')")
    await page.evaluate("shelfcast.controls.actions['ask-again']()")
    await expect(figure(page, "Net sales")).to_have_text("$45.00")
    await expect(panel(page, "products").locator("tbody tr")).to_have_count(1)

    everything = await page.locator("[data-panel]").evaluate_all(
        "all => all.map((one) => one.dataset.panel)"
    )
    assert len(asked) == 2
    assert "totals" in asked[0]
    assert "products" in asked[1]
    assert sorted(asked[0] + asked[1]) == sorted(everything)


async def test_a_filter_is_kept_in_the_address_and_back_takes_it_away(open_page):
    page = await open_page("sales")
    await is_shown(page, "totals")

    await page.locator(".filter-sheet summary").click()
    rail = await box_of(page.locator(".rail"))
    sheet = await box_of(page.locator(".filter-groups"))
    await page.get_by_role("checkbox", name="Online").check()

    assert rail["width"] <= sheet["x"] < sheet["x"] + sheet["width"] <= SIZES["laptop"][0]
    await expect(page).to_have_url(re.compile(r"\?channel=ONLINE$"))
    await expect(figure(page, "Net sales")).to_have_text("$45.00")
    await expect(page.locator(".view-chip")).to_have_text("Channel: Online")
    await page.go_back()
    await expect(figure(page, "Net sales")).to_have_text("$110.00")
    await expect(page.get_by_role("checkbox", name="Online")).not_to_be_checked()


async def test_a_link_shows_others_the_same(open_page):
    page = await open_page("sales?period=28d&category=Food")

    await expect(figure(page, "Net sales")).to_have_text("$45.00")
    await expect(page.locator("select[name=period]")).to_have_value("28d")


async def test_a_press_on_a_bar_goes_one_level_deeper(open_page):
    page = await open_page("sales")
    await is_shown(page, "categories")
    bars = panel(page, "categories").locator(".drawing .bar")
    await expect(bars).to_have_count(2)

    await bars.first.click(force=True)

    await expect(page).to_have_url(re.compile("category=Food"))
    rows = await as_table(page, "categories")
    await expect(rows.locator("td:first-child")).to_have_text(["Drinks", "Oils"])


async def test_the_keyboard_drills_down_through_the_table(open_page):
    page = await open_page("sales")
    rows = await as_table(page, "categories")
    await rows.get_by_role("button", name="Food").focus()

    await page.keyboard.press("Enter")

    await expect(page).to_have_url(re.compile("category=Food"))


async def test_pressing_a_heading_sorts_the_rows(open_page):
    page = await open_page("sales")
    names = panel(page, "products").locator("tbody td:first-child")
    heading = panel(page, "products").get_by_role("columnheader", name="Units")

    await heading.get_by_role("button").click()
    await expect(names).to_have_text(["Green tea", "=Olive oil", "Cup"])
    await heading.get_by_role("button").click()

    await expect(names).to_have_text(["Cup", "=Olive oil", "Green tea"])
    await expect(heading).to_have_attribute("aria-sort", "ascending")


async def test_an_unsold_period_says_so_and_leads_on(open_page):
    page = await open_page("sales?from=2001-01-01&to=2001-12-31")

    await expect(page.locator("#analysis-empty")).to_be_visible()
    await page.get_by_role("button", name="Show all time").click()

    await expect(page).to_have_url(re.compile(r"\?period=all$"))
    await expect(figure(page, "Net sales")).to_have_text("$158.00")


async def test_the_names_of_a_ring_stand_below_it_once_a_phone_is_turned(open_page):
    page = await open_page("sales?period=all")
    await is_shown(page, "top-products")
    ring, names = (panel(page, "top-products").locator(one) for one in (".pielayer", ".legend"))

    async def is_below():
        above = await box_of(ring)
        return (await box_of(names))["y"] >= above["y"] + above["height"]

    await comes_to(is_below, expected=False)

    await page.set_viewport_size({"width": SIZES["phone"][0], "height": SIZES["phone"][1]})

    await comes_to(is_below, expected=True)
