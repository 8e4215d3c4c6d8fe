"""The page of goals in Chromium: entered, imported, copied, saved, live when a sale comes in."""

import csv
import io
import re
from datetime import datetime
from decimal import Decimal
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.dashboard import retailer
from tests.dashboard.corner import corner, signed_in
from tests.dashboard.patience import comes_to

pytestmark = pytest.mark.asyncio(loop_scope="module")
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
# A sale counts for the day of its location, where a quarter begins later than in UTC.
HERE = datetime.now(ZoneInfo("America/New_York"))
YEAR, NOW = HERE.year, (HERE.month + 2) // 3
OTHER = NOW % 4 + 1
"""A quarter that is not on."""
PASTE = """([text]) => {
  const data = new DataTransfer();
  data.setData("text", text);
  const options = { clipboardData: data, bubbles: true, cancelable: true };
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", options));
}"""

AMOUNTS = {1: "100", 2: "1,250.00", 3: "300", 4: "400"}
"""What is planned for each quarter."""
FILE = f"Region,{YEAR}-Q1,{YEAR}-Q2\nWest,500,600\nEast,many,700\n"
STATUS = """async ([query, headers]) => (await fetch(`/live/goals?${query}`, { headers })).status"""


@once
async def stack(databases, tmp_path_factory):
    async with corner(databases, tmp_path_factory.mktemp("goals")) as started:
        yield started


@once
async def page(stack):
    async with signed_in(stack, "goals") as opened:
        yield opened


async def press(page, name):
    await page.get_by_role("button", name=name, exact=True).click()


async def confirm(page, name):
    await page.locator("dialog").get_by_role("button", name=name, exact=True).click()


async def saved(page, name):
    async with page.expect_download() as download:
        await press(page, name)
    return (await (await download.value).path()).read_bytes()


async def test_goals_are_typed_pasted_and_refused_cell_by_cell(page):
    await expect(page.locator(".nothing-here")).to_be_visible()
    await press(page, "Enter")
    first = page.get_by_label(f", {YEAR}-Q1")
    await expect(first).to_be_focused()
    await page.keyboard.type("many")
    await press(page, "Save")
    await expect(page.locator(".dialog-notes")).to_contain_text(f"{YEAR}-Q1: this is no amount")
    await expect(first).to_have_attribute("aria-invalid", "true")

    await first.focus()
    await page.evaluate(PASTE, ["\t".join(AMOUNTS.values())])
    await press(page, "Save")

    await expect(page.locator(".notes")).to_contain_text("4 goals set")
    await expect(page.locator(".goal-card")).to_have_count(4)
    await expect(page.locator(f".goal-card[data-period='{YEAR}-Q2']")).to_contain_text(
        "$0 of $1,250"
    )
    await expect(page.get_by_role("meter")).to_have_count(4)


async def test_all_columns_of_goals_are_in_sight_on_a_wide_screen(page):
    await page.set_viewport_size({"width": 1700, "height": 900})
    table = page.get_by_role("region", name="All goals")
    await expect(table.locator("tbody tr")).to_have_count(4)

    await comes_to(lambda: table.evaluate("(one) => one.scrollWidth - one.clientWidth"), 0)
    await page.set_viewport_size({"width": 1280, "height": 800})


async def test_an_emptied_cell_deletes_its_goal(page):
    await press(page, "Enter")
    cell = page.get_by_label(f", {YEAR}-Q{OTHER}")
    await expect(cell).not_to_have_value("")
    await cell.fill("")

    await press(page, "Save")

    await expect(page.locator(".notes")).to_contain_text("1 goal deleted")
    await expect(page.locator(".goal-card")).to_have_count(3)


async def test_a_sale_moves_the_meter_without_a_reload(page, stack):
    card = page.locator(f".goal-card[data-period='{YEAR}-Q{NOW}']")
    heading = page.get_by_role("region", name="All goals").get_by_role("columnheader").first
    await heading.get_by_role("button").click()
    await expect(heading).to_have_attribute("aria-sort", "ascending")
    await expect(card.locator(".goal-figures b")).to_have_text("$0")

    await retailer.sell(stack, "goal-1", "TEA", "ATL", 3)

    await expect(card.locator(".goal-figures b")).not_to_have_text("$0")
    await expect(heading).to_have_attribute("aria-sort", "ascending")


async def test_all_goals_are_saved_as_files_of_exact_figures(page):
    planned = {number: text for number, text in AMOUNTS.items() if number != OTHER}

    rows = csv.DictReader(io.StringIO((await saved(page, "All goals as CSV")).decode("utf-8-sig")))
    workbook = ZipFile(io.BytesIO(await saved(page, "All goals as Excel")))

    assert {row["Period"]: Decimal(row["Goal"]) for row in rows} == {
        f"{YEAR}-Q{number}": Decimal(text.replace(",", "")) for number, text in planned.items()
    }
    sheet = workbook.read("xl/worksheets/sheet1.xml").decode()
    assert all(f"<v>{text}</v>" in sheet for text in planned.values() if "," not in text)
    assert "<f>" not in sheet


async def test_goals_are_saved_by_pages_of_this_dashboard_alone(page):
    own = {"X-Shelfcast-Page": "1"}

    strange = await page.evaluate(STATUS, ["what=progress&format=csv&query={}", {}])
    unknown = await page.evaluate(STATUS, ["what=secrets&format=csv&query={}", own])

    assert (strange, unknown) == (403, 404)


async def test_a_file_is_checked_and_then_imported(page):
    await press(page, "Import")
    file = {"name": "plan.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    await page.locator(".goal-file input").set_input_files(file)
    await expect(page.locator(".goal-file")).to_contain_text("plan.csv, 1 kB")

    await confirm(page, "Check the file")
    await expect(page.locator(".dialog-notes")).to_contain_text("3 would be set")
    await expect(page.locator(".dialog-notes")).to_contain_text(f"Line 3, {YEAR}-Q1")
    await confirm(page, "Import")

    await expect(page.locator("dialog")).to_contain_text(
        "3 goals set, 0 were the same. 1 rejected."
    )
    await confirm(page, "Done")


async def test_a_link_shows_what_its_sender_chose(page):
    await page.locator("select[name=dimension]").select_option("REGION")
    await expect(page).to_have_url(re.compile(r"/goals\?dimension=REGION$"))

    await page.reload()

    await expect(page.locator("select[name=dimension]")).to_have_value("REGION")
    card = page.locator(f".goal-card[data-period='{YEAR}-Q2']")
    await expect(card.locator(".goal-figures")).to_have_text("$0 of $1,300")


async def test_a_year_is_planned_like_another_with_growth(page):
    await page.get_by_label("Year", exact=True).fill(str(YEAR + 1))
    await expect(page.locator(".nothing-here")).to_contain_text(
        f"Nothing is planned for regions in {YEAR + 1}."
    )
    await press(page, "Copy a year")
    await page.locator("dialog").get_by_text("What was planned").click()
    await page.get_by_label("Growth in %").fill("10")

    await confirm(page, "Make them")

    await expect(page.locator(".notes")).to_contain_text("3 goals set.")
    card = page.locator(f".goal-card[data-period='{YEAR + 1}-Q1']")
    await expect(card.locator(".goal-figures")).to_have_text("$0 of $550")


async def test_the_next_plan_is_proposed_and_taken_over(page, stack):
    await retailer.sell(stack, "then", "TEA", "ATL", 3, sold_at=f"{YEAR - 1}-08-01T16:00:00Z")
    await page.goto(f"{stack.wall_url}goals?year={YEAR - 1}")
    await press(page, "Enter")
    await page.get_by_label(f", {YEAR - 1}-Q3").fill("100")
    await press(page, "Save")
    section = page.get_by_role("region", name="The next plan")
    await expect(section.locator("tbody tr")).to_contain_text("where this period leads")

    await press(page, "Plan this")
    await confirm(page, "Plan this")

    await expect(page.locator(".notes")).to_contain_text("1 goal set.")
    card = page.locator(f".goal-card[data-period='{YEAR - 1}-Q4']")
    await expect(card.locator(".goal-figures")).to_have_text("$0 of $13.50")
