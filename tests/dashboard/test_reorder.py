"""The page of orders in Chromium: why, filtered, settled, saved, moved, marked down."""

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


@once
async def stack(databases, tmp_path_factory):
    async with corner(databases, tmp_path_factory.mktemp("reorder")) as started:
        now = datetime.now(UTC)
        for day in range(1, 20):
            moment = (now - timedelta(days=day)).isoformat()
            await retailer.sell(started, f"t{day}", "TEA", "ATL", 1, sold_at=moment)
        await retailer.receive(started, "TEA", "BOI", 500)
        yield started


@once
async def page(stack):
    async with signed_in(stack, "reorder") as opened:
        yield opened


def filled(page, name):
    return page.get_by_role("search").get_by_label(name)


def sheet(page):
    return page.locator(".picks .filter-groups")


async def saved(page, name):
    async with page.expect_download() as download:
        await page.get_by_role("button", name=name, exact=True).click()
    return (await (await download.value).path()).read_bytes()


async def test_what_to_order_comes_with_its_reasons_by_keys_alone(page):
    row = page.locator("tr[data-urgency]")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("Green tea")
    await expect(row).to_contain_text("Too late")

    await page.locator(".why-row summary").focus()
    await page.keyboard.press("Enter")

    why = page.locator(".why-row dl")
    await expect(why).to_contain_text("7 days: nothing else is settled")
    await expect(why).to_contain_text("1 on hand, nothing known on order")
    await page.keyboard.press("Enter")


async def test_what_is_picked_from_stays_open_while_a_list_comes(page):
    rows = page.locator("tr[data-urgency]")
    for name, count in (("All", 6), ("To order", 1)):
        await page.get_by_text(name, exact=True).click()
        await page.locator(".picks summary").click()

        await expect(rows).to_have_count(count)
        # The script of the page has looked at the list: it says how old it is.
        await expect(page.locator("#reorder-as-of .ago")).not_to_have_text("…")
        await expect(sheet(page)).to_be_visible()
        await page.keyboard.press("Escape")


async def test_a_reason_stays_open_and_under_the_keys_when_a_list_comes(page):
    why = page.locator(".why-row summary").first
    await why.press("Enter")
    await page.locator("tr[data-urgency]").evaluate("row => { row.id = 'of-before'; }")

    await page.evaluate("shelfcast.pages.reload('reorder')")

    await expect(page.locator("#of-before")).to_have_count(0)
    await expect(page.locator(".why-row dl").first).to_be_visible()
    await expect(why).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".why-row dl").first).to_be_hidden()


async def test_filters_are_picked_from_lists_and_kept_in_the_address(page):
    await page.get_by_text("All", exact=True).click()
    await page.locator(".picks summary").click()
    await sheet(page).get_by_label("Atlanta").check()

    await expect(page.locator("tr[data-urgency]")).to_have_count(2)
    await page.wait_for_url("**/reorder?show=all&location=ATL")
    await page.reload()

    await expect(page.locator("tr[data-urgency]")).to_have_count(2)
    await expect(page.locator(".view-chip")).to_have_text("Location: Atlanta")


async def test_a_product_is_looked_up_by_keys_alone(page):
    await page.locator(".picks summary").press("Enter")
    await sheet(page).get_by_label("Find a product").fill("green")
    await expect(page.locator(".product-offer")).to_have_count(1)

    await page.keyboard.press("Enter")

    await page.wait_for_url("**/reorder?show=all&location=ATL&sku=TEA")
    await expect(page.locator("tr[data-urgency]")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(sheet(page)).to_be_hidden()
    await page.get_by_role("button", name="Do without Product: Green tea").click()
    await expect(page.locator("tr[data-urgency]")).to_have_count(2)


async def test_products_that_come_late_are_not_offered_once_one_is_chosen(page):
    comes, late = asyncio.Event(), re.compile("/live/products.search=gree$")

    async def hold(route):
        await comes.wait()
        await route.continue_()

    await page.locator(".picks summary").click()
    find, offers = sheet(page).get_by_label("Find a product"), page.locator(".product-offer")
    await find.fill("green")
    await expect(offers).to_have_count(1)
    await page.route(late, hold)
    async with page.expect_request(late):
        await find.fill("gree")
    await offers.click()
    await expect(offers).to_have_count(0)

    async with page.expect_response(late) as answered:
        comes.set()

    await (await answered.value).finished()
    await page.evaluate("new Promise(requestAnimationFrame)")
    await expect(offers).to_have_count(0)
    await page.unroute(late)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Do without Product: Green tea").click()
    await expect(page.locator("tr[data-urgency]")).to_have_count(2)


async def test_only_what_is_urgent_can_be_shown(page):
    await page.get_by_text("Urgent", exact=True).click()

    await expect(page.locator("tr[data-urgency]")).to_have_count(1)
    await expect(page.locator("tr[data-urgency=late]")).to_contain_text("Green tea")
    await expect(page.locator(".reorder-counts")).to_have_text("1 too late")
    await page.get_by_text("All", exact=True).click()
    await expect(page.locator("tr[data-urgency]")).to_have_count(2)


async def test_what_cannot_be_asked_for_is_said_where_the_list_was(page):
    await filled(page, "Lead time, days").fill("soon")
    await expect(page.locator(".record-list")).to_contain_text("A lead time is a number of days")

    await filled(page, "Lead time, days").fill("900")
    await expect(page.locator("[data-page]")).to_contain_text("1 to 91 days")

    await filled(page, "Lead time, days").fill("")
    await expect(page.locator("tr[data-urgency]")).to_have_count(2)


async def test_figures_that_grow_old_while_they_are_read_look_stale(page):
    await page.locator(".why-row summary").first.click()
    tag = page.locator("#reorder-as-of .stale-tag")
    await expect(tag).to_be_hidden()

    await page.evaluate("const now = Date.now; Date.now = () => now() + 200_000")

    await expect(tag).to_be_visible()
    await page.reload()
    await expect(page.locator("tr[data-urgency]")).to_have_count(2)


async def test_orders_are_saved_with_their_reasons(page):
    await expect(page.locator("tr[data-urgency]")).to_have_count(2)

    rows = list(
        csv.DictReader(io.StringIO((await saved(page, "Orders as CSV")).decode("utf-8-sig")))
    )
    book = await saved(page, "Orders as Excel")

    assert {row["SKU"] for row in rows} == {"TEA", "CUP"}
    assert "Lead time: 7 days" in rows[0]["Why"]
    assert "xl/workbook.xml" in ZipFile(io.BytesIO(book)).namelist()


async def test_terms_are_settled_where_an_order_is_read(page):
    await page.locator(".why-row summary").first.click()
    await page.get_by_role("button", name="Settle its terms").first.click()
    dialog = page.locator("dialog")
    await dialog.get_by_label("Lead time in days").fill("many")
    await dialog.get_by_role("button", name="Settle", exact=True).click()
    await expect(page.locator(".dialog-notes")).to_contain_text("Lead time in days is a number")

    await dialog.get_by_label("Lead time in days").fill("3")
    await dialog.get_by_role("button", name="Settle", exact=True).click()

    await expect(page.locator(".notes")).to_contain_text("are settled")
    await expect(page.locator(".why-row dl").first).to_be_visible()
    await expect(page.locator(".why-row dl").first).to_contain_text("3 days: settled for TEA")


async def test_surplus_is_moved_and_what_will_be_left_is_told(page):
    await page.get_by_text("Transfers", exact=True).click()
    await expect(page.locator(".record-list")).to_contain_text("Nothing is to be moved")
    await page.get_by_role("button", name="Do without Location: Atlanta").click()

    await expect(page.get_by_role("table", name="Transfers")).to_contain_text("Atlanta")
    await expect(page.get_by_role("table", name="Transfers")).to_contain_text("Web shop")
    await page.wait_for_url("**/reorder?tab=transfers&show=all")

    await page.get_by_text("Markdowns", exact=True).click()
    await expect(page.get_by_role("table", name="Markdowns")).to_contain_text("Surplus")
    await expect(page.locator(".reorder-words")).to_contain_text("Prices never differed enough")


@pytest.mark.parametrize("width", [390, 1280, 1920])
async def test_nothing_runs_over_the_edge(page, width):
    await page.set_viewport_size({"width": width, "height": 844})

    await comes_to(
        lambda: page.evaluate("document.documentElement.scrollWidth > innerWidth"), expected=False
    )
