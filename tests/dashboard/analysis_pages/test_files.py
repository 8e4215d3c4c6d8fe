"""What a panel saves: its rows, its picture, its drawing."""

import csv
import io
from zipfile import ZipFile

import pytest
from playwright.async_api import expect

from tests.dashboard.analysis_pages.shop import PAGES, is_shown, panel, saved

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_rows_are_saved_as_csv_without_formulas(open_page):
    page = await open_page("sales")
    await is_shown(page, "products")

    content = (await saved(page, "products", "Rows (CSV)")).decode("utf-8-sig")

    head, *rows = csv.reader(io.StringIO(content))
    assert head[:3] == ["Product", "SKU", "Net sales"]
    found = {row[1]: (row[0], row[2]) for row in rows}
    assert found["OIL"] == ("'=Olive oil", "45")
    assert found["CUP"] == ("Cup", "20")


async def test_rows_are_saved_as_a_workbook_of_numbers(open_page):
    page = await open_page("sales")
    await is_shown(page, "products")

    content = await saved(page, "products", "Rows (Excel)")

    with ZipFile(io.BytesIO(content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<v>45</v>" in sheet
    assert "=Olive oil" in sheet


async def test_a_chart_is_saved_as_picture_and_drawing(open_page):
    page = await open_page("sales")
    await is_shown(page, "trend")
    await expect(panel(page, "trend").locator(".scatterlayer .trace path").first).to_be_attached()
    title = await panel(page, "trend").locator("h2").inner_text()

    picture = await saved(page, "trend", "Picture (PNG)")
    drawing = (await saved(page, "trend", "Drawing (SVG)")).decode()

    assert picture.startswith(b"\x89PNG")
    assert drawing.startswith("<svg")
    assert title in drawing


ROWS = """async ({ page, panels }) => Promise.all(panels.flatMap((panel) => ["csv", "xlsx"].map(
  async (format) => {
    const query = new URLSearchParams({ page, panel, format, view: "?period=all" });
    const headers = { "X-Shelfcast-Page": "1" };
    const answer = await fetch(`/live/rows?${query}`, { headers });
    return [panel, format, answer.status, (await answer.blob()).size];
  })))"""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
async def test_whatever_a_page_shows_can_be_saved(open_page, page):
    opened = await open_page(f"{page.key}?period=all")
    await expect(opened.locator(".analysis-panel[data-state=loading]")).to_have_count(0)

    live = await opened.locator(".analysis-panel[data-state=live]").evaluate_all(
        "panels => panels.map(panel => panel.dataset.panel)"
    )
    saved = await opened.evaluate(ROWS, {"page": page.key, "panels": live})

    assert live
    assert [one for one in saved if one[2] != 200 or one[3] < 20] == []
    for one in page.panels:
        offered = panel(opened, one.key).locator("[data-action=save]")
        formats = await offered.evaluate_all("all => all.map(button => button.dataset.format)")
        pictures = {"png", "svg"} if one.kind in {"chart", "map"} else set()
        assert set(formats) == {"csv", "xlsx"} | pictures


async def test_the_key_figures_are_saved_with_what_they_are_compared_with(open_page):
    page = await open_page("sales?from=2019-02-10&to=2019-03-20")
    await is_shown(page, "totals")

    content = (await saved(page, "totals", "Rows (CSV)")).decode("utf-8-sig")

    rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(content))}
    assert rows["Net sales"] == ["money", "30", "9", "9 of 39 days have data"]


async def test_the_menu_of_formats_is_used_with_the_keyboard_alone(open_page):
    page = await open_page("sales")
    await is_shown(page, "products")
    menu = panel(page, "products").locator(".save-menu")
    await menu.locator("summary").focus()

    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(menu.get_by_role("button", name="Rows (CSV)")).to_be_focused()
    await page.keyboard.press("Escape")

    await expect(menu.locator("summary")).to_be_focused()
    await expect(menu.get_by_role("button", name="Rows (CSV)")).to_be_hidden()
