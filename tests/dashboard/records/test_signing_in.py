"""Signing in and out in Chromium, and what ends a session."""

import re

import pytest
from playwright.async_api import expect

from tests.dashboard import staff
from tests.dashboard.records.seen import OWNER, answer, is_live, row
from tests.world import run_sql

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_who_signs_in_sees_the_page_that_was_wanted(open_page):
    page = await open_page(OWNER, "users", is_fresh=True)

    await expect(row(page, OWNER)).to_contain_text("Owner")


async def test_a_wrong_password_lets_nobody_in(stack, open_page):
    page = await open_page()
    await page.goto(stack.wall_url)

    await staff.fill_in(page, OWNER, "wrong horse battery")

    await expect(page.get_by_role("alert")).to_be_visible()
    await staff.is_at_sign_in(page, stack)


async def test_no_token_and_no_readable_session_is_in_the_browser(stack, open_page):
    page = await open_page(OWNER, is_fresh=True)
    await is_live(page)

    kept = await page.evaluate("JSON.stringify([document.cookie, {...localStorage}])")
    session = [one for one in await page.context.cookies() if "session" in one["name"]]
    assert all(one["httpOnly"] and one["sameSite"] == "Lax" for one in session)
    assert "session" not in kept
    assert re.search(r"eyJ[\w-]+\.eyJ|sc[cr]_", kept + await page.content()) is None


async def test_a_session_that_expired_leads_to_the_sign_in_page(stack, open_page, new_person):
    clerk = await new_person("CLERK")
    page = await open_page(clerk, "sessions", is_fresh=True)
    await run_sql(
        stack.owner_url,
        "update sessions set expires_at = now() where user_id ="
        " (select id from users where email = $1)",
        clerk,
    )
    await stack.front.kill()
    await stack.front.start()

    await page.reload()

    await staff.is_at_sign_in(page, stack)


async def test_ending_the_session_in_use_signs_out(stack, open_page, new_person):
    page = await open_page(await new_person("AUDITOR"), "sessions", is_fresh=True)
    await row(page, "This one").get_by_role("button", name="End").click()

    await answer(page, "End it")

    await expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    await page.get_by_role("link", name="Sign in").click()
    await staff.is_at_sign_in(page, stack)


@pytest.mark.parametrize("way", ["Sign out", "Sign out everywhere"])
async def test_signing_out_means_signing_in_anew(stack, open_page, new_person, way):
    page = await open_page(await new_person("OWNER"), "sessions", is_fresh=True)
    await page.get_by_label("Account of Owner Kim").click()

    await page.get_by_role("button", name=way, exact=True).click()

    await expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    await expect(page.locator(".notice-page")).to_have_css("justify-items", "center")
    await page.goto(stack.wall_url)
    await staff.is_at_sign_in(page, stack)


async def test_a_page_of_the_same_site_cannot_act_for_who_is_signed_in(stack, open_page):
    page = await open_page(OWNER, "sessions")
    elsewhere = await page.context.new_page()
    await elsewhere.goto(f"http://localhost:{stack.backend_port}/oauth/login")

    status = await elsewhere.evaluate(
        """async url => {
            try {
                await fetch(url, { method: "POST", credentials: "include", mode: "no-cors" });
                return "sent";
            } catch (error) { return "not sent"; }
        }""",
        f"{stack.wall_url}logout",
    )

    assert status in {"sent", "not sent"}
    await page.reload()
    await expect(row(page, "This one")).to_have_count(1)
