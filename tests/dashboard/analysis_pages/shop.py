"""A retailer whose sales the tests of analysis know, and what they look for on its pages."""

import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from playwright.async_api import expect

from dashboard.pages.all_pages import ANALYSIS_PAGES
from tests.conftest import SECRET_KEY
from tests.dashboard import retailer, staff
from tests.dashboard.stack import running
from tests.world import add_organisation, run_sql

PAGES = [page for page in ANALYSIS_PAGES if page.has_comparison]
"""Those of panels; pivots and boards have tests of their own."""
OWNER = "owner@corner.example"
CATALOGUE = [
    {"sku": "TEA", "name": "Green tea", "category": "Food", "subcategory": "Drinks"},
    {"sku": "OIL", "name": "=Olive oil", "category": "Food", "subcategory": "Oils"},
    {"sku": "CUP", "name": "Cup", "category": "Home", "subcategory": "Kitchen"},
]
PRICES = {"TEA": "4.50", "OIL": "9.00", "CUP": "12.00"}
SHIP_TO = {"OH": ("Ohio", "43201"), "IA": ("Iowa", "50309"), "TX": ("Texas", "75201")}
DISTRIBUTOR = {"code": "harbor", "name": "Harbor Wholesale"}
UPSERT_DISTRIBUTORS = """
mutation ($input: UpsertDistributorsInput!) { upsertDistributors(input: $input) { __typename } }
"""
BUSINESS_YEAR = "update organisations set fiscal_calendar = 'RETAIL_454', fiscal_year_start = 2"


def ago(days):
    return datetime.now(UTC) - timedelta(days=days)


def sale(key, sku, quantity, sold_at, *, to="OH", **more):
    state, postal_code = SHIP_TO[to]
    discount = more.pop("discount", "0")
    return {
        "idempotencyKey": key,
        "location": "BOI",
        "channel": "IN_STORE",
        "soldAt": sold_at.isoformat(),
        "shipTo": {"state": state, "postalCode": postal_code, "country": "US", "region": "East"},
        "lines": [{"sku": sku, "quantity": str(quantity), "discount": discount}],
        **more,
    }


SALES = [
    sale("tea", "TEA", 10, ago(3)),
    sale("oil", "OIL", 5, ago(40), to="IA", channel="ONLINE"),
    sale("cup", "CUP", 2, ago(5), to="IA", discount="4"),
]
"""45 for tea, 45 for oil, 20 for cups: 110 in all of the last year."""

OLD = [
    sale("february", "TEA", 2, datetime(2019, 2, 1, 12, tzinfo=UTC)),
    sale("march", "TEA", 4, datetime(2019, 3, 5, 12, tzinfo=UTC)),
    sale("opened", "CUP", 1, datetime(2019, 3, 6, 12, tzinfo=UTC), location="ATL"),
    sale(
        "traced",
        "OIL",
        1,
        datetime(2019, 6, 3, 12, tzinfo=UTC),
        to="TX",
        saleType="TRACE",
        distributor="harbor",
        channel="MARKETPLACE",
    ),
]
"""9 in February 2019, 18 and 12 in March, of these 12 in a store that opened then; 9 in June."""


@asynccontextmanager
async def selling(databases, data_dir, *, sales=(*SALES, *OLD)):
    """Run backend and dashboard of this retailer, with an owner, a clerk and a partner."""
    owner_url = await databases.take()
    await add_organisation(owner_url, "corner", timezone="UTC")
    await run_sql(owner_url, BUSINESS_YEAR)
    for role in ("OWNER", "CLERK", "PARTNER"):
        await staff.add_user(owner_url, role)
    async with running(owner_url, data_dir, SECRET_KEY) as started:
        await started.execute(retailer.UPSERT_LOCATIONS, input={"locations": retailer.LOCATIONS})
        await started.execute(UPSERT_DISTRIBUTORS, input={"distributors": [DISTRIBUTOR]})
        goods = [one | {"price": PRICES[one["sku"]], "cost": "2.00"} for one in CATALOGUE]
        await started.execute(retailer.UPSERT_PRODUCTS, input={"products": goods})
        done = await started.execute(retailer.RECORD_SALES, input={"sales": list(sales)})
        assert done["recordSales"]["acceptedCount"] == len(sales)
        yield started
    await databases.give_back(owner_url)


def panel(page, key):
    return page.locator(f"#panel-{key}")


async def is_shown(page, key, state="live"):
    await expect(panel(page, key)).to_have_attribute("data-state", state)


async def is_live(page):
    await expect(page.locator("#live-badge")).to_have_attribute("data-state", "live")


def figure(page, name):
    item = page.locator(".analysis-figure").filter(has=page.locator("dt", has_text=name))
    return item.locator(".figure-value")


def compared(page, name):
    item = page.locator(".analysis-figure").filter(has=page.locator("dt", has_text=name))
    return item.locator(".figure-comparison")


async def as_table(page, key):
    """Show the rows of a panel; return them."""
    await panel(page, key).get_by_role("button", name="Table").click()
    return panel(page, key).locator("tbody tr")


async def saved(page, key, label):
    """Save a panel; return the file."""
    await panel(page, key).locator(".save-menu summary").click()
    async with page.expect_download() as download:
        await panel(page, key).get_by_role("button", name=label).click()
    return (await (await download.value).path()).read_bytes()


def area(page, name):
    """Return a place on the map that can be pressed."""
    return panel(page, "areas").get_by_role("button", name=re.compile(f"^{name}"))
