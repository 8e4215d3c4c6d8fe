"""Signing in and the pages of people, clients and the organisation, in Chromium.

Backend and dashboard are the real ones, started once for all tests here.
"""

import json
import re
import time
from zipfile import ZipFile

import pytest
import pytest_asyncio
from playwright.async_api import expect

from dashboard.pages.all_pages import ANALYSIS_PAGES
from tests.conftest import SECRET_KEY
from tests.dashboard import retailer, staff
from tests.dashboard.stack import browser, running
from tests.world import add_organisation, run_sql

pytestmark = pytest.mark.asyncio(loop_scope="module")
once = pytest_asyncio.fixture(scope="module", loop_scope="module")

OWNER, AUDITOR, SCREEN, CLERK = (
    f"{role}@corner.example" for role in ("owner", "auditor", "screen", "clerk")
)
PAGES = ["", "devices", "users", "clients", "sessions", "organisation", "audit"]
ANALYSIS = [page.name for page in ANALYSIS_PAGES]
SIZES = {"wall": (1920, 1080), "laptop": (1280, 800), "phone": (390, 844)}


@once
async def stack(databases, tmp_path_factory):
    """Backend and dashboard of a retailer with four people."""
    owner_url = await databases.take()
    await add_organisation(owner_url, "corner", timezone="America/New_York")
    for role in ("OWNER", "AUDITOR", "SCREEN", "CLERK"):
        await staff.add_user(owner_url, role, name=f"{role.title()} Kim")
    async with running(owner_url, tmp_path_factory.mktemp("pages"), SECRET_KEY) as started:
        await retailer.set_up(started)
        yield started
    await databases.give_back(owner_url)


@once
async def chromium():
    async with browser() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(chromium, stack):
    """`open_page(email, path)` signs somebody in; a fault or a broken policy fails the test."""
    faults, contexts = [], []

    async def open_one(email=None, path="", size="laptop"):
        width, height = SIZES[size]
        context = await chromium.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        context.set_default_timeout(60_000)
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Policy" in said.text else None)
        if email is not None:
            await staff.sign_in(page, stack, email, path)
        return page

    yield open_one
    for context in contexts:
        await context.close()
    # A dashboard that was killed under a page is no fault of the page.
    assert [fault for fault in faults if "fetch" not in fault] == []


async def is_live(page):
    await expect(page.locator("#live-badge")).to_have_attribute("data-state", "live")


def row(page, text):
    return page.locator(".records tbody tr").filter(has_text=text)


def dialog(page):
    return page.get_by_role("dialog")


async def answer(page, button):
    await dialog(page).get_by_role("button", name=button, exact=True).click()


async def test_who_signs_in_sees_the_page_that_was_wanted(open_page):
    page = await open_page(OWNER, "users")

    await expect(row(page, OWNER)).to_contain_text("Owner")


async def test_a_wrong_password_lets_nobody_in(stack, open_page):
    page = await open_page()
    await page.goto(stack.wall_url)

    await staff.fill_in(page, OWNER, "wrong horse battery")

    await expect(page.get_by_role("alert")).to_be_visible()
    await staff.is_at_sign_in(page, stack)


async def test_no_token_and_no_readable_session_is_in_the_browser(stack, open_page):
    page = await open_page(OWNER)
    await is_live(page)

    kept = await page.evaluate("JSON.stringify([document.cookie, {...localStorage}])")
    session = [one for one in await page.context.cookies() if "session" in one["name"]]
    assert all(one["httpOnly"] and one["sameSite"] == "Lax" for one in session)
    assert "session" not in kept
    assert re.search(r"eyJ[\w-]+\.eyJ|sc[cr]_", kept + await page.content()) is None


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

    await stack.front.kill()
    await stack.front.start()
    await stack.backend.kill()
    await stack.backend.start()

    await page.wait_for_event("framenavigated")
    await is_live(page)


async def test_a_session_that_expired_leads_to_the_sign_in_page(stack, open_page):
    page = await open_page(CLERK, "sessions")
    await run_sql(
        stack.owner_url,
        "update sessions set expires_at = now() where user_id ="
        " (select id from users where email = $1)",
        CLERK,
    )
    await stack.front.kill()
    await stack.front.start()

    await page.reload()

    await staff.is_at_sign_in(page, stack)


@pytest.mark.alone
async def test_an_ended_session_takes_the_wall_away_within_a_second(stack, open_page):
    wall, left_at = await open_page(SCREEN), []
    await is_live(wall)
    wall.on(
        "request",
        lambda asked: left_at.append(time.monotonic()) if "/login?" in asked.url else None,
    )
    page = await open_page(OWNER, "users")
    await row(page, SCREEN).get_by_role("button", name="Disable").click()
    await expect(dialog(page)).to_contain_text("signed out everywhere")

    async with page.expect_response(re.compile("_dash-update")) as disabled:
        await answer(page, "Disable")
    await disabled.value
    answered_at = time.monotonic()
    await staff.is_at_sign_in(wall, stack)

    await expect(row(page, SCREEN)).to_contain_text("Disabled")
    assert left_at[0] - answered_at < 1
    await row(page, SCREEN).get_by_role("button", name="Enable").click()
    await answer(page, "Enable")
    await expect(row(page, SCREEN)).to_contain_text("Active")


@pytest.mark.parametrize(
    ("email", "names"),
    [
        (
            OWNER,
            ["Wall", *ANALYSIS, "Devices", "Users", "Clients", "Sessions", "Organisation", "Audit"],
        ),
        (AUDITOR, ["Wall", *ANALYSIS, "Devices", "Sessions", "Audit"]),
        (CLERK, []),
        (SCREEN, []),
    ],
)
async def test_the_navigation_shows_only_what_somebody_may_see(open_page, email, names):
    page = await open_page(email)
    await expect(page.locator("#shell")).to_be_visible()

    assert await page.locator(".rail-link").all_inner_texts() == names


async def test_a_screen_sees_the_wall_only(stack, open_page):
    page = await open_page(SCREEN)

    await page.goto(f"{stack.wall_url}users")

    await expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()


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


async def test_a_role_is_changed(open_page):
    page = await open_page(OWNER, "users")
    await row(page, CLERK).get_by_role("button", name="Change").click()
    await dialog(page).get_by_label("Manager").check()

    await answer(page, "Save")

    await expect(row(page, CLERK)).to_contain_text("Manager")
    await expect(page.locator(".notes")).to_contain_text("is changed")


async def test_a_new_link_for_a_password_is_shown(open_page):
    page = await open_page(OWNER, "users")
    await row(page, AUDITOR).get_by_role("button", name="New link").click()

    await answer(page, "Make the link")

    await expect(dialog(page).locator("code")).to_contain_text("http://localhost")


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


async def test_another_session_of_ones_own_is_ended(stack, open_page):
    other = await open_page(AUDITOR)
    await is_live(other)
    page = await open_page(AUDITOR, "sessions")
    own = row(page, "This one")
    await expect(own).to_have_count(1)
    others = page.locator(".records tbody tr").filter(has_not_text="This one")
    count = await others.count()

    await others.first.get_by_role("button", name="End").click()
    await answer(page, "End it")

    await expect(others).to_have_count(count - 1)
    await staff.is_at_sign_in(other, stack)


async def test_ending_the_session_in_use_signs_out(stack, open_page):
    page = await open_page(AUDITOR, "sessions")
    await row(page, "This one").get_by_role("button", name="End").click()

    await answer(page, "End it")

    await expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    await page.get_by_role("link", name="Sign in").click()
    await staff.is_at_sign_in(page, stack)


@pytest.mark.parametrize("way", ["Sign out", "Sign out everywhere"])
async def test_signing_out_means_signing_in_anew(stack, open_page, way):
    page = await open_page(OWNER, "sessions")
    await page.get_by_label("Account of Owner Kim").click()

    await page.get_by_role("button", name=way, exact=True).click()

    await expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    await expect(page.locator(".notice-page")).to_have_css("justify-items", "center")
    await page.goto(stack.wall_url)
    await staff.is_at_sign_in(page, stack)


async def test_signing_out_everywhere_takes_every_wall_away(stack, open_page):
    wall, page = await open_page(OWNER), await open_page(OWNER, "sessions")
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


async def test_an_auditor_narrows_the_log_down(open_page):
    page = await open_page(AUDITOR, "audit")
    await expect(row(page, "SIGNED_IN").first).to_be_visible()

    await row(page, "SIGNED_IN").first.get_by_role("button", name="SIGNED_IN").click()

    await expect(page.get_by_label("What")).to_have_value("SIGNED_IN")
    await expect(row(page, "STOCK_ADJUSTED")).to_have_count(0)
    await expect(row(page, "SIGNED_IN").first).to_be_visible()


async def test_a_list_that_cannot_be_had_says_so_and_is_tried_again(stack, open_page):
    page = await open_page(AUDITOR, "audit")
    await expect(row(page, "SIGNED_IN").first).to_be_visible()
    await stack.backend.kill()

    await page.get_by_label("30 days").check()

    await expect(page.locator(".record-list")).to_contain_text("cannot be reached")
    await stack.backend.start()
    await page.get_by_role("link", name="Try again").click()
    await expect(row(page, "SIGNED_IN").first).to_be_visible()


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


@pytest.mark.parametrize("size", SIZES)
async def test_no_page_is_wider_than_the_screen_and_no_button_is_cut_off(stack, open_page, size):
    page = await open_page(OWNER, size=size)
    await is_live(page)
    width = SIZES[size][0]

    for path in PAGES:
        await page.goto(stack.wall_url + path)
        await expect(page.locator(".record-list, #wall").first).to_be_visible()
        await expect(page.locator(".list-skeleton")).to_have_count(0)
        assert await page.evaluate("document.documentElement.scrollWidth") == width, path
        cut_off = await page.locator("button:visible, a.button:visible").evaluate_all(
            "(buttons, width) => buttons.map(b => b.getBoundingClientRect())"
            ".filter(box => box.left < 0 || box.right > width + 1).length",
            width,
        )
        assert cut_off == 0, path


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
