"""The page of boards in Chromium: composed, published, read, talked about."""

import re

import pytest
from playwright.async_api import expect

from tests.dashboard.analysis_pages.shop import is_shown, panel
from tests.dashboard.patience import box_of, comes_to
from tests.dashboard.small_shop import open_page, opener, shop

pytestmark = pytest.mark.asyncio(loop_scope="module")
__all__ = ["open_page", "opener", "shop"]

WORDS = "## Up again\nSales **rose**, see [products](/products).\n\n<img src=x onerror=alert(1)>"


async def compose(page, title):
    """Make a draft of words and an analysis out of nothing, and keep it."""
    await page.get_by_role("button", name="New board").click()
    await page.get_by_label("Title of the board").fill(title)
    adding = page.locator(".board-adding")
    await adding.get_by_role("button", name="Add").click()
    await page.locator(".board-block textarea").fill(WORDS)
    await adding.locator("[name=kind]").select_option("ANALYSIS")
    await adding.locator("[name=analysis]").select_option("SALES_BY_CATEGORY")
    await adding.get_by_role("button", name="Add").click()
    await page.get_by_role("button", name="Save draft").click()
    await expect(page.locator(".board-card strong", has_text=title)).to_be_visible()


async def test_a_board_is_composed_published_and_talked_about(open_page):
    page = await open_page("boards?period=all")
    await compose(page, "Week 12")
    await page.get_by_role("button", name="Done").click()
    await expect(page.locator(".board-head")).to_contain_text("A draft")

    await page.get_by_role("button", name="Publish").click()

    await expect(page.locator(".board-head")).to_contain_text("Version 1, published")
    await is_shown(page, "b1")
    await expect(panel(page, "b1").locator("h2")).to_have_text("Sales by category")
    await expect(panel(page, "b1").locator(".panel-summary")).to_contain_text("All days: ")
    words = panel(page, "b0").locator(".board-words")
    await expect(words.locator("h3")).to_have_text("Up again")
    await expect(words.locator("img")).to_have_count(0)
    await expect(words).to_contain_text("<img src=x onerror=alert(1)>")

    about = page.locator(".of-board")
    await about.get_by_label("Comment", exact=True).fill("Well <b>seen</b>")
    await about.get_by_role("button", name="Comment", exact=True).click()
    await expect(about.locator(".board-comment p")).to_have_text("Well <b>seen</b>")

    async def is_below():
        last = await box_of(panel(page, "b1"))
        return (await box_of(about))["y"] >= last["y"] + last["height"]

    await comes_to(is_below, expected=True)
    await page.get_by_role("button", name="Take back").click()
    await expect(page.locator(".board-comment")).to_have_count(0)


async def test_what_somebody_says_about_a_block_stands_below_it_for_all_who_look(open_page):
    page = await open_page("boards?period=all")
    await compose(page, "Week 13")
    await page.get_by_role("button", name="Done").click()
    await page.get_by_role("button", name="Publish").click()
    await is_shown(page, "b1")
    other = await open_page(page.url.split("/")[-1])
    await is_shown(other, "b1")
    beside = panel(page, "b1").locator(".of-block")
    await beside.locator("summary").click()
    seen = panel(other, "b1").locator(".of-block")
    about_words = panel(other, "b0").locator(".of-block")
    for one in (about_words, seen):
        await one.locator("summary").click()
    await seen.locator("textarea").fill("not said yet")

    await beside.get_by_label("Comment on “Sales by category”").fill("Food leads")
    await beside.get_by_role("button", name="Comment", exact=True).click()

    await expect(seen.locator(".board-comment p")).to_have_text("Food leads")
    await expect(seen.locator("textarea")).to_have_value("not said yet")
    await expect(seen.locator("textarea")).to_be_focused()
    await expect(about_words.locator("textarea")).to_be_visible()
    await expect(panel(other, "b0").locator(".board-comment")).to_have_count(0)
    await expect(other.locator(".of-board .board-comment")).to_have_count(0)


async def test_a_draft_that_is_being_written_is_not_taken_away_by_what_others_save(open_page):
    page = await open_page("boards?period=all")
    await compose(page, "Week 14")
    other = await open_page(page.url.split("/")[-1])
    await other.get_by_label("Title of the board").fill("Mine")

    await page.get_by_label("Title of the board").fill("Theirs")
    await page.get_by_role("button", name="Save draft").click()

    await expect(other.locator(".board-opened .save-note")).to_contain_text("Somebody else saved")
    await expect(other.get_by_label("Title of the board")).to_have_value("Mine")
    await expect(page.get_by_label("Title of the board")).to_have_value("Theirs")
    await expect(page.locator(".board-opened .save-note")).not_to_contain_text("Somebody else")


async def test_a_link_to_a_board_that_is_not_there_says_so(open_page):
    page = await open_page("boards?board=018f0000-0000-7000-8000-000000000000")

    await expect(page.locator(".board-opened")).to_contain_text("no such board")


async def test_a_phone_shows_the_list_above_what_is_open(open_page):
    page = await open_page("boards", size="phone")

    await is_shown(page, "board")

    await comes_to(
        lambda: page.evaluate("document.documentElement.scrollWidth <= innerWidth"), expected=True
    )
    await expect(page).to_have_url(re.compile("boards"))
