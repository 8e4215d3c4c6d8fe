"""The pivot page in Chromium: dragged, laid out by keys, kept, shared, saved as seen, live."""

import csv
import io
import re
from zipfile import ZipFile

import pytest
from playwright.async_api import expect

from tests.dashboard import retailer
from tests.dashboard.analysis_pages.shop import ago, is_shown, sale, saved
from tests.dashboard.patience import box_of, comes_to
from tests.dashboard.small_shop import open_page, opener, shop

pytestmark = pytest.mark.asyncio(loop_scope="module")
__all__ = ["open_page", "opener", "shop"]

BY_CATEGORY = "pivot?period=all&rows=CATEGORY&columns=NONE&figures=NET_SALES"


def cells(page):
    return page.locator("perspective-viewer-datagrid td")


async def address_has(page, text):
    await expect(page).to_have_url(re.compile(re.escape(text)))


async def drag(page, field, onto):
    """Drag a field of the list onto the free place of a part of the layout."""
    viewer = page.locator("perspective-viewer")
    source = viewer.locator("#sub-columns .column-selector-draggable").filter(has_text=field).first
    await expect(source).to_be_in_viewport()
    target = viewer.locator(f"#{onto} .column-empty")
    start, end = await box_of(source), await box_of(target)
    await page.mouse.move(start["x"] + 60, start["y"] + 8)
    await page.mouse.down()
    await page.mouse.move(end["x"] + 60, end["y"] - 40, steps=8)
    await page.mouse.move(end["x"] + 60, end["y"] + 8, steps=8)
    await page.mouse.up()


async def test_the_grid_shows_what_was_sold_with_its_total(open_page):
    page = await open_page(BY_CATEGORY)

    await is_shown(page, "pivot")

    await expect(cells(page)).to_have_text(["$110.00", "$90.00", "$20.00"])


async def test_few_columns_share_the_width_of_the_grid(open_page):
    page = await open_page(BY_CATEGORY, size="wall")
    grid = page.locator("perspective-viewer-datagrid")

    async def share():
        cell, whole = await box_of(cells(page).last), await box_of(grid)
        end, begin = cell["x"] + cell["width"] - whole["x"], cell["x"] - whole["x"]
        return begin < whole["width"] * 0.6 and 0.9 < end / whole["width"] <= 1

    await comes_to(share, True)


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_figures_have_the_colour_of_words(open_page, theme):
    page = await open_page(BY_CATEGORY, size="phone", theme=theme)
    await expect(cells(page)).to_have_count(3)

    words = await page.evaluate("getComputedStyle(document.body).color")

    await expect(cells(page).first).to_have_css("color", words)


async def test_everyday_fields_are_offered_first(open_page):
    page = await open_page(BY_CATEGORY, size="tall")
    await expect(cells(page)).to_have_count(3)

    fields = page.locator("perspective-viewer #sub-columns .column_name")

    async def first_names():
        texts = await fields.all_inner_texts()
        return [text.strip("\u200b\u200c\u200d\u2060") for text in texts[:4]]

    await comes_to(first_names, ["Category", "Sub-category", "Product", "Region"])
    await expect(page.locator("perspective-viewer-tab")).to_be_hidden()


async def test_a_dragged_field_lies_on_the_columns(open_page):
    page = await open_page(BY_CATEGORY, size="tall")
    await expect(cells(page)).to_have_count(3)

    await drag(page, "Channel", "split_by")

    await address_has(page, "columns=CHANNEL")
    await expect(cells(page)).to_have_count(9)
    await expect(page.locator("#pivot-layout select[name=columns]").first).to_have_value("CHANNEL")


async def test_a_dragged_field_filters_by_a_value(open_page):
    page = await open_page(f"{BY_CATEGORY}&channel=ONLINE")

    await expect(cells(page)).to_have_text(["$45.00", "$45.00"])

    await page.locator("perspective-viewer #filter .row_close").first.click()
    await expect(cells(page)).to_have_count(3)
    assert "channel" not in page.url


async def test_without_a_mouse_selects_lay_it_out(open_page):
    page = await open_page(BY_CATEGORY, size="phone")
    await expect(cells(page)).to_have_count(3)

    await page.locator("#pivot-layout select[name=rows]").nth(1).select_option("PRODUCT")

    await address_has(page, "rows=CATEGORY%2CPRODUCT")
    await expect(cells(page)).to_have_count(6)


async def test_a_layout_that_cannot_be_shown_is_mended_where_it_stands(open_page):
    page = await open_page("pivot?period=all&rows=PLANET&columns=NONE&figures=NET_SALES")
    await is_shown(page, "pivot", "error")

    await page.locator("#pivot-layout select[name=rows]").first.select_option("CATEGORY")

    await is_shown(page, "pivot")
    await expect(cells(page)).to_have_text(["$110.00", "$90.00", "$20.00"])


async def test_a_press_on_a_heading_sorts_and_back_takes_it_back(open_page):
    page = await open_page("pivot?period=all&rows=PRODUCT&columns=NONE&figures=NET_SALES,UNITS")
    heading = page.locator("perspective-viewer-datagrid th").filter(has_text="Units").first
    await expect(cells(page)).to_have_count(8)

    await heading.click()

    await address_has(page, "sort=UNITS")
    await expect(page.locator("perspective-viewer-datagrid tbody th").nth(1)).to_be_visible()
    await page.go_back()
    await expect(page).not_to_have_url(re.compile("sort="))


async def test_a_kept_pivot_is_opened_again(open_page):
    page = await open_page(f"{BY_CATEGORY}&channel=ONLINE")
    await is_shown(page, "pivot")
    await page.get_by_text("Keep this pivot", exact=True).click()
    await page.locator("[name=pivot-name]").fill("Online by category")
    await page.locator("#pivot-keep [name=sharing]").select_option("ORGANISATION")
    await page.get_by_role("button", name="Save as new").click()
    await address_has(page, "pivot=")

    again = await open_page("pivot")
    await is_shown(again, "pivot")
    await again.get_by_role("button", name="Online by category").click()

    await address_has(again, "channel=ONLINE")
    await expect(cells(again)).to_have_text(["$45.00", "$45.00"])
    await again.get_by_text("Keep this pivot", exact=True).click()
    await again.get_by_role("button", name="Delete", exact=True).click()
    await expect(again.get_by_role("button", name="Online by category")).to_have_count(0)


async def test_any_chart_is_pivoted_with_its_filters(open_page):
    page = await open_page("products?period=all&channel=ONLINE")
    panel = page.locator(".analysis-panel[data-state=live] .save-menu").first
    await panel.locator("summary").click()

    await panel.get_by_role("button", name="Pivot this").click()

    await page.wait_for_url(re.compile(r"/pivot\?"))
    await address_has(page, "channel=ONLINE")
    await is_shown(page, "pivot")


async def test_what_is_seen_is_saved_as_a_table_of_excel_without_formulas(open_page):
    page = await open_page("pivot?period=all&rows=PRODUCT&columns=CHANNEL&figures=NET_SALES")
    await is_shown(page, "pivot")

    rows = list(
        csv.reader(io.StringIO((await saved(page, "pivot", "Rows (CSV)")).decode("utf-8-sig")))
    )
    workbook = ZipFile(io.BytesIO(await saved(page, "pivot", "Rows (Excel)")))

    assert rows[0][:2] == ["Product", "Total · Net sales"]
    assert rows[1][:2] == ["Total", "110"]
    assert [row[0] for row in rows if "Olive" in row[0]] == ["'=Olive oil"]
    assert "xl/tables/table1.xml" in workbook.namelist()
    sheet = workbook.read("xl/worksheets/sheet1.xml").decode()
    assert "<v>110</v>" in sheet
    assert "<f>" not in sheet


async def test_a_sale_that_comes_in_moves_the_grid(open_page, shop):
    page = await open_page(
        "pivot?period=90d&rows=CATEGORY&columns=NONE&figures=UNITS&category=Home"
    )
    await expect(cells(page)).to_have_text(["2", "2"])

    await shop.execute(retailer.RECORD_SALES, input={"sales": [sale("more", "CUP", 3, ago(0))]})

    await expect(cells(page)).to_have_text(["5", "5"])


async def test_other_pages_load_nothing_of_the_grid_and_run_no_webassembly(open_page):
    asked = []
    page = await open_page("sales")
    page.on("request", lambda request: asked.append(request.url))

    response = await page.goto(page.url)
    await is_shown(page, "trend")

    assert "wasm" not in response.headers["content-security-policy"]
    assert not [url for url in asked if "perspective" in url or "pivot-grid" in url]
