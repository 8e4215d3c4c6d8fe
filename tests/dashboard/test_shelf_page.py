"""The page of shelves in Chromium: one is drawn by hand, planned, compared, saved as files."""

import asyncio
import csv
import io
import re
from datetime import UTC, datetime, timedelta
from zipfile import ZipFile

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.dashboard import retailer
from tests.dashboard.corner import corner, signed_in
from tests.dashboard.patience import comes_to

pytestmark = pytest.mark.asyncio(loop_scope="module")
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
UPSERT = """
mutation ($input: UpsertShelvesInput!) { upsertShelves(input: $input) { acceptedCount } }
"""
BEFORE_IT_IS_DRAWN = """(planogram) => {
  const empty = planogram.cloneNode(false);
  planogram.after(empty);
  const said = getComputedStyle(empty, "::before").content;
  empty.remove();
  return said;
}"""


@once
async def stack(databases, tmp_path_factory):
    async with corner(databases, tmp_path_factory.mktemp("shelf")) as started:
        now = datetime.now(UTC)
        for day in range(1, 15):
            moment = (now - timedelta(days=day)).isoformat()
            await retailer.sell(started, f"c{day}", "CUP", "ATL", 3, sold_at=moment)
        yield started


@once
async def page(stack):
    async with signed_in(stack, "shelf") as opened:
        yield opened


def dialog(page):
    return page.locator("dialog")


async def press(page, name):
    await page.get_by_role("button", name=name, exact=True).first.click()


async def write(page, label, text):
    field = dialog(page).get_by_label(label, exact=True)
    await field.fill(text)
    await field.press("Tab")


async def saved(page, name):
    async with page.expect_download() as download:
        await press(page, name)
    return (await (await download.value).path()).read_bytes()


async def test_without_shelves_one_is_made_by_hand(page):
    await expect(page.locator(".nothing-here")).to_contain_text("No shelf is known yet")

    await press(page, "New shelf")
    await write(page, "Name", "Drinks")
    await write(page, "Code", "A1")
    await dialog(page).get_by_label("Location", exact=True).select_option(label="Atlanta")
    await write(page, "Width, cm of board 1", "60")
    for sku in ("TEA", "CUP"):
        await dialog(page).get_by_label("Add a product").fill(sku)
        await expect(page.locator(".product-offer")).to_have_count(1)
        await page.keyboard.press("Enter")
        await expect(page.locator(".product-offer")).to_have_count(0)
    await expect(page.locator(".board-said")).to_have_text("20 of 60 cm taken")
    await dialog(page).get_by_role("button", name="Save", exact=True).click()

    await expect(page.locator(".notes")).to_contain_text("Drinks is saved")
    await expect(page.locator(".planogram-pane.is-after svg")).to_contain_text("Green tea")


async def test_what_the_backend_refuses_stands_at_its_field_with_its_code(page):
    await press(page, "Edit")
    await write(page, "Least of Green tea", "9")
    await write(page, "Most of Green tea", "2")
    await dialog(page).get_by_role("button", name="Save", exact=True).click()

    field = dialog(page).get_by_label("Least of Green tea")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(dialog(page).locator("td[data-label=Least] .field-fault")).to_contain_text(
        "INVALID_SHELF"
    )
    await expect(field).to_be_focused()

    await write(page, "Width, cm of board 1", "wide")
    await dialog(page).get_by_role("button", name="Save", exact=True).click()

    await expect(dialog(page).locator(".board-fields .field-fault")).to_contain_text("NOT_A_NUMBER")


async def test_every_change_is_undone_and_done_again(page):
    undo, redo = (dialog(page).get_by_role("button", name=one) for one in ("Undo", "Redo"))
    for _ in range(3):
        await undo.click()
    await expect(undo).to_be_disabled()
    await expect(dialog(page).get_by_label("Width, cm of board 1")).to_have_value("60")
    await expect(dialog(page).get_by_label("Least of Green tea")).to_have_value("")

    await redo.click()
    await expect(dialog(page).get_by_label("Least of Green tea")).to_have_value("9")
    await dialog(page).get_by_label("Least of Green tea").press("Control+z")

    await expect(dialog(page).get_by_label("Least of Green tea")).to_have_value("")


async def test_boards_and_products_are_changed_with_keys_and_kept(page):
    await dialog(page).get_by_role("button", name="Add a board").press("Enter")
    await dialog(page).get_by_label("Board of Cup").select_option("2")
    facings = dialog(page).get_by_label("Facings of Green tea", exact=True)
    await facings.fill("3")
    await facings.press("Enter")
    await expect(dialog(page).get_by_label("Facings of Cup", exact=True)).to_be_focused()
    await dialog(page).get_by_label("Keep the facings of Green tea").check()
    await expect(dialog(page).get_by_label("Most of Green tea")).to_have_value("3")
    await expect(page.locator(".board-said").first).to_have_text("30 of 60 cm taken")
    await dialog(page).get_by_role("button", name="Save", exact=True).click()

    await expect(page.locator(".notes")).to_contain_text("Drinks is saved")
    await press(page, "Edit")
    await expect(dialog(page).get_by_label("Keep the facings of Green tea")).to_be_checked()
    await expect(dialog(page).get_by_label("Board of Cup")).to_have_value("2")


async def test_one_press_of_escape_loses_nothing(page):
    await write(page, "Name", "Something else")
    await page.keyboard.press("Escape")
    await expect(page.locator(".dialog-notes")).to_contain_text("Not saved yet")

    await page.keyboard.press("Escape")

    await expect(dialog(page)).to_be_hidden()


async def test_what_is_still_to_be_drawn_says_so(page):
    await expect(page.locator(".is-after svg")).to_be_visible()

    said = await page.locator(".is-after .planogram").evaluate(BEFORE_IT_IS_DRAWN)

    assert "Drawing" in said


async def test_plans_stand_beside_what_stands_there_now_and_say_what_changes(page):
    before, after = (page.locator(f".planogram-pane.is-{one}") for one in ("before", "after"))
    await expect(before.locator("svg")).to_contain_text("As it stands")
    await expect(after.locator("svg")).to_contain_text("As planned")
    await expect(after.locator("svg")).to_contain_text("▲ from 1")
    await expect(page.locator(".shelf-part").first).to_contain_text("1 of 2 products change")

    for way in ("GREEDY", "EXACT", "PROPORTIONAL"):
        await before.locator("select").select_option(way)
        await expect(before.locator(".planogram")).not_to_have_attribute("aria-busy", "true")
        await expect(before.locator("svg")).to_contain_text("As planned")


async def test_a_plan_that_cannot_be_drawn_says_why(page):
    before = page.locator(".planogram-pane.is-before")
    said = {"code": "SOLVER_BUSY", "message": "Enough shelves are being planned."}
    await page.route("**/live/shelf?*", lambda route: route.fulfill(status=503, json=said))

    await before.locator("select").select_option("EXACT")

    await expect(before.locator(".note-bad")).to_contain_text("Enough shelves are being planned")
    await page.unroute("**/live/shelf?*")
    await before.locator("select").select_option("NOW")
    await expect(before.locator("svg")).to_contain_text("As it stands")


async def test_a_plan_that_fails_late_does_not_take_the_place_of_another(page):
    before, fails = page.locator(".planogram-pane.is-before"), asyncio.Event()

    async def fail_later(route):
        await fails.wait()
        await route.fulfill(status=503, json={"message": "Too late."})

    exact = re.compile("/live/shelf.*method=EXACT")
    await page.route(exact, fail_later)
    async with page.expect_request(exact):
        await before.locator("select").select_option("EXACT")
    await before.locator("select").select_option("PROPORTIONAL")
    await expect(before.locator("svg")).to_contain_text("As planned")

    async with page.expect_response(exact) as answered:
        fails.set()

    await (await answered.value).finished()
    await page.evaluate("new Promise(requestAnimationFrame)")
    await page.unroute(exact)
    await expect(before.locator("svg")).to_contain_text("As planned")


async def test_pictures_and_rows_are_saved(page):
    svg = (await saved(page, "Planogram as SVG")).decode()
    png = await saved(page, "Planogram as PNG")
    rows = list(
        csv.DictReader(io.StringIO((await saved(page, "Table as CSV")).decode("utf-8-sig")))
    )
    book = await saved(page, "Table as Excel")

    assert "Green tea" in svg
    assert png.startswith(b"\x89PNG")
    assert {row["SKU"] for row in rows} == {"TEA", "CUP"}
    assert "xl/workbook.xml" in ZipFile(io.BytesIO(book)).namelist()


async def test_a_shelf_stands_as_planned_after_a_question(page):
    await press(page, "Set facings as planned")
    await expect(dialog(page)).to_contain_text("1 of 2 products change")

    await press(page, "Set the facings")

    await expect(page.locator(".notes")).to_contain_text("are set")
    await expect(page.locator(".shelf-part").first).to_contain_text("Nothing changes")


async def test_what_others_change_is_seen_without_a_reload(page, stack):
    boards = [{"widthCm": "60", "heightCm": "30", "depthCm": "40"}]
    shelf = {"code": "A1", "location": "ATL", "name": "Hot drinks", "boards": boards}

    done = await stack.execute(UPSERT, input={"shelves": [shelf]})

    assert done["upsertShelves"]["acceptedCount"] == 1
    name = re.compile("^Hot drinks, Atlanta$")
    await expect(page.locator(".shelf-picker option").filter(has_text=name)).to_have_count(1)


@pytest.mark.parametrize("width", [390, 1280, 1920])
async def test_nothing_runs_over_the_edge(page, width):
    await page.set_viewport_size({"width": width, "height": 844})
    lists = page.locator(".board-lists")
    await (expect(lists).to_be_visible() if width < 900 else expect(lists).to_be_hidden())

    await comes_to(
        lambda: page.evaluate("document.documentElement.scrollWidth > innerWidth"), expected=False
    )


async def test_a_shelf_is_deleted_after_a_question(page):
    await press(page, "Delete")
    await dialog(page).get_by_role("button", name="Delete", exact=True).click()

    await expect(page.locator(".nothing-here")).to_contain_text("No shelf is known yet")
