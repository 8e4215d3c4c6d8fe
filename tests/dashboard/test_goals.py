"""The page of goals in Chromium: entered by keyboard and clipboard, live when a sale comes in."""

from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.conftest import SECRET_KEY
from tests.dashboard import retailer, staff
from tests.dashboard.stack import browser, running
from tests.world import add_organisation

pytestmark = pytest.mark.asyncio(loop_scope="module")
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
YEAR, NOW = datetime.now(UTC).year, (datetime.now(UTC).month + 2) // 3
OTHER = NOW % 4 + 1
"""A quarter that is not on."""
PASTE = """([text]) => {
  const data = new DataTransfer();
  data.setData("text", text);
  const options = { clipboardData: data, bubbles: true, cancelable: true };
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", options));
}"""


@once
async def stack(databases, tmp_path_factory):
    owner_url = await databases.take()
    await add_organisation(owner_url, "corner")
    await staff.add_user(owner_url, "OWNER")
    async with running(owner_url, tmp_path_factory.mktemp("goals"), SECRET_KEY) as started:
        await retailer.set_up(started)
        yield started
    await databases.give_back(owner_url)


@once
async def page(stack):
    async with browser() as chromium:
        context = await chromium.new_context(viewport={"width": 1280, "height": 800})
        opened = await context.new_page()
        await staff.sign_in(opened, stack, "owner@corner.example", "goals")
        yield opened


async def press(page, name):
    await page.get_by_role("button", name=name, exact=True).click()


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
    await page.evaluate(PASTE, ["100\t1,250.00\t300\t400"])
    await press(page, "Save")

    await expect(page.locator(".notes")).to_contain_text("4 goals set")
    await expect(page.locator(".goal-card")).to_have_count(4)
    await expect(page.locator(f".goal-card[data-period='{YEAR}-Q2']")).to_contain_text(
        "0 of 1,250 USD"
    )
    await expect(page.get_by_role("meter")).to_have_count(4)


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
    await expect(card.locator(".goal-figures b")).to_have_text("0")

    await retailer.sell(stack, "goal-1", "TEA", "ATL", 3)

    await expect(card.locator(".goal-figures b")).not_to_have_text("0", timeout=30_000)
