"""The page of the audit log."""

import pytest
from playwright.async_api import expect

from tests.dashboard.records.seen import AUDITOR, row

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_auditor_narrows_the_log_down(open_page):
    page = await open_page(AUDITOR, "audit")
    await expect(row(page, "SIGNED_IN").first).to_be_visible()

    await row(page, "SIGNED_IN").first.get_by_role("button", name="SIGNED_IN").click()

    await expect(page.get_by_label("What")).to_have_value("SIGNED_IN")
    await expect(row(page, "STOCK_ADJUSTED")).to_have_count(0)
    await expect(row(page, "SIGNED_IN").first).to_be_visible()


async def test_a_link_to_the_log_shows_what_its_sender_saw(open_page, stack):
    page = await open_page(AUDITOR, "audit")
    await expect(row(page, "SIGNED_IN").first).to_be_visible()

    await row(page, "SIGNED_IN").first.get_by_role("button", name="SIGNED_IN").click()
    await page.get_by_label("30 days").check()

    await page.wait_for_url(f"{stack.wall_url}audit?action=SIGNED_IN&days=30")
    other = await open_page(AUDITOR, "audit?action=SIGNED_IN&days=30")
    await expect(other.get_by_label("What")).to_have_value("SIGNED_IN")
    await expect(other.get_by_label("30 days")).to_be_checked()
    await expect(row(other, "STOCK_ADJUSTED")).to_have_count(0)


async def test_a_list_that_cannot_be_had_says_so_and_is_tried_again(stack, open_page):
    page = await open_page(AUDITOR, "audit")
    await expect(row(page, "SIGNED_IN").first).to_be_visible()
    await stack.backend.kill()

    await page.get_by_label("30 days").check()

    await expect(page.locator(".record-list")).to_contain_text("cannot be reached")
    await stack.backend.start()
    await page.get_by_role("link", name="Try again").click()
    await expect(row(page, "SIGNED_IN").first).to_be_visible()
