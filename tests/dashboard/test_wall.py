"""The wall in Chromium, on the real backend.

Programs and browser are started once for all tests here: only the first finds no data, and each
sells what no other one sells.
"""

from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.conftest import SECRET_KEY
from tests.dashboard import retailer, staff
from tests.dashboard.patience import box_of, comes_to
from tests.dashboard.stack import browser, running
from tests.world import add_organisation

pytestmark = pytest.mark.asyncio(loop_scope="module")
once = pytest_asyncio.fixture(scope="module", loop_scope="module")

DESKTOP = {"width": 1920, "height": 1080}
PANELS = "[data-panel]"
TOPS = """(() => {
  window.tops = [];
  const look = () => {
    const wall = document.getElementById("wall");
    const isSeen = wall?.checkVisibility({ visibilityProperty: true });
    const top = isSeen && wall.getBoundingClientRect().top;
    if (isSeen && tops.at(-1) !== top) tops.push(top);
    requestAnimationFrame(look);
  };
  look();
})()"""
"""Notes where the wall begins, from the first frame that shows it on."""
SET_GOALS = "mutation ($input: SetGoalsInput!) { setGoals(input: $input) { acceptedCount } }"
GOAL = {"dimension": "ORGANISATION", "amount": "1000000"}
LONG_NAME = "Coffee grinder of hammered copper"
CUT = (
    "texts => texts.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.innerText)"
)
BOXES = """panels => panels.map(panel => panel.getBoundingClientRect())
    .map(({ x, y, right, bottom }) => [x, y, right, bottom])"""


@once
async def stack(databases, tmp_path_factory):
    """Backend and dashboard of an American retailer without any data."""
    owner_url = await databases.take()
    await add_organisation(owner_url, "corner", timezone="America/New_York")
    await staff.add_user(owner_url, "OWNER")
    async with running(owner_url, tmp_path_factory.mktemp("wall"), SECRET_KEY) as started:
        yield started
    await databases.give_back(owner_url)


@once
async def shop(stack):
    """The same, from now on with three places and two products, twenty of each in stock."""
    await retailer.set_up(stack)
    return stack


@once
async def chromium():
    async with browser() as started:
        yield started


@once
async def signed_in(stack, chromium):
    """What a browser keeps in which the owner is signed in."""
    page = await chromium.new_page()
    await staff.sign_in(page, stack, "owner@corner.example")
    state = await page.context.storage_state()
    await page.context.close()
    return state


@pytest_asyncio.fixture(loop_scope="module")
async def open_wall(chromium, signed_in):
    """`open_wall(stack, viewport)` returns the page once it is live; faults in it fail the test."""
    faults, pages = [], []

    async def open_page(stack, viewport=DESKTOP, until="live"):
        page = await chromium.new_page(viewport=viewport, storage_state=signed_in)
        page.set_default_timeout(60_000)
        pages.append(page)
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.goto(stack.wall_url)
        await badge_becomes(page, until)
        return page

    yield open_page
    for page in pages:
        await page.context.close()
    assert faults == []


@asynccontextmanager
async def killed(program):
    """Kill a program; it is started again at the end."""
    await program.kill()
    try:
        yield
    finally:
        await program.start()


async def badge_becomes(page, state):
    await expect(page.locator("#live-badge")).to_have_attribute("data-state", state)


def value_of(page, figure):
    return page.locator(f"#panel-{figure} .figure-value")


def stock_row(page, product, location):
    # By what it says: the grid's elements do not lie in the order in which they are seen.
    rows = page.locator(".panel-stock .ag-row")
    return rows.filter(has_text=product).filter(has_text=location)


async def test_a_retailer_without_data_sees_empty_panels_and_no_invented_figure(stack, open_wall):
    page = await open_wall(stack)

    await expect(value_of(page, "revenue")).to_have_text("$0")
    await expect(value_of(page, "basket")).to_have_text("–")
    await expect(page.locator("#panel-revenue .before")).to_have_text("no comparison")
    for key in ["map", "minutes", "stock", "alerts", "sales"]:
        await expect(page.locator(f"#panel-{key}")).to_have_attribute("data-state", "empty")


async def test_a_retailer_that_is_no_demo_shows_no_demo_badge(stack, open_wall):
    page = await open_wall(stack)

    await expect(page.locator("#organisation-name")).to_have_text("Corner")
    await expect(page.locator("#demo-badge")).to_be_hidden()


async def test_where_no_goal_is_set_there_is_no_room_for_any_from_the_second_time_on(
    stack, open_wall
):
    page = await open_wall(stack)
    await expect(page.locator("#wall-goals")).to_be_hidden()

    await page.add_init_script(TOPS)
    await page.reload()

    await badge_becomes(page, "live")
    assert len(await page.evaluate("tops")) == 1


async def test_a_sale_moves_figures_stock_and_sales(shop, open_wall):
    page = await open_wall(shop)

    await retailer.sell(shop, "first", "TEA", "BOI", 3)

    await expect(value_of(page, "revenue")).to_have_text("$14")
    await expect(value_of(page, "orders")).to_have_text("1")
    await expect(value_of(page, "basket")).to_have_text("$13.50")
    await expect(page.locator("#sales-list li")).to_have_count(1)
    await expect(page.locator("#sales-list .feed-title")).to_have_text("3 × Green tea")
    row = stock_row(page, "Green tea", "Boise")
    await expect(row.locator("[col-id=onHand]")).to_have_text("17")
    await expect(row.locator("[col-id=change]")).to_have_text("▼ 3")


async def test_stock_at_its_reorder_point_raises_an_alert_on_the_wall(shop, open_wall):
    page = await open_wall(shop)

    await retailer.sell(shop, "to the reorder point", "TEA", "ATL", 16)

    alert = page.locator("#alerts-list li")
    await expect(alert.locator(".feed-title")).to_have_text("Low stock · Green tea")
    await expect(value_of(page, "open-alerts")).to_have_text("1")
    await expect(page.locator(".store-mark[data-severity=warning]")).to_have_count(1)


async def test_more_sold_than_the_ledger_knew_is_shown_as_oversold(shop, open_wall):
    page = await open_wall(shop)

    await retailer.sell(shop, "more than known", "CUP", "ATL", 23)

    row = stock_row(page, "Cup", "Atlanta")
    await expect(row.locator("[col-id=status]")).to_have_text("Oversold")
    await expect(row.locator("[col-id=onHand]")).to_have_text("-3")


async def test_each_applied_change_can_be_timed(shop, open_wall):
    page = await open_wall(shop)

    await retailer.sell(shop, "timed", "CUP", "WEB", 1)

    panel = page.locator("#panel-stock")
    await expect(panel).to_have_attribute("data-applied", "CUP@WEB:2")
    applied_at = float(await panel.get_attribute("data-applied-at") or 0)
    assert 0 <= await page.evaluate("performance.timeOrigin + performance.now()") - applied_at < 9e3


async def test_a_killed_backend_is_told_and_what_it_missed_comes_once(shop, open_wall):
    page = await open_wall(shop)
    sales = page.locator("#sales-list li")
    # Lists wait for the currency, which may come after them: the badge does not.
    await expect(page.locator("#panel-sales")).not_to_have_attribute("data-state", "loading")
    known, orders = await sales.count(), int(await value_of(page, "orders").inner_text())
    await retailer.sell(shop, "before", "TEA", "BOI", 1)
    await expect(sales).to_have_count(known + 1)

    async with killed(shop.backend):
        await badge_becomes(page, "reconnecting")
    await retailer.sell(shop, "after", "CUP", "BOI", 1)

    await badge_becomes(page, "live")
    await expect(sales).to_have_count(known + 2)
    await expect(value_of(page, "orders")).to_have_text(str(orders + 2))
    await expect(page.locator("#watermark-sales .watermark-note")).to_be_hidden()


async def test_figures_that_stand_still_are_shown_as_stale(shop, open_wall):
    page = await open_wall(shop)

    async with killed(shop.backend):
        await expect(page.locator("#panel-revenue")).to_have_attribute("data-state", "stale")
        await expect(page.locator("#watermark-revenue .stale-tag")).to_be_visible()

    await badge_becomes(page, "live")
    await expect(page.locator("#watermark-revenue .stale-tag")).to_be_hidden()


async def test_the_wall_asks_nobody_but_dashboard_and_backend(shop, chromium, signed_in):
    page = await chromium.new_page(storage_state=signed_in)
    asked = set()
    page.on("request", lambda request: asked.add(request.url))
    page.on("websocket", lambda socket: asked.add(socket.url))

    await page.goto(shop.wall_url)
    await badge_becomes(page, "live")

    own = (shop.wall_url, f"ws://localhost:{shop.backend_port}/", "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []


async def test_nothing_breaks_the_content_security_policy(shop, chromium, signed_in):
    page = await chromium.new_page(storage_state=signed_in)
    said = []
    page.on("console", lambda message: said.append(message.text))

    await page.goto(shop.wall_url)
    await badge_becomes(page, "live")

    assert [text for text in said if "Content Security Policy" in text] == []


async def test_the_wall_fits_a_full_hd_screen_without_scrolling(shop, open_wall):
    page = await open_wall(shop)

    await comes_to(lambda: scrolled_size(page), (1920, 1080))


@pytest.mark.parametrize(
    ("width", "height"), [(1920, 1080), (1280, 800), (390, 844)], ids=["wall", "laptop", "phone"]
)
async def test_no_panel_overlaps_another_or_leaves_the_page(shop, open_wall, width, height):
    page = await open_wall(shop, {"width": width, "height": height})

    async def overlapping():
        boxes = await page.locator(PANELS).evaluate_all(BOXES)
        return [pair for pair in pairs(boxes) if overlap(*pair)]

    async def breadth():
        return (await scrolled_size(page))[0]

    await comes_to(breadth, width)
    await comes_to(overlapping, [])


async def test_a_chosen_theme_is_remembered(stack, open_wall):
    page = await open_wall(stack)
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    await page.keyboard.press("Tab")
    await page.locator("#theme-button").focus()
    await page.keyboard.press("Enter")
    await page.reload()

    await expect(page.locator("html")).to_have_attribute("data-theme", "light")


async def test_everything_that_takes_the_focus_has_a_name(shop, open_wall):
    page = await open_wall(shop)

    nameless = await page.evaluate(
        """[...document.querySelectorAll("button, a, .store-holder, .feed")]
            .filter(e => e.checkVisibility())
            .filter(e => !e.getAttribute("aria-label") && !e.innerText.trim())
            .map(e => e.outerHTML.slice(0, 90))"""
    )
    assert nameless == []


async def scrolled_size(page):
    root = "document.documentElement"
    return tuple(await page.evaluate(f"[{root}.scrollWidth, {root}.scrollHeight]"))


def pairs(boxes):
    return [(one, other) for at, one in enumerate(boxes) for other in boxes[at + 1 :]]


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


async def test_tags_that_are_read_bring_a_panel_of_their_own(shop, open_wall):
    page = await open_wall(shop)
    panel = page.locator("#panel-tags")
    await expect(panel).to_be_hidden()

    await retailer.read_tags(shop, "BOI", "floor", [1, 2, 3])
    await retailer.read_tags(shop, "ATL", "floor", [4])
    await retailer.read_tags(shop, "BOI", "door", [3])

    await expect(panel).to_have_attribute("data-state", "live")
    await expect(panel.locator(".tag-pieces b")).to_have_text("4")
    await expect(panel.locator(".tag-place-name")).to_have_text(["Boise", "Atlanta"])
    await expect(panel.locator(".tag-rate b")).not_to_have_text("0.0")
    await expect(panel.locator(".tag-suspect-name")).to_have_text("Green tea · Boise")
    suspect = page.locator("#alerts-list li").filter(has_text="Left unsold")
    await expect(suspect.locator(".feed-detail")).to_have_text("Boise · serial 3")


@pytest.mark.parametrize("width", [1920, 820, 390])
async def test_goals_come_where_their_room_was_kept(shop, open_wall, width):
    today = datetime.now(ZoneInfo("America/New_York"))
    parts = ("", f"-{today:%m}", f"-Q{(today.month + 2) // 3}")
    goals = [{"period": f"{today:%Y}{part}", **GOAL} for part in parts]
    await shop.execute(SET_GOALS, input={"goals": goals})
    page = await open_wall(shop, {"width": width, "height": 1080})
    await page.evaluate("localStorage.removeItem('shelfcast.wall-goals')")

    await page.add_init_script(TOPS)
    await page.reload()

    await expect(page.locator(".wall-goal [role=meter]")).to_have_count(3)
    assert len(await page.evaluate("tops")) == 1


async def test_on_a_laptop_alerts_and_sales_tell_names_in_full(shop, open_wall):
    grinder = {"sku": "GRIND", "name": LONG_NAME, "category": "Kitchen", "price": "59.90"}
    await shop.execute(retailer.UPSERT_PRODUCTS, input={"products": [grinder]})
    page = await open_wall(shop, {"width": 1280, "height": 800})

    await retailer.sell(shop, "of a long name", "GRIND", "BOI", 2)

    for key in ["alerts", "sales"]:
        row = page.locator(f"#{key}-list li").filter(has_text=LONG_NAME)
        await expect(row).to_be_visible()
        texts = row.locator(".feed-title, .feed-detail")
        await comes_to(partial(texts.evaluate_all, CUT), [])


async def test_on_a_laptop_suspects_leave_room_for_the_places_of_tags(shop, open_wall):
    page = await open_wall(shop, {"width": 1280, "height": 800})
    await retailer.read_tags(shop, "BOI", "floor", [11, 12, 13])
    await retailer.read_tags(shop, "BOI", "door", [11, 12, 13])
    tags = page.locator("#panel-tags")
    await expect(tags.locator(".tag-suspect").nth(2)).to_be_attached()

    async def have_room():
        places, body = [await box_of(tags.locator(one)) for one in (".tag-places", ".panel-body")]
        ends = places["y"] + places["height"] < body["y"] + body["height"]
        return places["height"] >= 44 and ends

    await comes_to(have_room, expected=True)
