"""The job: a run becomes a document, the document files, the files are handed over, once.

Each step is kept before the next begins, so that whoever takes the run up again, after a crash too,
goes on where it was. One worker at a time has a run: it holds a lock for as long as it lives.
"""

import asyncio
import logging
import random
import zlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec

from backend.core.errors import ShelfcastError, Unreachable
from backend.core.principal import program
from backend.core.settings import BackendSettings
from backend.events.failures import JobFailed
from backend.identity.organisations import organisation_ids
from backend.infra import mail
from backend.infra.database import Database
from backend.infra.mail import Mailer, MailRefused
from backend.infra.secret_key import decrypt, secret_key
from backend.infra.work import UnknownOrganisation, Work
from backend.reports import links, making, runs, statements
from backend.reports.delivering import mail as letters, webhook
from backend.reports.delivering.parcel import Parcel
from backend.reports.documents import Document, pack, unpack
from backend.reports.errors import (
    MailNotSet,
    ReaderGone,
    ReportNotReady,
    ReportTooLarge,
    WorkerLost,
)
from backend.reports.events import ReportChanged
from backend.reports.rendering.files import draw
from backend.reports.rules import (
    MOST_ATTEMPTS,
    ReportChannel,
    ReportFormat,
    RunState,
    is_late,
    pause_after,
)
from backend.reports.standing import Standing, reader_of, seen_with

log = logging.getLogger(__name__)
DOCUMENT: Final = "DOCUMENT"
MOST_BYTES: Final = 50_000_000
"""Largest file of a report."""
LONGEST_STEP: Final = 300.0
"""Seconds that making the document, or one file, may take."""
_BUSY: Final = timedelta(seconds=30)
# Two numbers, so that feed_horizon never counts these locks.
_LOCKS: Final = 0x5250_5254
_TRY: Final = "select pg_try_advisory_lock($1, $2)"
_MADE: Final = 40
_DRAWN: Final = 90


class Press:
    """Makes the reports of one process. Files are drawn one at a time: each takes a core."""

    def __init__(self, database: Database, settings: BackendSettings) -> None:
        self._database = database
        self._settings = settings
        self._mailer: Mailer | None = mail.mailer(settings)
        self._drawing = asyncio.Semaphore(1)

    async def run(self, org_id: UUID, run_id: UUID) -> timedelta | None:
        """Make a run and hand it over; return after which time to try again, None: not at all."""
        async with self._claimed(run_id) as is_ours:
            if not is_ours:
                return _BUSY
            try:
                run = await self._take(org_id, run_id)
            except UnknownOrganisation:
                return None
            return None if run is None else await self._tried(org_id, run)

    async def _tried(self, org_id: UUID, run: dict[str, Any]) -> timedelta | None:
        try:
            await self._make(org_id, run)
        except (MailRefused, ReportTooLarge) as exc:
            return await self._fail(org_id, run, exc)
        except (Unreachable, TimeoutError, OSError) as exc:
            return await self._put_off(org_id, run, exc)
        except ShelfcastError as exc:
            return await self._fail(org_id, run, exc)
        except Exception as exc:
            log.exception("report %s: something went wrong on our side", run["id"])
            return await self._put_off(org_id, run, exc)
        return None

    async def _make(self, org_id: UUID, run: dict[str, Any]) -> None:
        async with self._work(org_id, read_only=True) as work:
            reader = await reader_of(work, run)
        document = await self._document(org_id, run, reader)
        await self._files(org_id, run, document)
        state = RunState.KEPT
        if run["channel"] != ReportChannel.DOWNLOAD:
            await self._step(org_id, run, _DRAWN, "handing it over")
            await self._hand_over(org_id, run, document, reader)
            state = RunState.SENT
        await self._finish(org_id, run, state)

    async def _document(self, org_id: UUID, run: dict[str, Any], reader: Standing) -> Document:
        """Return what was made before, else make and keep it."""
        try:
            async with self._work(org_id, read_only=True) as work:
                return unpack(await runs.file_of(work, run["id"], DOCUMENT))
        except ReportNotReady:
            await self._step(org_id, run, 5, "adding up")
        origin = self._settings.dashboard_url.rstrip("/")
        async with asyncio.timeout(LONGEST_STEP):
            document = await making.make(self._database, run, reader, origin)
        stored = await asyncio.to_thread(pack, document)
        sums = msgspec.json.encode(document.totals).decode()
        async with self._work(org_id) as work:
            await _add_file(work, run["id"], DOCUMENT, stored)
            await work.rows(
                statements.NOTE_MADE, org_id, run["id"], document.as_of, sums, document.first,
                document.last,
                seen_with(reader.principal),
            )  # fmt: skip
        return document

    async def _files(self, org_id: UUID, run: dict[str, Any], document: Document) -> None:
        """Draw the files that are not there yet, and keep each."""
        async with self._work(org_id, read_only=True) as work:
            rows = await work.rows(statements.FORMATS_MADE, org_id, run["id"])
        made = {row["format"] for row in rows}
        missing = [ReportFormat(one) for one in run["formats"] if one not in made]
        for n, form in enumerate(missing):
            progress = _MADE + (_DRAWN - _MADE) * n // len(missing)
            await self._step(org_id, run, progress, f"drawing {form.value}")
            async with self._drawing, asyncio.timeout(LONGEST_STEP):
                content = await asyncio.to_thread(draw, document, form)
            async with self._work(org_id) as work:
                await _add_file(work, run["id"], form.value, content)

    async def _hand_over(
        self, org_id: UUID, run: dict[str, Any], document: Document, reader: Standing
    ) -> None:
        async with self._work(org_id, read_only=True) as work:
            [rows] = await runs.files_of(work, [run["id"]])
            files = {ReportFormat(row["format"]): row for row in rows}
            parcel = self._parcel(org_id, run, document, files)
            if run["channel"] == ReportChannel.WEBHOOK:
                url, secret = await _webhook_of(work, run)
                contents = {}
            else:
                url, secret = reader.email or "", ""
                contents = {
                    form: await runs.file_of(work, run["id"], form)
                    for form, row in files.items()
                    if row["size"] <= letters.MOST_ATTACHED
                }
        if run["channel"] == ReportChannel.WEBHOOK:
            await webhook.post(parcel, url, secret, self._settings.private_hosts)
            return
        if self._mailer is None:
            raise MailNotSet("no mail server is set: SHELFCAST_SMTP_URL")
        if not url:
            raise ReaderGone("the reader has no e-mail address")
        await self._mailer.post(letters.message(parcel, url, contents))

    def _parcel(
        self,
        org_id: UUID,
        run: dict[str, Any],
        document: Document,
        files: dict[ReportFormat, dict[str, Any]],
    ) -> Parcel:
        return Parcel(
            org_id=org_id,
            run_id=run["id"],
            name=run["name"],
            document=document,
            files=files,
            origin=self._settings.origin,
            key=secret_key(self._settings).derive(links.PURPOSE),
            now=datetime.now(UTC),
        )

    async def _take(self, org_id: UUID, run_id: UUID) -> dict[str, Any] | None:
        """Return a run that is still to be made, as begun; None where there is nothing to do."""
        async with self._work(org_id) as work:
            taken = await work.row(statements.TAKE, org_id, run_id, _later(work))
            if taken is None:
                return None
            run = await runs.find(work, run_id)
            self._tell(work, run, RunState.RUNNING, 1, taken["version"])
        if run["attempts"] <= MOST_ATTEMPTS:
            return run
        # Whatever it does, it ends its worker each time.
        await self._fail(org_id, run, WorkerLost("its worker was lost each time"))
        return None

    async def _step(self, org_id: UUID, run: dict[str, Any], progress: int, doing: str) -> None:
        async with self._work(org_id) as work:
            row = await work.row(statements.STEP, org_id, run["id"], progress, doing, _later(work))
            if row is not None:
                self._tell(work, run, RunState.RUNNING, progress, row["version"])

    async def _finish(self, org_id: UUID, run: dict[str, Any], state: RunState) -> None:
        async with self._work(org_id) as work:
            late = is_late(run["due_at"], work.now)
            row = await work.row(statements.FINISH, org_id, run["id"], state, work.now, late)
            if row is not None:
                done = "SENT" if state is RunState.SENT else "MADE"
                work.note(f"REPORT_{done}", run["id"], channel=run["channel"], late=late)
                self._tell(work, run, state, 100, row["version"])

    async def _put_off(self, org_id: UUID, run: dict[str, Any], exc: Exception) -> timedelta | None:
        if run["attempts"] >= MOST_ATTEMPTS:
            return await self._fail(org_id, run, exc)
        pause = pause_after(run["attempts"], random.random())
        code, message = _said(exc)
        async with self._work(org_id) as work:
            row = await work.row(
                statements.PUT_OFF, org_id, run["id"], code, message, work.now + pause
            )
            if row is not None:
                self._tell(work, run, RunState.QUEUED, 0, row["version"])
        log.warning("report %s: %s; again in %.0f s", run["id"], code, pause.total_seconds())
        return pause

    async def _fail(self, org_id: UUID, run: dict[str, Any], exc: Exception) -> None:
        code, message = _said(exc)
        async with self._work(org_id) as work:
            late = is_late(run["due_at"], work.now)
            row = await work.row(statements.FAIL, org_id, run["id"], code, message, work.now, late)
            if row is not None:
                work.note("REPORT_FAILED", run["id"], code=code)
                work.gather([JobFailed(None, runs.ENTRYPOINT, run["id"], code, work.now)])
                self._tell(work, run, RunState.FAILED, 0, row["version"])
        log.warning("report %s failed: %s", run["id"], code)

    def _tell(
        self, work: Work, run: dict[str, Any], state: RunState, progress: int, version: int
    ) -> None:
        changed = ReportChanged(None, run["id"], state, progress, False, version, work.now)
        work.gather([changed])

    @asynccontextmanager
    async def _claimed(self, run_id: UUID) -> AsyncGenerator[bool]:
        """Hold a run's lock on a connection of its own: it is free again once this process dies."""
        connection = await self._database.connect("app")
        try:
            number = zlib.crc32(run_id.bytes) - 2**31
            yield bool(await connection.fetchval(_TRY, _LOCKS, number))
        finally:
            connection.terminate()

    def _work(self, org_id: UUID, *, read_only: bool = False) -> Any:
        return self._database.work(program(org_id, "worker"), read_only=read_only)


async def enqueue_strays(database: Database) -> None:
    """Ask anew for the runs of all organisations of which nothing was heard for long."""
    for org_id in await organisation_ids(database):
        async with database.work(program(org_id, "worker")) as work:
            await runs.enqueue_strays(work)


async def _add_file(work: Work, run_id: UUID, form: str, content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise ReportTooLarge(f"a file has at most {MOST_BYTES} bytes: filter, or take fewer days")
    digest = sha256(content).digest()
    values = (form, len(content), digest, content, work.now)
    await work.rows(statements.ADD_FILE, work.principal.org_id, run_id, *values)


async def _webhook_of(work: Work, run: dict[str, Any]) -> tuple[str, str]:
    rows = await work.rows(statements.RECIPIENTS, work.principal.org_id, [run["schedule_id"]])
    found = next((row for row in rows if row["id"] == run["recipient_id"]), None)
    if found is None:
        raise ReaderGone("this webhook is not there any more")
    key = work.derived_key(webhook.SECRETS)
    secret = decrypt(key, bytes(found["sealed_secret"]), found["id"].bytes)
    if secret is None:
        raise ReaderGone("the webhook's secret cannot be read: the installation's key is another")
    return found["url"], secret.decode()


def _later(work: Work) -> datetime:
    """Return until when something must be heard of a run that is being made."""
    return work.now + timedelta(seconds=LONGEST_STEP)


def _said(exc: Exception) -> tuple[str, str]:
    """Return code and message of a failure; of ours only that there was one."""
    if isinstance(exc, ShelfcastError):
        return exc.code, exc.message
    if isinstance(exc, TimeoutError):
        return "UNAVAILABLE", "it took too long"
    return "INTERNAL_ERROR", "something went wrong on our side"
