"""The pages of analysis in Chromium, on the real backend with sales that the tests know.

Programs and browser are started once for all tests here.
"""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from zipfile import ZipFile

import pytest
import pytest_asyncio
from playwright.async_api import expect

from dashboard.pages.all_pages import ANALYSIS_PAGES
from tests.conftest import SECRET_KEY
from tests.dashboard import retailer, staff
from tests.dashboard.stack import browser, running
from tests.data import data_file
from tests.world import add_organisation

pytestmark = pytest.mark.asyncio(loop_scope="module")
once = pytest_asyncio.fixture(scope="module", loop_scope="module")

SIZES = {"laptop": (1280, 800), "phone": (390, 844), "tall": (1280, 1500)}
CATALOGUE = [
    {"sku": "TEA", "name": "Green tea", "category": "Food", "subcategory": "Drinks"},
    {"sku": "OIL", "name": "=Olive oil", "category": "Food", "subcategory": "Oils"},
    {"sku": "CUP", "name": "Cup", "category": "Home", "subcategory": "Kitchen"},
]
PRICES = {"TEA": "4.50", "OIL": "9.00", "CUP": "12.00"}
SHIP_TO = {"OH": ("Ohio", "43201"), "IA": ("Iowa", "50309")}


def sale(key, sku, quantity, *, days_ago=0, to="OH", channel="IN_STORE", discount="0"):
    state, postal_code = SHIP_TO[to]
    return {
        "idempotencyKey": key,
        "location": "BOI",
        "channel": channel,
        "soldAt": (datetime.now(UTC) - timedelta(days=days_ago)).isoformat(),
        "shipTo": {"state": state, "postalCode": postal_code, "country": "US", "region": "East"},
        "lines": [{"sku": sku, "quantity": str(quantity), "discount": discount}],
    }


TREND_RANGE = """(() => {
  const { range, autorange } = document.querySelector("#panel-trend .js-plotly-plot").layout.xaxis;
  return { range, autorange };
})()"""

SALES = [
    sale("tea", "TEA", 10, days_ago=3),
    sale("oil", "OIL", 5, days_ago=40, to="IA", channel="ONLINE"),
    sale("cup", "CUP", 2, days_ago=5, to="IA", discount="4"),
]
"""45 for tea, 45 for oil, 20 for cups: 110 in all."""


@once
async def shop(databases, tmp_path_factory):
    """Backend and dashboard of a retailer who sold three things."""
    owner_url = await databases.take()
    await add_organisation(owner_url, "corner", timezone="UTC")
    for role in ("OWNER", "CLERK", "PARTNER"):
        await staff.add_user(owner_url, role)
    async with running(owner_url, tmp_path_factory.mktemp("analysis"), SECRET_KEY) as started:
        await started.execute(retailer.UPSERT_LOCATIONS, input={"locations": retailer.LOCATIONS})
        goods = [one | {"price": PRICES[one["sku"]], "cost": "2.00"} for one in CATALOGUE]
        await started.execute(retailer.UPSERT_PRODUCTS, input={"products": goods})
        done = await started.execute(retailer.RECORD_SALES, input={"sales": SALES})
        assert done["recordSales"]["acceptedCount"] == len(SALES)
        yield started
    await databases.give_back(owner_url)


@once
async def chromium():
    async with browser() as started:
        # A page draws a dozen charts without a graphics card, perhaps beside other tests.
        expect.set_options(timeout=60_000)
        yield started


@once
async def signed_in(shop, chromium):
    """What a browser keeps in which the owner is signed in."""
    page = await chromium.new_page()
    await staff.sign_in(page, shop, "owner@corner.example")
    state = await page.context.storage_state()
    await page.context.close()
    return state


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(chromium, shop, signed_in):
    """`open_page(path)` opens a page of the owner; faults and requests elsewhere fail the test."""
    faults, contexts = [], []
    own = (f"http://localhost:{shop.dashboard_port}/", "blob:", "data:")

    async def open_one(path, *, size="laptop", theme="dark", email=None):
        width, height = SIZES[size]
        context = await chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            accept_downloads=True,
            storage_state=None if email else signed_in,
        )
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Policy" in said.text else None)
        if email:
            await page.goto(shop.wall_url + path)
            await staff.fill_in(page, email)
        else:
            page.on(
                "request",
                lambda asked: faults.append(asked.url) if not asked.url.startswith(own) else None,
            )
            await page.goto(shop.wall_url + path)
        return page

    yield open_one
    for context in contexts:
        await context.close()
    assert faults == []


def panel(page, key):
    return page.locator(f"#panel-{key}")


async def is_shown(page, key, state="live"):
    await expect(panel(page, key)).to_have_attribute("data-state", state)


def figure(page, name):
    item = page.locator(".analysis-figure").filter(has=page.locator("dt", has_text=name))
    return item.locator(".figure-value")


async def as_table(page, key):
    """Show the rows of a panel; return them."""
    await panel(page, key).get_by_role("button", name="Table").click()
    return panel(page, key).locator("tbody tr")


async def drag_across(page, chart):
    """Zoom into the middle of a chart."""
    await chart.scroll_into_view_if_needed()
    box = await chart.bounding_box()
    height = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + 0.3 * box["width"], height)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 0.6 * box["width"], height, steps=5)
    await page.mouse.up()


async def saved(page, key, label):
    """Save a panel; return the file."""
    await panel(page, key).locator(".save-menu summary").click()
    async with page.expect_download() as download:
        await panel(page, key).get_by_role("button", name=label).click()
    return (await (await download.value).path()).read_bytes()


async def test_sales_add_up_to_what_was_recorded(open_page):
    page = await open_page("sales")

    await expect(figure(page, "Net sales")).to_have_text("$110.00")
    await expect(figure(page, "Orders")).to_have_text("3")
    await expect(panel(page, "products").locator("tbody tr")).to_have_count(3)
    await expect(page.locator("#view-units")).to_contain_text("USD")


async def test_a_filter_is_kept_in_the_address_and_back_takes_it_away(open_page):
    page = await open_page("sales")
    await is_shown(page, "totals")

    await page.locator(".filter-sheet summary").click()
    rail = await page.locator(".rail").bounding_box()
    sheet = await page.locator(".filter-groups").bounding_box()
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
    bars = panel(page, "categories").locator(".barlayer .point path")
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
    await is_shown(page, "categories")
    await expect(panel(page, "categories").locator(".barlayer .point")).to_have_count(2)

    picture = await saved(page, "categories", "Picture (PNG)")
    drawing = (await saved(page, "categories", "Drawing (SVG)")).decode()

    assert picture.startswith(b"\x89PNG")
    assert drawing.startswith("<svg")
    assert "Categories" in drawing
    assert "Food" in drawing


async def test_the_map_is_coloured_filters_and_is_saved(open_page):
    page = await open_page("map")
    await is_shown(page, "areas")
    ohio = panel(page, "areas").get_by_role("button", name=re.compile("^Ohio"))
    await expect(ohio).to_have_attribute("data-class", re.compile("[1-5]"))

    drawing = (await saved(page, "areas", "Drawing (SVG)")).decode()
    picture = await saved(page, "areas", "Picture (PNG)")
    await ohio.focus()
    await page.keyboard.press("Enter")

    assert drawing.count("<path") > 40
    assert picture.startswith(b"\x89PNG")
    await expect(page).to_have_url(re.compile("state=Ohio"))
    await expect(panel(page, "high").locator(".barlayer .point")).to_have_count(1)


async def test_the_map_goes_through_time(open_page):
    page = await open_page("map?period=90d")
    await is_shown(page, "areas")
    slider = panel(page, "areas").get_by_role("slider", name="Time")

    await slider.press("End")

    await expect(panel(page, "areas").locator(".map-time-name")).to_have_text(
        f"{datetime.now(UTC):%Y-%m-%d}"
    )


async def test_an_unsold_period_says_so_and_leads_on(open_page):
    page = await open_page("sales?from=2001-01-01&to=2001-12-31")

    await expect(page.locator("#analysis-empty")).to_be_visible()
    await page.get_by_role("button", name="Show all time").click()

    await expect(page).to_have_url(re.compile(r"\?period=all$"))
    await expect(figure(page, "Net sales")).to_have_text("$110.00")


async def test_an_address_that_makes_no_sense_is_explained(open_page):
    page = await open_page("sales?from=2018-03-05&to=2018-03-01")

    await expect(page.locator("#analysis-note")).to_contain_text("ends")
    await is_shown(page, "trend", "error")


@pytest.mark.parametrize("size", ["laptop", "phone"])
async def test_no_page_is_wider_than_its_window(open_page, shop, size):
    page = await open_page("sales", size=size, theme="light")

    for analysis in ANALYSIS_PAGES:
        await page.goto(shop.wall_url + analysis.key)
        await expect(page.locator(".analysis-panel[data-state=loading]")).to_have_count(0)
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert await page.locator(".analysis-panel[data-state=error]").count() == 0


async def test_every_analysis_has_a_page_without_code_of_its_own(open_page):
    page = await open_page("analyses")
    rows = panel(page, "catalogue").locator("tbody tr")
    await expect(rows).not_to_have_count(0)

    await rows.get_by_role("button", name="Frequency of sale").click()

    await expect(page).to_have_url(re.compile("name=FREQUENCY_OF_SALE"))
    await expect(panel(page, "analysis").get_by_role("heading")).to_have_text("Frequency of sale")
    await panel(page, "analysis").locator("select[name=by]").select_option("CATEGORY")
    shown = await as_table(page, "analysis")
    await expect(shown.locator("td:first-child")).to_have_text(["Food", "Home"])


async def test_who_may_not_see_profit_is_told_why(open_page, shop):
    page = await open_page("profit", email="partner@corner.example")

    await expect(panel(page, "items").locator(".cover-text")).to_contain_text("read analytics")
    await expect(panel(page, "items")).to_have_attribute("data-state", "hidden")


async def test_a_clerk_sees_no_figures_of_the_business(open_page):
    page = await open_page("sales", email="clerk@corner.example")

    await expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()


async def test_on_a_phone_the_navigation_lies_behind_one_button(open_page):
    page = await open_page("sales", size="phone")
    await expect(page.get_by_role("link", name="Trends")).to_be_hidden()

    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("link", name="Trends").click()

    await expect(page.get_by_role("heading", name="Trends", level=1)).to_be_visible()
    await expect(page.get_by_role("link", name="Trends")).to_be_hidden()


async def test_what_is_on_screen_moves_when_a_sale_comes_in(open_page, shop):
    page = await open_page("sales?channel=MARKETPLACE&period=today&compare=none")
    await expect(page.locator("#live-badge")).to_have_attribute("data-state", "live")
    await expect(page.locator("#analysis-empty")).to_be_visible()

    await retailer.sell(shop, "live 1", "CUP", "ATL", 1, channel="MARKETPLACE")
    await expect(figure(page, "Net sales")).to_have_text("$12.00")
    await page.evaluate("window.scrollTo(0, 200)")
    await retailer.sell(shop, "live 2", "CUP", "ATL", 2, channel="MARKETPLACE")

    await expect(figure(page, "Net sales")).to_have_text("$36.00")
    assert await page.evaluate("window.scrollY") == 200


async def test_what_was_zoomed_into_stays_when_newer_figures_come(open_page, shop):
    page = await open_page("sales?period=90d")
    await expect(page.locator("#live-badge")).to_have_attribute("data-state", "live")
    before = await figure(page, "Orders").inner_text()
    await drag_across(page, panel(page, "trend").locator(".nsewdrag").first)
    zoomed = await page.evaluate(TREND_RANGE)

    await retailer.sell(shop, "while zoomed", "TEA", "ATL", 1)

    await expect(figure(page, "Orders")).not_to_have_text(before)
    assert await page.evaluate(TREND_RANGE) == zoomed
    assert zoomed["autorange"] is False


async def test_figures_that_cannot_be_renewed_turn_stale_and_come_back(open_page, shop):
    page = await open_page("sales")
    await expect(page.locator("#live-badge")).to_have_attribute("data-state", "live")

    await shop.backend.kill()
    await expect(page.locator("#live-badge")).to_have_attribute("data-state", "reconnecting")
    await expect(figure(page, "Net sales")).to_be_visible()
    await shop.backend.start()

    await expect(page.locator("#live-badge")).to_have_attribute(
        "data-state", "live", timeout=30_000
    )


async def test_superstore_adds_up_on_its_pages(databases, chromium, tmp_path_factory):
    file = data_file("superstore/superstore.csv")
    owner_url = await databases.take()
    await add_organisation(owner_url, "superstore", timezone="America/New_York")
    email = await staff.add_user(owner_url, "OWNER")
    data_dir = tmp_path_factory.mktemp("superstore")
    async with running(owner_url, data_dir, SECRET_KEY) as stack:
        await stack.run("backend.programs.imports", str(file))
        page = await chromium.new_page(viewport={"width": 1280, "height": 800})
        await page.goto(f"{stack.wall_url}sales?period=all")
        await staff.fill_in(page, email)

        await expect(figure(page, "Net sales")).to_have_text("$2,297,200.86")
        await expect(figure(page, "Orders")).to_have_text("5,009")
        await page.goto(f"{stack.wall_url}map?period=all")
        await expect(panel(page, "areas").locator(".panel-summary")).to_have_text(
            "California comes first with $457,688 (19.9% of all); sales to 49 states."
        )
        await page.context.close()
    await databases.give_back(owner_url)
