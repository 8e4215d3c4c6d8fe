"""The page of clients: made, given a new secret, revoked."""

import pytest
from playwright.async_api import expect

from tests.dashboard.records.seen import OWNER, answer, dialog, row

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_client_is_made_gets_a_new_secret_and_is_revoked(open_page):
    page = await open_page(OWNER, "clients")
    await page.get_by_role("button", name="New client").click()
    await dialog(page).get_by_label("Name").fill("Marketplace")
    await answer(page, "Create")
    await expect(dialog(page).get_by_role("alert")).to_have_text("Tick what it may do.")
    await dialog(page).get_by_label("sales:write").check()
    await answer(page, "Create")
    await expect(dialog(page).locator("code")).to_have_count(2)
    first = await dialog(page).locator("code").all_inner_texts()
    await answer(page, "Done")
    await expect(row(page, "Marketplace")).to_contain_text("sales:write")

    await row(page, "Marketplace").get_by_role("button", name="New secret").click()
    await answer(page, "Make it")
    await expect(dialog(page).locator("code").last).not_to_have_text(first[1])
    second = await dialog(page).locator("code").all_inner_texts()
    await answer(page, "Done")
    await row(page, "Marketplace").get_by_role("button", name="Revoke").click()
    await answer(page, "Revoke")

    await expect(row(page, "Marketplace")).to_contain_text("Revoked")
    assert first[0] == second[0]
    assert first[1] != second[1]


async def test_the_dashboards_own_client_cannot_be_revoked_by_a_slip(open_page):
    page = await open_page(OWNER, "clients")

    own = row(page, "Part of Shelfcast")
    await expect(own).to_have_count(1)
    await expect(own.get_by_role("button")).to_have_count(0)
