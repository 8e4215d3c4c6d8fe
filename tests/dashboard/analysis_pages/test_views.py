"""What an address can ask for: calendars, comparisons, stores, what is refused."""

import re

import pytest
from playwright.async_api import expect

from tests.dashboard.analysis_pages.shop import as_table, compared, figure, is_shown, panel

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_address_that_makes_no_sense_is_explained(open_page):
    page = await open_page("sales?from=2018-03-05&to=2018-03-01")

    await expect(page.locator("#analysis-note")).to_contain_text("ends")
    await is_shown(page, "trend", "error")


async def test_every_analysis_has_a_page_without_code_of_its_own(open_page):
    page = await open_page("analyses")
    rows = panel(page, "catalogue").locator("tbody tr")
    await expect(rows).not_to_have_count(0)

    await rows.get_by_role("button", name="Frequency of sale").click()

    await expect(page).to_have_url(re.compile("name=FREQUENCY_OF_SALE"))
    await expect(panel(page, "analysis").get_by_role("heading")).to_have_text("Frequency of sale")
    shown = await as_table(page, "analysis")
    by = panel(page, "analysis").locator("select[name=by]")
    await by.focus()
    await by.select_option("CATEGORY")
    await expect(shown.locator("td:first-child")).to_have_text(["Food", "Home"])
    await expect(by).to_be_focused()


async def test_who_may_not_see_profit_is_told_why(open_page, shop):
    page = await open_page("profit", email="partner@corner.example")

    await expect(panel(page, "items").locator(".cover-text")).to_contain_text("read analytics")
    await expect(panel(page, "items")).to_have_attribute("data-state", "hidden")


async def test_a_clerk_sees_no_figures_of_the_business(open_page):
    page = await open_page("sales", email="clerk@corner.example")

    await expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()


async def test_the_business_year_is_chosen_and_kept_in_the_address(open_page):
    page = await open_page("sales?from=2019-02-03&to=2020-02-01")
    await is_shown(page, "trend")

    await page.locator("select[name=calendar]").select_option("business")

    await expect(page).to_have_url(re.compile("calendar=business"))
    await expect(page.locator("#view-units")).to_contain_text("Business year of 4-5-4 weeks")
    rows = await as_table(page, "trend")
    await expect(rows.first.locator("td").first).to_have_text("FY2019-W01")
    await page.reload()
    await expect(page.locator("select[name=calendar]")).to_have_value("business")


async def test_like_for_like_leaves_out_the_store_that_opened_meanwhile(open_page):
    page = await open_page("sales?from=2019-03-01&to=2019-03-31")
    await expect(figure(page, "Net sales")).to_have_text("$30.00")

    await page.locator("select[name=stores]").select_option("alike")

    await expect(figure(page, "Net sales")).to_have_text("$18.00")
    await expect(compared(page, "Net sales")).to_have_text("▲ 100.0%before $9.00")
    await expect(panel(page, "totals").locator(".panel-note")).to_contain_text("one location")
    await expect(page).to_have_url(re.compile("stores=alike"))


async def test_like_for_like_without_any_such_store_says_so_and_leads_back(open_page):
    page = await open_page("sales?from=2019-06-01&to=2019-06-30&stores=alike")

    await expect(page.locator("#analysis-empty")).to_contain_text("no location")
    await page.get_by_role("button", name="All stores").click()

    await expect(figure(page, "Net sales")).to_have_text("$9.00")


async def test_like_for_like_cannot_be_chosen_without_a_comparison(open_page):
    page = await open_page("sales?compare=none")
    await is_shown(page, "totals")

    await expect(page.locator("select[name=stores]")).to_be_disabled()


async def test_a_comparison_with_part_of_a_period_has_words_and_no_percentage(open_page):
    page = await open_page("sales?from=2019-02-10&to=2019-02-20")
    await is_shown(page, "trend", "empty")

    await page.goto(page.url.replace("2019-02-20", "2019-03-20"))

    gap = "9 of 39 days have data"
    await expect(compared(page, "Net sales")).to_have_text(f"before $9.00 {gap}")
    await expect(page.locator(".analysis-figure .delta")).to_have_count(0)
    await expect(page.locator("#view-days")).to_contain_text(gap)
    await expect(panel(page, "trend").locator(".panel-note")).to_contain_text(gap)
