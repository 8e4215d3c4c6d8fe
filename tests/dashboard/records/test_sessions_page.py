"""The page of sessions: where one is signed in, and ending it."""

import re
import time

import pytest
from playwright.async_api import expect

from tests.dashboard import staff
from tests.dashboard.records.seen import OWNER, SCREEN, answer, dialog, is_live, row

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_another_session_of_ones_own_is_ended(stack, open_page, new_person):
    auditor = await new_person("AUDITOR")
    other = await open_page(auditor, is_fresh=True)
    await is_live(other)
    page = await open_page(auditor, "sessions", is_fresh=True)
    own = row(page, "This one")
    await expect(own).to_have_count(1)
    others = page.locator(".records tbody tr").filter(has_not_text="This one")
    count = await others.count()

    await others.first.get_by_role("button", name="End").click()
    await answer(page, "End it")

    await expect(others).to_have_count(count - 1)
    await staff.is_at_sign_in(other, stack)


async def test_signing_out_everywhere_takes_every_wall_away(stack, open_page, new_person):
    owner = await new_person("OWNER")
    wall = await open_page(owner, is_fresh=True)
    page = await open_page(owner, "sessions", is_fresh=True)
    await is_live(wall)
    await page.get_by_label("Account of Owner Kim").click()

    await page.get_by_role("button", name="Sign out everywhere").click()

    await staff.is_at_sign_in(wall, stack)


async def test_an_administrator_sees_everybodys_sessions(stack, open_page):
    await open_page(SCREEN)
    page = await open_page(OWNER, "sessions")
    await expect(row(page, SCREEN)).to_have_count(0)

    await page.get_by_label("Everybody's").check()

    await expect(row(page, SCREEN).first).to_be_visible()


@pytest.mark.alone
async def test_an_ended_session_takes_the_wall_away_at_once(stack, open_page, new_person):
    screen = await new_person("SCREEN")
    wall, left_at = await open_page(screen, is_fresh=True), []
    await is_live(wall)
    wall.on(
        "request",
        lambda asked: left_at.append(time.monotonic()) if "/login?" in asked.url else None,
    )
    page = await open_page(OWNER, "users")
    await row(page, screen).get_by_role("button", name="Disable").click()
    await expect(dialog(page)).to_contain_text("signed out everywhere")

    async with page.expect_response(re.compile("_dash-update")) as disabled:
        await answer(page, "Disable")
    await disabled.value
    answered_at = time.monotonic()
    await staff.is_at_sign_in(wall, stack)

    await expect(row(page, screen)).to_contain_text("Disabled")
    # Not by the next poll of half a minute; `bench_revocation` measures that it is within a second.
    assert left_at[0] - answered_at < 5
    await row(page, screen).get_by_role("button", name="Enable").click()
    await answer(page, "Enable")
    await expect(row(page, screen)).to_contain_text("Active")
