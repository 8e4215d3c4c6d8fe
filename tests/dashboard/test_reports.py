"""The page of reports in Chromium: scheduled, sent on its way, looked at, failed, ended."""

import re

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.dashboard import retailer
from tests.dashboard.analysis_pages.shop import ago, sale
from tests.dashboard.opened import opening
from tests.dashboard.records.seen import OWNER, answer, dialog
from tests.dashboard.small_shop import opener, shop
from tests.inbox import receiving
from tests.system.installation import Program

pytestmark = pytest.mark.asyncio(loop_scope="module")
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
__all__ = ["opener", "shop"]


@once
async def inbox():
    async with receiving() as handler:
        yield handler


@once
async def worker(shop, inbox, tmp_path_factory):
    """What makes the reports; a week ago something was sold that they can tell of."""
    old = sale("week", "TEA", 3, ago(7))
    await shop.execute(retailer.RECORD_SALES, input={"sales": [old]})
    mail = {"SHELFCAST_SMTP_URL": f"smtp://127.0.0.1:{inbox.port}"}
    log = tmp_path_factory.mktemp("worker") / "worker.log"
    started = Program(log, "backend.programs.worker", environment=shop.environment | mail)
    started.start()
    yield started
    started.kill()


@pytest_asyncio.fixture(loop_scope="module")
async def page(opener, worker):
    async with opening(opener) as ready:
        yield await ready(OWNER, "reports")


def row_of(page, table, text):
    return page.get_by_role("table", name=table).locator("tbody tr").filter(has_text=text)


async def press(page, name):
    await page.get_by_role("button", name=name, exact=True).first.click()


async def test_a_schedule_is_made_and_listed(page):
    await expect(page.locator(".nothing-here").first).to_contain_text("Nothing comes by itself")
    await press(page, "New schedule")
    await answer(page, "Keep")
    await expect(dialog(page).get_by_role("alert")).to_be_visible()
    await dialog(page).get_by_label("Name").fill("The week")
    await dialog(page).get_by_label("Excel").check()

    await answer(page, "Keep")

    listed = row_of(page, "Schedules", "The week")
    await expect(listed).to_contain_text("Page · Overview")
    await expect(listed).to_contain_text("Weekly, Mondays at 07:00")
    await expect(listed).to_contain_text("Ada Lovelace")


async def test_a_sample_is_followed_until_it_is_sent(page, inbox):
    inbox.holds, heard = {"DATA"}, []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda one: heard.append(one)))
    await page.reload()
    await press(page, "Sample of The week to me")
    await answer(page, "Send")
    sample = row_of(page, "History", "sample")
    await expect(sample.get_by_role("progressbar")).to_have_attribute("value", "90")
    await expect(sample).to_contain_text("Running")
    await expect(sample).to_contain_text("handing it over, 90 %")

    inbox.holds = set()
    inbox.go_on.set()

    await expect(sample).to_contain_text("Sent")
    await expect(sample.get_by_role("progressbar")).to_have_count(0)
    assert [one for one in heard if '"FeedEvent"' in one]
    (message,) = inbox.messages
    assert message["Subject"].startswith("Sample: The week")


async def test_a_report_that_came_is_previewed_and_opened(page):
    await press(page, "Preview The week")
    await expect(dialog(page)).to_contain_text(re.compile(r"Net sales .* were \$\d"))

    async with page.expect_download() as opened:
        await answer(page, "Open the PDF")

    assert (await (await opened.value).path()).read_bytes().startswith(b"%PDF")


async def test_a_file_is_downloaded_from_the_history(page):
    link = row_of(page, "History", "sample").get_by_role("link", name="XLSX")

    async with page.expect_download() as download:
        await link.click()

    found = await download.value
    assert re.fullmatch(r"the-week-[0-9-]+\.xlsx", found.suggested_filename.lower())
    assert (await found.path()).read_bytes().startswith(b"PK")


async def test_a_report_that_failed_says_why_and_is_tried_again(page, inbox):
    inbox.answers = ["550 no such user"]
    await press(page, "Send The week now")
    await answer(page, "Send")
    asked = row_of(page, "History", "asked for")
    await expect(asked).to_contain_text("Failed")
    await expect(asked).to_contain_text("The mail server refuses this message (MAIL_REFUSED)")

    await press(page, "Try The week again")
    await answer(page, "Try")

    await expect(asked).to_contain_text("Sent")
    assert [one["To"] for one in inbox.messages] == [OWNER, OWNER]


async def test_a_schedule_is_changed(page):
    await press(page, "Edit The week")
    await dialog(page).get_by_label("Name").fill("The month")
    await dialog(page).get_by_label("Monthly", exact=True).check()

    await answer(page, "Keep")

    changed = row_of(page, "Schedules", "The month")
    await expect(changed).to_contain_text("Monthly, day 1 after it, at 07:00")
    await expect(row_of(page, "Schedules", "The week")).to_have_count(0)


async def test_a_schedule_is_deleted_and_what_came_stays(page):
    await press(page, "Delete The month")

    await answer(page, "Delete")

    await expect(page.get_by_role("table", name="Schedules")).to_have_count(0)
    await expect(row_of(page, "History", "The week")).to_have_count(2)
