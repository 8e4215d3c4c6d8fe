"""Pages that outlive the programs behind them."""

import pytest
from playwright.async_api import expect

from tests.dashboard.records.seen import OWNER, SCREEN, dialog, is_live

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_restarted_dashboard_signs_people_in_again_without_a_question(stack, open_page):
    page = await open_page(OWNER)
    await is_live(page)

    await stack.front.kill()
    await stack.front.start()
    await page.reload()

    await is_live(page)


async def test_the_first_press_of_a_button_after_a_restart_opens_its_dialog(stack, open_page):
    await stack.front.kill()
    await stack.front.start()
    page = await open_page(OWNER, "users")

    await page.get_by_role("button", name="Invite").click()

    await expect(dialog(page).get_by_label("E-mail")).to_be_visible()


async def test_a_wall_whose_dashboard_was_restarted_comes_back_by_itself(stack, open_page):
    page = await open_page(SCREEN)
    await is_live(page)

    async with page.expect_event("framenavigated"):
        await stack.front.kill()
        await stack.front.start()
        await stack.backend.kill()
        await stack.backend.start()

    await is_live(page)
