"""Charts that pages draw themselves: bars by rank, fields, Pareto."""

import re

import pytest
from playwright.async_api import expect

from tests.dashboard.analysis_pages.shop import is_shown, panel, saved
from tests.dashboard.patience import box_of, comes_to

pytestmark = pytest.mark.asyncio(loop_scope="session")


def rows_of(page, key):
    return panel(page, key).locator(".drawing .row")


def tip_of(page, key):
    return panel(page, key).locator(".chart-tip")


async def test_a_bar_says_its_name_and_its_value_beside_it(open_page):
    page = await open_page("sales")
    await is_shown(page, "categories")

    await expect(rows_of(page, "categories").locator("text")).to_have_text(
        ["Food", "$90", "Home", "$20"]
    )
    await rows_of(page, "categories").first.hover()

    await expect(tip_of(page, "categories")).to_have_text("FoodValue$90.00")
    await page.mouse.move(0, 0)
    await expect(tip_of(page, "categories")).to_have_count(0)


async def test_bars_are_reached_and_pressed_by_the_keyboard(open_page):
    page = await open_page("sales")
    await is_shown(page, "categories")
    bar = panel(page, "categories").get_by_role("button", name="Food: value $90.00")
    await bar.focus()
    await expect(tip_of(page, "categories")).to_contain_text("Food")

    await page.keyboard.press("Enter")

    await expect(page).to_have_url(re.compile("category=Food"))
    await expect(tip_of(page, "categories")).to_have_count(0)


async def test_a_bar_that_has_the_focus_keeps_it_when_newer_figures_come(open_page):
    page = await open_page("sales")
    await is_shown(page, "categories")
    bar = panel(page, "categories").get_by_role("button", name=re.compile("^Food"))
    await bar.focus()
    before = await bar.element_handle()

    await page.evaluate("shelfcast.controls.actions['ask-again']()")

    async def is_drawn_anew():
        return not await before.evaluate("one => one.isConnected")

    await comes_to(is_drawn_anew, expected=True)
    await expect(bar).to_be_focused()


async def test_a_field_says_its_names_and_its_value(open_page):
    page = await open_page("products?period=all")
    await is_shown(page, "abc-xyz")
    fields = panel(page, "abc-xyz").locator(".field")
    await expect(fields).to_have_count(9)

    await fields.first.hover()

    await expect(tip_of(page, "abc-xyz")).to_contain_text("A: most of the value, X: steady")


async def test_a_place_in_a_pareto_chart_says_what_the_first_make_up_and_is_pressed(open_page):
    page = await open_page("products?period=all")
    await is_shown(page, "contribution")
    over = panel(page, "contribution").locator(".over")

    await over.hover(position={"x": 5, "y": 20})

    await expect(tip_of(page, "contribution")).to_contain_text("First 1 together")
    await over.click(position={"x": 5, "y": 20})
    await expect(page).to_have_url(re.compile("sku="))


@pytest.mark.parametrize(
    ("key", "said"),
    [("best", "Green tea"), ("abc-xyz", "X: steady"), ("contribution", "Rank")],
)
async def test_what_is_drawn_here_is_saved_as_picture_and_drawing(open_page, key, said):
    page = await open_page("products?period=all")
    await is_shown(page, key)

    picture = await saved(page, key, "Picture (PNG)")
    drawing = (await saved(page, key, "Drawing (SVG)")).decode()

    assert picture.startswith(b"\x89PNG")
    assert drawing.startswith("<svg")
    assert said in drawing
    assert await panel(page, key).locator("h2").inner_text() in drawing


async def test_bars_follow_the_width_of_the_window_and_the_theme(open_page):
    page = await open_page("sales")
    await is_shown(page, "categories")
    drawing = panel(page, "categories").locator(".drawing")
    colour = "bar => bar.getAttribute('fill')"
    before = await drawing.locator(".bar").first.evaluate(colour)

    await page.set_viewport_size({"width": 390, "height": 844})

    async def fits():
        frame = await box_of(panel(page, "categories"))
        box = await box_of(drawing)
        return box["x"] >= frame["x"] and box["x"] + box["width"] <= frame["x"] + frame["width"]

    await comes_to(fits, expected=True)
    await page.evaluate("shelfcast.theme.toggle()")

    async def has_another_colour():
        return await drawing.locator(".bar").first.evaluate(colour) != before

    await comes_to(has_another_colour, expected=True)


async def test_one_panel_shows_now_bars_and_now_a_line(open_page):
    page = await open_page("analyses?period=all&name=BEST_SELLERS")
    chart = panel(page, "analysis").locator(".analysis-chart")
    await expect(chart.locator(".drawing .row")).not_to_have_count(0)

    await page.evaluate("history.pushState(null, '', '?period=all&name=SALES_OVER_TIME')")
    await page.evaluate("shelfcast.controls.actions['ask-again']()")

    await expect(chart.locator(".drawing")).to_have_count(0)
    await expect(chart.locator(".js-plotly-plot .scatterlayer .trace path").first).to_be_attached()


STICKING_OUT = """() => [...document.querySelectorAll(".drawing text")].filter((text) => {
  const [one, all] = [text, text.closest("svg")].map((element) => element.getBoundingClientRect());
  return one.left < all.left - 1 || one.right > all.right + 1 || one.bottom > all.bottom + 1;
}).map((text) => text.textContent)"""


async def test_no_name_and_no_value_sticks_out_on_a_phone(open_page):
    page = await open_page("products?period=all", size="phone")
    for key in ("best", "abc-xyz", "contribution"):
        await expect(panel(page, key).locator(".drawing text")).not_to_have_count(0)

    assert await page.evaluate(STICKING_OUT) == []
    await expect(
        panel(page, "abc-xyz").locator(".drawing text", has_text="Y: vary")
    ).to_be_visible()
