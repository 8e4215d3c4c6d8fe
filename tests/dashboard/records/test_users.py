"""The page of users: invited, changed, given a new password."""

import pytest
from playwright.async_api import expect

from tests.dashboard import staff
from tests.dashboard.records.seen import OWNER, answer, dialog, is_live, row

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_somebody_invited_chooses_a_password_and_signs_in(stack, open_page):
    page = await open_page(OWNER, "users")
    await page.get_by_role("button", name="Invite").click()
    await dialog(page).get_by_label("Name").fill("Grace Hopper")
    await dialog(page).get_by_label("E-mail").fill("not an address")
    await answer(page, "Invite")
    await expect(dialog(page).get_by_role("alert")).to_contain_text("not an e-mail address")

    await dialog(page).get_by_label("Boise").check()
    await dialog(page).get_by_label("E-mail").fill("grace@corner.example")
    await page.keyboard.press("Enter")
    link = await dialog(page).locator("code").inner_text()
    await answer(page, "Done")

    await expect(row(page, "Grace Hopper")).to_contain_text("Invited")
    await expect(row(page, "Grace Hopper")).to_contain_text("BOI")
    await expect(page.locator("dialog code")).to_have_count(0)
    guest = await open_page()
    await guest.goto(link)
    await guest.get_by_label("New password").fill("a sentence nobody guesses")
    await guest.get_by_label("New password").press("Enter")
    await staff.fill_in(guest, "grace@corner.example", "a sentence nobody guesses")
    await guest.wait_for_url(stack.wall_url)
    await is_live(guest)
    await expect(guest.get_by_label("Account of Grace Hopper")).to_be_visible()


async def test_a_role_is_changed(open_page, new_person):
    clerk = await new_person("CLERK")
    page = await open_page(OWNER, "users")
    await row(page, clerk).get_by_role("button", name="Change").click()
    await dialog(page).get_by_label("Manager").check()

    await answer(page, "Save")

    await expect(row(page, clerk)).to_contain_text("Manager")
    await expect(page.locator(".notes")).to_contain_text("is changed")


async def test_a_new_link_for_a_password_is_shown(open_page, new_person):
    auditor = await new_person("AUDITOR")
    page = await open_page(OWNER, "users")
    await row(page, auditor).get_by_role("button", name="New link").click()

    await answer(page, "Make the link")

    await expect(dialog(page).locator("code")).to_contain_text("http://localhost")
