"""The page of forecasts in Chromium: a model is trained, a sale moves it, a link shows the same."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.dashboard import retailer
from tests.dashboard.analysis_pages.shop import as_table, figure, is_shown, panel, saved
from tests.dashboard.corner import corner, signed_in
from tests.dashboard.patience import box_of, comes_to

pytestmark = pytest.mark.asyncio(loop_scope="module")
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
# Past midnight in Boise the day has begun everywhere: what was sold a day before is not of today.
NOON = (datetime.now(UTC) - timedelta(hours=7)).replace(hour=18, minute=0, second=0, microsecond=0)
DAYS = 120


def history():
    """Return two goods in two shops, sold on every day so far, most at weekends."""
    for n in range(1, DAYS + 1):
        day = NOON - timedelta(days=n)
        for sku, location in (("TEA", "ATL"), ("TEA", "BOI"), ("CUP", "ATL")):
            units = (9 if day.weekday() > 4 else 4) + (n * 7 + len(sku + location)) % 3
            yield {
                "idempotencyKey": f"{n}-{sku}-{location}",
                "location": location,
                "channel": "IN_STORE",
                "soldAt": day.isoformat(),
                "lines": [{"sku": sku, "quantity": str(units)}],
            }


@once
async def stack(databases, tmp_path_factory):
    async with corner(databases, tmp_path_factory.mktemp("forecast")) as started:
        sales = list(history())
        for begin in range(0, len(sales), 100):
            done = await started.execute(
                retailer.RECORD_SALES, input={"sales": sales[begin : begin + 100]}
            )
            assert done["recordSales"]["acceptedCount"] == len(sales[begin : begin + 100])
        yield started


@once
async def page(stack):
    async with signed_in(stack, "sessions") as opened:
        await opened.goto(f"{stack.wall_url}forecast")
        yield opened


async def work_once(stack):
    """Let a worker do what was asked for."""
    await stack.run("backend.programs.worker", "--once")


async def press(page, name):
    await page.get_by_role("button", name=name, exact=True).click()


async def confirm(page, name):
    await page.locator("dialog").get_by_role("button", name=name, exact=True).click()


async def test_without_a_model_it_is_said_what_is_missing_and_trained_from_here(page, stack):
    await is_shown(page, "forecast", "empty")
    await expect(panel(page, "forecast").locator(".cover-text")).to_contain_text("press “Train”")

    await press(page, "Train")
    await confirm(page, "Train")
    await expect(page.locator("[data-run]").first).to_have_attribute("data-status", "waiting")
    await work_once(stack)

    await expect(page.locator("[data-run]").first).to_have_attribute("data-status", "succeeded")
    # What is out of sight follows when it comes into sight.
    await panel(page, "forecast").scroll_into_view_if_needed()
    await is_shown(page, "forecast")
    await expect(page.locator(".records tbody tr").first).to_contain_text("Forecasts")
    await expect(figure(page, "Units expected in 28 days")).not_to_have_text("0")
    await expect(panel(page, "outlook").locator(".panel-note")).to_contain_text("By version")


async def test_bands_and_simple_guesses_stand_beside_what_is_expected(page):
    rows = list(
        csv.reader(io.StringIO((await saved(page, "forecast", "Rows (CSV)")).decode("utf-8-sig")))
    )

    head, ahead = rows[0], [row for row in rows[1:] if row[2]]
    assert head == [
        "Day", "Sold", "Mean", "Median", "5 %", "25 %", "75 %", "95 %", "Weekday mean",
    ]  # fmt: skip
    assert len(ahead) == 28
    for row in ahead:
        low, narrow_low, narrow_high, high = (float(row[at]) for at in (4, 5, 6, 7))
        assert low <= narrow_low <= float(row[3]) <= narrow_high <= high
    measures = panel(page, "accuracy").locator("tbody tr")
    await expect(measures.first).to_contain_text("WAPE")
    await expect(measures).to_have_count(6)


async def test_a_sale_is_in_the_page_without_a_reload(page, stack):
    rows = await as_table(page, "forecast")
    cells = rows.locator("td[data-label=Sold]").filter(has_text=re.compile("^17$"))
    await expect(cells).to_have_count(0)

    await retailer.sell(stack, "now", "TEA", "ATL", 17)

    await expect(cells).to_have_count(1)


async def test_models_are_in_sight_on_a_laptop_and_their_versions_in_few_lines(page):
    models = page.locator("#panel-models .record-list")

    async def are_in_sight():
        hidden = await models.evaluate("(one) => one.scrollWidth - one.clientWidth")
        return hidden == 0 and (await box_of(models.locator("tbody td").first))["width"] >= 130

    await comes_to(are_in_sight, expected=True)


async def test_why_there_are_no_plans_stands_in_the_middle_of_their_panel(page):
    await is_shown(page, "plans", "empty")

    async def is_at_the_top():
        plans = panel(page, "plans")
        body, cover = [await box_of(plans.locator(one)) for one in (".panel-body", ".cover")]
        return abs(cover["y"] - body["y"]) < 40

    await comes_to(is_at_the_top, expected=True)


async def test_on_a_phone_how_much_will_sell_is_in_sight(page):
    await page.set_viewport_size({"width": 390, "height": 844})
    figure_cell = panel(page, "series").locator("tbody td").nth(2)
    await expect(figure_cell).not_to_be_empty()

    async def is_in_sight():
        cell = await box_of(figure_cell)
        shown = await box_of(panel(page, "series").locator(".analysis-rows"))
        return cell["x"] + cell["width"] <= shown["x"] + shown["width"]

    await comes_to(is_in_sight, expected=True)
    await page.set_viewport_size({"width": 1280, "height": 800})


async def test_a_press_on_a_product_shows_it_alone_and_a_link_keeps_it(page):
    await panel(page, "series").get_by_role("button", name="Green tea").first.click()

    await expect(page).to_have_url(re.compile(r"location=(ATL|BOI)&sku=TEA"))
    await is_shown(page, "forecast")
    await page.locator("#panel-forecast select[name=horizon]").select_option("7")
    await expect(page).to_have_url(re.compile("horizon=7"))
    await page.reload()
    await is_shown(page, "forecast")

    await expect(page.locator("#panel-forecast select[name=horizon]")).to_have_value("7")
    await expect(page.locator(".view-chip").first).to_be_visible()


async def test_forecasts_are_added_up_and_a_press_on_a_sum_narrows_the_page(page, stack):
    await page.goto(f"{stack.wall_url}forecast")
    levels = panel(page, "levels")
    await levels.scroll_into_view_if_needed()
    await is_shown(page, "levels")
    await expect(levels.locator("tbody tr")).to_have_count(2)

    await levels.locator("select[name=by]").select_option("LOCATION")
    await expect(page).to_have_url(re.compile("by=LOCATION"))
    rows = levels.locator("tbody tr")
    await expect(rows.first).to_contain_text("Atlanta")
    await expect(levels.locator("svg.spark")).to_have_count(2)
    await levels.get_by_role("button", name="Boise").click()

    await expect(page).to_have_url(re.compile("location=BOI"))
    await expect(rows).to_have_count(1)


async def test_days_that_no_model_reaches_are_said_and_the_usual_ones_shown(page, stack):
    await page.goto(f"{stack.wall_url}forecast?horizon=91")
    await is_shown(page, "forecast")

    note = panel(page, "forecast").locator(".panel-note")
    await expect(note).to_contain_text("More days were asked for than are forecast: 28 are shown")
    await expect(page.locator("#panel-forecast select[name=horizon]")).to_have_value("28")
    await expect(page.locator("#panel-forecast select[name=horizon] option")).to_have_count(3)
    await page.goto(f"{stack.wall_url}forecast?sku=TEA&location=ATL&horizon=7")
    await is_shown(page, "forecast")


async def test_another_model_is_promoted_after_a_question(page, stack):
    await press(page, "Train anew")
    await confirm(page, "Train")
    await expect(page.locator("[data-run]").first).to_have_attribute("data-status", "waiting")
    await work_once(stack)
    await expect(page.locator(".records tbody tr").nth(1)).to_be_visible()

    await page.get_by_role("button", name=re.compile("^Promote version")).first.click()
    await expect(page.locator("dialog")).to_contain_text("forecasts are made anew")
    await confirm(page, "Promote")

    await expect(page.locator(".notes")).to_contain_text("forecasts")


async def test_a_model_is_measured_beside_the_mean_of_weekdays(page):
    beside = page.locator("td[data-label='Beside the weekday mean']").first
    await expect(beside).to_contain_text(re.compile(r"(better|worse|as good)", re.IGNORECASE))
    await expect(beside).to_contain_text(re.compile(r"WAPE [\d.]+ %, it [\d.]+ %"))

    await panel(page, "accuracy").scroll_into_view_if_needed()
    await expect(panel(page, "accuracy").locator(".panel-summary")).to_contain_text(
        "days lay within the 90 % band"
    )


async def test_what_a_network_says_of_one_product_is_explained_and_asked_what_if(page, stack):
    await work_once(stack)
    await page.goto(f"{stack.wall_url}forecast?sku=TEA&location=ATL")
    drivers = panel(page, "drivers")
    await drivers.scroll_into_view_if_needed()
    await is_shown(page, "drivers")
    await expect(drivers.locator(".panel-summary")).to_contain_text("units are expected on")

    await page.get_by_label("Closed on these days").check()
    await press(page, "Show what if")

    await expect(page).to_have_url(re.compile("closed=1"))
    await is_shown(page, "what-if")
    summary = panel(page, "what-if").locator(".panel-summary")
    await expect(summary).to_contain_text(re.compile(r"^[\d.,]+ units instead of .* less\.$"))


async def test_what_is_written_about_plans_stays_when_newer_figures_come(page):
    price = page.get_by_label("Price", exact=True)
    await price.fill("3")
    await price.blur()
    of_before = page.locator("#of-before")
    await page.locator(".analysis-figure").first.evaluate("one => { one.id = 'of-before'; }")
    await expect(of_before).to_have_count(1)

    await page.evaluate("shelfcast.controls.actions['ask-again']()")

    await expect(of_before).to_have_count(0)
    await expect(price).to_have_value("3")


async def test_what_a_model_learned_on_is_folded_under_it(page, stack):
    await retailer.sell(stack, "later", "TEA", "ATL", 5)
    await work_once(stack)

    # Both models may have learned on; one of all that were made forecasts.
    folded = page.locator(".model-updates").filter(has_text=": forecasts")
    await expect(folded).to_have_count(1)
    said = folded.locator("summary")
    await expect(said).to_have_text(re.compile(r"^Learned on \d+ times? since$"))
    await said.press("Enter")
    await expect(folded.locator("li").filter(has_text=": forecasts")).to_be_visible()


async def test_the_model_before_forecasts_again_after_a_question(page):
    await press(page, "Roll back")
    await expect(page.locator("dialog")).to_contain_text("forecasts are made anew")
    await confirm(page, "Roll back")

    await expect(page.locator(".notes")).to_contain_text("The model before forecasts again")
