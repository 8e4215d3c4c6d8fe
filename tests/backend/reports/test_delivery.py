import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from backend.core.principal import program
from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.reports import runs, schedules
from backend.reports.press import Press
from backend.reports.rules import ReportChannel, RunState
from backend.reports.schedules import Recipient
from tests.backend.reports.conftest import plan_of
from tests.world import run_sql

MAIL = Recipient(ReportChannel.EMAIL)


async def test_a_report_that_is_due_is_mailed_once(shop, scheduled, falls_due, made, inbox):
    await scheduled()

    assert await falls_due() == (1, 0)
    ((run,), again) = await made()
    await made()

    assert (run["state"], again) == (RunState.SENT, [None])
    (message,) = inbox.messages
    assert message["To"] == "kim@shop.example"
    assert message["Subject"].startswith("The week: ")
    files = {one.get_filename(): one.get_content()[:4] for one in message.iter_attachments()}
    assert sorted(files.values()) == [b"%PDF", b"PK\x03\x04"]
    body = message.get_body().get_content()
    assert "Net sales were $270.00, $90.00 (50.0 %) more than the $180.00" in body
    assert "https://shop.example/api/reports/files/" in body


async def test_a_report_due_twice_at_one_moment_is_ordered_once(
    shop, scheduled, falls_due, owner_url
):
    await scheduled()
    moment = "update report_recipients set next_due_at = date_trunc('day', now())"

    await falls_due(moment)
    await falls_due(moment)

    assert len(await run_sql(owner_url, "select id from report_runs")) == 1


async def test_a_press_stopped_while_it_makes_a_report_leaves_it_to_the_next(
    shop, scheduled, falls_due, made, inbox, database, settings, org_id, owner_url, monkeypatch
):
    await scheduled()
    await falls_due()
    half = Killed(database, settings, at="drawing XLSX")
    (row,) = await run_sql(owner_url, "select id from report_runs")
    with pytest.raises(asyncio.CancelledError):
        await half.run(org_id, row["id"])
    (found,) = await run_sql(owner_url, "select state, as_of from report_runs")
    before = await run_sql(owner_url, "select format, digest from report_files order by format")

    ((run,), _) = await made()

    assert (found["state"], run["state"]) == ("RUNNING", "SENT")
    assert {row["format"] for row in before} == {"DOCUMENT", "PDF"}
    after = await run_sql(owner_url, "select format, digest from report_files order by format")
    assert [row for row in after if row["format"] != "XLSX"] == before
    assert (len(inbox.messages), run["as_of"]) == (1, found["as_of"])


async def test_a_mail_sent_just_before_a_crash_comes_again_under_the_same_id(
    shop, scheduled, falls_due, made, inbox, owner_url
):
    await scheduled()
    await falls_due()
    await made()
    await run_sql(owner_url, "update report_runs set state = 'RUNNING'")

    await made()

    first, second = inbox.messages
    assert first["Message-ID"] == second["Message-ID"]


class Killed(Press):
    """A press whose process ends in the middle, at a step of this name."""

    def __init__(self, database, settings, *, at):
        super().__init__(database, settings)
        self._at = at

    async def _step(self, org_id, run, progress, doing):
        await super()._step(org_id, run, progress, doing)
        if doing == self._at:
            raise asyncio.CancelledError


async def test_two_workers_never_make_one_report_at_once(
    shop, scheduled, falls_due, inbox, press, org_id, owner_url
):
    await scheduled()
    await falls_due()
    (row,) = await run_sql(owner_url, "select id from report_runs")

    results = await asyncio.gather(*(press.run(org_id, row["id"]) for _ in range(3)))

    assert results.count(None) >= 1
    assert all(one is None or one == timedelta(seconds=30) for one in results)
    assert len(inbox.messages) == 1


async def test_a_mail_server_that_is_away_is_tried_again_later(
    shop, scheduled, falls_due, made, inbox
):
    await scheduled()
    await falls_due()
    inbox.answers = ["451 try again later"]

    ((first,), (pause,)) = await made()
    ((second,), _) = await made()

    assert (first["state"], second["state"]) == (RunState.QUEUED, RunState.SENT)
    assert timedelta(seconds=48) <= pause <= timedelta(seconds=72)
    assert len(inbox.messages) == 1


async def test_a_message_that_is_refused_for_good_fails_and_says_why(
    shop, scheduled, falls_due, made, inbox, owner_url
):
    await scheduled()
    await falls_due()
    inbox.answers = ["550 no such user"]

    ((run,), again) = await made()

    assert (run["state"], again) == (RunState.FAILED, [None])
    (row,) = await run_sql(owner_url, "select failure_code from report_runs")
    assert row["failure_code"] == "MAIL_REFUSED"
    kinds = await run_sql(owner_url, "select kind from event_log where topic = 'REPORTS'")
    assert {row["kind"] for row in kinds} == {"ReportChanged", "JobFailed"}


async def test_a_report_is_given_up_after_eight_attempts(shop, scheduled, falls_due, made, inbox):
    await scheduled()
    await falls_due()
    inbox.answers = ["451 busy"] * 20

    states = [(await made())[0] for _ in range(9)]

    assert [one[0]["state"] for one in states[:7]] == [RunState.QUEUED] * 7
    assert states[7][0]["state"] == RunState.FAILED
    assert states[8] == []


async def test_a_reader_sees_only_the_places_they_may_see(
    shop, scheduled, falls_due, made, inbox, person
):
    limited = await person("south@shop.example", Role.MANAGER, [shop.ids["south"]])
    owner = await person("owner@shop.example", Role.OWNER)
    await scheduled(MAIL, Recipient(ReportChannel.EMAIL, "south@shop.example"), who=owner)

    await falls_due()
    await made()

    said = {one["To"]: one.get_body().get_content() for one in inbox.messages}
    assert "Net sales were $270.00" in said["owner@shop.example"]
    assert "Net sales from" in said[limited.email]
    assert "were $70.00" in said[limited.email]


async def test_nothing_is_made_for_who_may_not_sign_in_any_more(
    shop, scheduled, falls_due, made, inbox, owner_url
):
    await scheduled()
    await falls_due()
    await run_sql(owner_url, "update users set disabled_at = now()")

    ((run,), _) = await made()

    assert run["state"] == RunState.FAILED
    assert inbox.messages == []


async def test_a_narrow_token_orders_no_report_with_more_than_it_may_see(
    shop, database, person, made, inbox, org_id
):
    owner = await person("owner@shop.example", Role.OWNER)
    narrow = frozenset({Scope.REPORTS_READ, Scope.REPORTS_WRITE, Scope.SALES_READ})
    async with database.work(replace(owner.principal, scopes=narrow)) as work:
        kept = await schedules.create(work, plan_of(MAIL), ())
        await schedules.send_now(work, kept.schedule_id, is_sample=False)
    await made()

    (message,) = inbox.messages
    assert "Profit" not in message.get_body().get_content()


async def test_a_report_that_comes_late_says_so(shop, scheduled, falls_due, made, owner_url):
    await scheduled()

    await falls_due("update report_recipients set next_due_at = now() - interval '1 hour'")
    ((run,), _) = await made()

    assert run["is_late"]


async def test_of_several_moments_missed_the_last_counts(shop, scheduled, falls_due, owner_url):
    await scheduled()

    await falls_due("update report_recipients set next_due_at = next_due_at - interval '35 days'")

    (run,) = await run_sql(owner_url, "select due_at from report_runs")
    assert datetime.now(UTC) - run["due_at"] < timedelta(days=7)
    (one,) = await run_sql(owner_url, "select next_due_at from report_recipients")
    assert one["next_due_at"] > datetime.now(UTC)


async def test_a_run_whose_job_was_lost_is_asked_for_anew(
    shop, scheduled, falls_due, database, org_id, owner_url
):
    await scheduled()
    await falls_due()
    await run_sql(owner_url, "delete from jobs.pgqueuer")
    await run_sql(owner_url, "update report_runs set next_attempt_at = now() - interval '1 hour'")

    async with database.work(program(org_id, "worker")) as work:
        assert await runs.enqueue_strays(work) == 1
    async with database.work(program(org_id, "worker")) as work:
        assert await runs.enqueue_strays(work) == 1

    assert len(await run_sql(owner_url, "select id from jobs.pgqueuer")) == 1


def test_every_link_of_a_mail_is_one_line():
    made = EmailMessage()
    made.set_content("PDF: https://shop.example/api/reports/files/" + "x" * 90)

    assert re.search(r"files/x{90}", made.get_content())
