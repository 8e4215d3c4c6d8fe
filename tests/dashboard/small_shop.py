"""A shop that sold three things, and its pages in Chromium: started once for a file of tests."""

from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.conftest import SECRET_KEY
from tests.dashboard import retailer, staff
from tests.dashboard.stack import browser, running
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
