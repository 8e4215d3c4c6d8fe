"""The map of areas: levels, time, what can be pressed and saved."""

import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from tests.dashboard.analysis_pages.shop import area, as_table, is_shown, panel, saved
from tests.dashboard.opened import SIZES
from tests.dashboard.patience import box_of, comes_to

# How many shapes have a frame that the frame of something else crosses.
OVERLAPPING = """(shapes, { x, y, width, height }) => shapes.filter((shape) => {
  const { left, right, top, bottom } = shape.getBoundingClientRect();
  return left < x + width && right > x && top < y + height && bottom > y;
}).length"""
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_map_is_coloured_filters_and_is_saved(open_page):
    page = await open_page("map")
    await is_shown(page, "areas")
    ohio = area(page, "Ohio")
    await expect(ohio).to_have_attribute("data-class", re.compile("[1-5]"))

    drawing = (await saved(page, "areas", "Drawing (SVG)")).decode()
    picture = await saved(page, "areas", "Picture (PNG)")
    await ohio.focus()
    await page.keyboard.press("Enter")

    assert drawing.count("<path") > 40
    assert picture.startswith(b"\x89PNG")
    await expect(page).to_have_url(re.compile("state=Ohio"))
    await expect(panel(page, "high").locator(".drawing .row")).to_have_count(1)


async def test_the_map_goes_through_time(open_page):
    page = await open_page("map?period=90d")
    await is_shown(page, "areas")
    slider = panel(page, "areas").get_by_role("slider", name="Time")

    await slider.press("End")

    await expect(panel(page, "areas").locator(".map-time-name")).to_have_text(
        f"{datetime.now(UTC):%Y-%m-%d}"
    )


async def test_countries_are_coloured_by_the_names_that_invoices_have(open_page):
    page = await open_page("map?period=all&by=COUNTRY")
    await is_shown(page, "areas")

    await expect(area(page, "US")).to_have_attribute("data-class", re.compile("[1-5]"))

    rows = await as_table(page, "areas")
    await expect(rows.locator("td:first-child")).to_have_text(["US"])
    await expect(panel(page, "areas").locator(".is-missing")).to_have_count(0)


async def test_all_of_the_map_is_in_sight_once_a_phone_is_turned(open_page):
    page = await open_page("map?period=all")
    await is_shown(page, "areas")

    await page.set_viewport_size({"width": SIZES["phone"][0], "height": SIZES["phone"][1]})

    async def is_in_sight():
        map_, east = await box_of(page.locator(".area-map")), await box_of(area(page, "Ohio"))
        return east["x"] + east["width"] <= map_["x"] + map_["width"]

    await comes_to(is_in_sight, expected=True)


async def test_on_a_phone_no_button_of_the_map_lies_upon_the_states(open_page):
    page = await open_page("map?period=all", size="phone")
    await expect(area(page, "Ohio")).to_be_visible()

    async def lying():
        zoom = await box_of(page.locator(".leaflet-control-zoom"))
        return await page.locator(".area-shape").evaluate_all(OVERLAPPING, zoom)

    await comes_to(lying, 0)


async def test_our_places_have_a_ground_that_areas_do_not_have(open_page):
    page = await open_page("map?period=all", theme="light")
    await is_shown(page, "areas")

    opacity = await page.locator(".area-store").first.evaluate(
        "e => getComputedStyle(e).fillOpacity"
    )
    legend = panel(page, "areas").locator(".area-legend")

    assert opacity == "1"
    await expect(legend.get_by_text("nothing sold")).to_be_visible()


async def test_postal_codes_lie_where_they_are_and_are_as_large_as_what_was_sold(open_page):
    page = await open_page("map?period=all&by=POSTAL_CODE")
    await is_shown(page, "areas")

    await expect(area(page, "43201")).to_have_attribute("data-class", re.compile("[1-5]"))
    ohio, texas = await _boxes(page, "43201", "75201")
    drawing = (await saved(page, "areas", "Drawing (SVG)")).decode()

    # Ohio is north and east of Texas, and bought more.
    assert ohio["width"] > texas["width"]
    assert ohio["y"] < texas["y"]
    assert ohio["x"] > texas["x"]
    assert "Where it sells" in drawing


async def test_the_spread_of_distributors_names_who_leads_where(open_page):
    page = await open_page("map?period=all&by=DISTRIBUTOR")
    await is_shown(page, "areas")

    await expect(area(page, "Texas")).to_have_attribute("data-group", re.compile("[1-6]"))
    await area(page, "Texas").focus()

    await expect(page.locator(".store-tooltip")).to_contain_text("Harbor Wholesale")
    await expect(panel(page, "areas").locator(".area-legend")).to_contain_text("Harbor Wholesale")
    await expect(panel(page, "areas").locator(".map-time")).to_be_hidden()


async def test_states_and_postal_codes_that_sell_most_come_first(open_page):
    page = await open_page("map?period=all")

    states = await as_table(page, "high")
    codes = await as_table(page, "postal")
    weakest = await as_table(page, "low")

    await expect(states.locator("td:first-child")).to_have_text(["Ohio", "Iowa", "Texas"])
    await expect(codes.locator("td:first-child")).to_have_text(["43201", "50309", "75201"])
    await expect(weakest.locator("td:first-child").first).to_have_text("Texas")


async def test_the_slider_plays_through_all_steps_and_back_to_the_whole(open_page):
    page = await open_page("map?from=2019-03-04&to=2019-03-06")
    await is_shown(page, "areas")
    name = panel(page, "areas").locator(".map-time-name")

    await panel(page, "areas").get_by_role("button", name="Play").click()

    for step in ("2019-03-04", "2019-03-05", "2019-03-06"):
        await expect(name).to_have_text(step)
    await panel(page, "areas").get_by_role("slider", name="Time").press("Home")
    await expect(name).to_have_text("All of it")


async def _boxes(page, *names):
    """Return where areas lie, all of one drawing: a live map may be drawn anew in between."""
    found = await page.wait_for_function(
        """names => {
          const drawn = [...document.querySelectorAll('#panel-areas [role=button]')]
          const boxes = names.map(name => drawn.find(one =>
            (one.getAttribute('aria-label') ?? '').startsWith(name))?.getBoundingClientRect())
          return boxes.every(box => box?.width > 0) && boxes.map(box => box.toJSON())
        }""",
        arg=names,
    )
    return await found.json_value()
