"""The page of the organisation: settings, the export, closing it."""

import json
from zipfile import ZipFile

import pytest
from playwright.async_api import expect

from tests.backend.identity.logos.test_drawn import SHAPE, drawing
from tests.dashboard.records.seen import OWNER, answer, dialog

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_settings_of_the_organisation_are_changed(open_page):
    page = await open_page(OWNER, "organisation")
    await page.get_by_role("button", name="Change the settings").click()
    await dialog(page).get_by_label("Time zone").fill("Nowhere/Here")
    await answer(page, "Save")
    await expect(dialog(page).get_by_role("alert")).to_be_visible()
    await dialog(page).get_by_label("Time zone").fill("America/Chicago")
    await dialog(page).get_by_label("Quarters of 4, 4 and 5 weeks").check()

    await answer(page, "Save")

    await expect(page.locator(".facts")).to_contain_text("America/Chicago")
    await expect(page.locator(".facts")).to_contain_text("Quarters of 4, 4 and 5 weeks")


async def test_a_logo_is_chosen_shown_and_removed(open_page):
    page = await open_page(OWNER, "organisation")
    await page.get_by_role("button", name="Change the logo").click()
    file = dialog(page).get_by_label("File")
    await file.set_input_files([{"name": "a.png", "mimeType": "image/png", "buffer": b"none"}])
    await expect(dialog(page).locator(".field-hint")).to_contain_text("a.png")
    await answer(page, "Save")
    await expect(dialog(page).get_by_role("alert")).to_contain_text("neither a PNG nor an SVG")
    svg = drawing(SHAPE)
    await file.set_input_files([{"name": "a.svg", "mimeType": "image/svg+xml", "buffer": svg}])
    await expect(dialog(page).locator(".field-hint")).to_contain_text("a.svg")

    await answer(page, "Save")

    shown = page.get_by_alt_text("Logo of")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    await page.get_by_role("button", name="Remove the logo").click()
    await answer(page, "Remove it")
    await expect(shown).to_have_count(0)


async def test_an_owner_downloads_everything(open_page, tmp_path):
    page = await open_page(OWNER, "organisation")

    async with page.expect_download() as begun:
        await page.get_by_role("button", name="Export everything").click()
    path = tmp_path / "export.zip"
    await (await begun.value).save_as(path)

    with ZipFile(path) as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("organisation.json"))["code"] == "corner"
        assert OWNER in archive.read("users.ndjson").decode()
    await expect(page.get_by_role("button", name="Export everything")).to_be_enabled()


async def test_an_export_that_fails_says_so_and_can_be_tried_again(stack, open_page):
    page = await open_page(OWNER, "organisation")
    button = page.get_by_role("button", name="Export everything")
    await stack.backend.kill()

    await button.click()

    await expect(page.locator(".notes [role=alert]")).to_contain_text("cannot be reached")
    await expect(button).to_be_enabled()
    await stack.backend.start()


async def test_closing_needs_the_code_of_the_organisation(open_page):
    page = await open_page(OWNER, "organisation")
    await page.get_by_role("button", name="Close the organisation").click()
    await dialog(page).get_by_label("Type corner").fill("korner")

    await answer(page, "Close it for good")

    await expect(dialog(page).get_by_role("alert")).to_contain_text("Nothing was closed")


async def test_a_dialog_is_used_with_the_keyboard_alone(open_page):
    page = await open_page(OWNER, "organisation")
    await page.get_by_role("button", name="Change the settings").focus()
    await page.keyboard.press("Enter")
    name = dialog(page).get_by_label("Name")
    await expect(name).to_be_focused()

    await name.fill("Corner and Sons")
    await page.keyboard.press("Enter")

    await expect(page.locator(".facts")).to_contain_text("Corner and Sons")
    await expect(dialog(page)).to_have_count(0)
