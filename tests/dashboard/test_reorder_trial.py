"""Reorder points tried on the past in Chromium: pressed, waited for, compared, saved, refused."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.dashboard import retailer
from tests.dashboard.analysis_pages.shop import as_table, is_shown, panel, saved
from tests.dashboard.corner import corner, signed_in
from tests.dashboard.patience import comes_to

pytestmark = pytest.mark.asyncio(loop_scope="module")
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
NOON = datetime.now(UTC).replace(hour=18, minute=0, second=0, microsecond=0)
DAYS = 130
LONG_MS = 130_000
"""A model is trained, beside all else that the machine does."""


@once
async def stack(databases, tmp_path_factory):
    async with corner(databases, tmp_path_factory.mktemp("trial")) as started:
        goods = [{**one, "cost": "2.00"} for one in retailer.PRODUCTS]
        await started.execute(retailer.UPSERT_PRODUCTS, input={"products": goods})
        rows = [
            {
                "idempotencyKey": f"{n}-{location}",
                "location": location,
                "channel": "IN_STORE",
                "soldAt": (NOON - timedelta(days=n)).isoformat(),
                "lines": [{"sku": "TEA", "quantity": str(6 + n * 5 % 7)}],
            }
            for n in range(2, DAYS)
            for location in ("ATL", "BOI")
        ]
        for begin in range(0, len(rows), 100):
            batch = rows[begin : begin + 100]
            done = await started.execute(retailer.RECORD_SALES, input={"sales": batch})
            assert done["recordSales"]["acceptedCount"] == len(batch)
        yield started


@once
async def page(stack):
    async with signed_in(stack, "sessions") as opened:
        await opened.goto(f"{stack.wall_url}reorder?tab=trial&days=28&location=ATL")
        yield opened


async def try_it(page):
    await page.get_by_role("button", name="Try on the past").click()


def field(page, name):
    return page.get_by_role("search").get_by_label(name)


async def test_nothing_is_computed_before_the_button_is_pressed(page):
    await is_shown(page, "trial", "empty")
    await expect(field(page, "Past days")).to_have_value("28")
    await expect(page.get_by_role("group", name="Orders")).to_have_count(0)

    await expect(panel(page, "trial").locator(".cover-text")).to_contain_text("Try on the past")


async def test_policies_are_compared_once_the_button_is_pressed(page):
    await try_it(page)
    await expect(page.locator("#reorder-trial-status")).to_contain_text("Trying")
    await expect(page.locator("#reorder-trial")).to_have_attribute(
        "aria-busy", "false", timeout=LONG_MS
    )

    await is_shown(page, "trial")
    summary = panel(page, "trial").locator(".panel-summary")
    await expect(summary).to_contain_text(re.compile(r"by forecast \d+\.\d % with [\d,]+ USD of"))
    note = panel(page, "trial").locator(".panel-note")
    await expect(note).to_contain_text("28 days")
    await expect(note).to_contain_text("one product at one location")
    rows = panel(page, "policies").locator("tbody tr")
    await expect(rows).to_have_count(3)
    await expect(rows.nth(1)).to_contain_text("By the textbook")
    await expect(
        panel(page, "trial").locator(".js-plotly-plot .scatterlayer .trace")
    ).to_have_count(5)


async def test_a_trial_stays_while_the_list_beside_it_is_asked_for_again(page):
    reloaded = page.expect_response(lambda one: "_dash-update-component" in one.url)
    async with reloaded:
        await page.evaluate('shelfcast.pages.reload("reorder")')

    await is_shown(page, "trial")
    await expect(page.locator("#reorder-trial")).to_have_attribute("aria-busy", "false")
    await expect(page.locator("#reorder-trial-status")).to_have_text("")


async def test_a_trial_is_saved_as_it_is_shown(page):
    await expect(await as_table(page, "trial")).to_have_count(12)
    await panel(page, "trial").get_by_role("button", name="Picture", exact=True).click()

    traded = await saved(page, "trial", "Rows (CSV)")
    compared = await saved(page, "policies", "Rows (Excel)")
    drawing = await saved(page, "trial", "Drawing (SVG)")

    rows = list(csv.DictReader(io.StringIO(traded.decode("utf-8-sig"))))
    assert [row["Policy"] for row in rows[:2]] == ["By forecast", "By the textbook"]
    assert float(rows[0]["Was there"]) <= float(rows[-2]["Was there"]) <= 1
    assert float(rows[0]["Stock at cost, USD"]) < float(rows[-2]["Stock at cost, USD"])
    assert compared.startswith(b"PK")
    assert b"Service against stock" in drawing


async def test_other_choices_are_said_to_be_untried(page):
    await field(page, "Lead time, days").fill("9")

    await page.wait_for_url("**/reorder?**lead=9**")
    await expect(page.locator("#reorder-trial-status")).to_contain_text("have changed since")
    await is_shown(page, "trial")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("days=130", "too few: 70 are needed. Choose fewer days"),
        ("days=7", "14 to 182 days are simulated"),
        ("days=many", "Days to try are a number from 14 to 182"),
        ("lead=soon", "A lead time is a number of days"),
        ("category=Home", "Nothing of what is chosen was sold"),
    ],
)
async def test_what_cannot_be_tried_is_said_in_words(page, stack, address, words):
    await page.goto(f"{stack.wall_url}reorder?tab=trial&{address}")
    await is_shown(page, "trial", "empty")

    await try_it(page)

    await is_shown(page, "trial", "error")
    await expect(panel(page, "trial").locator(".cover-text")).to_contain_text(words)


@pytest.mark.parametrize("width", [390, 1280, 1920])
async def test_nothing_runs_over_the_edge(page, width):
    await page.set_viewport_size({"width": width, "height": 844})

    # A chart follows its window a moment later.
    await comes_to(
        lambda: page.evaluate("document.documentElement.scrollWidth > innerWidth"), False
    )
