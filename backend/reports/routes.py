"""The files of reports behind links that work for a while."""

from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.core.errors import ShelfcastError
from backend.core.principal import program
from backend.core.settings import BackendSettings
from backend.infra.api.problems import problem
from backend.infra.database import Database
from backend.infra.secret_key import secret_key
from backend.infra.work import UnknownOrganisation
from backend.reports import links, runs
from backend.reports.errors import InvalidLink, ReaderGone, ReportNotFound
from backend.reports.links import Link
from backend.reports.rendering.files import MEDIA_TYPES, file_name
from backend.reports.standing import reader_of

_HEADERS: Final = {
    "Cache-Control": "private, no-store",
    # What stands in a report must not act as this origin, even where a browser shows it.
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
}


class ReportFiles:
    """Answers with the file that a link is for."""

    def __init__(self, database: Database, settings: BackendSettings) -> None:
        self._database = database
        self._settings = settings

    def routes(self) -> list[Route]:
        """Return the route."""
        return [Route(f"{links.PATH}/{{link}}", self._answer, methods=["GET"])]

    async def _answer(self, request: Request) -> Response:
        try:
            key = secret_key(self._settings).derive(links.PURPOSE)
            link = links.opened(key, request.path_params["link"], datetime.now(UTC))
            return await self._file(link, request.client.host if request.client else None)
        except ShelfcastError as exc:
            return problem(exc)

    async def _file(self, link: Link, address: str | None) -> Response:
        """Return the file, as long as its reader may still read reports."""
        try:
            async with self._database.work(
                program(link.org_id, "report link"), address=address
            ) as work:
                run = await runs.find(work, link.run_id)
                await reader_of(work, run)
                content = await runs.file_of(work, link.run_id, link.form)
                work.note("REPORT_DOWNLOADED", link.run_id, format=link.form.value)
        except (ReaderGone, ReportNotFound, UnknownOrganisation) as exc:
            raise InvalidLink("this link is good for nothing any more") from exc
        day = (run["last_day"] or run["queued_at"].date()).isoformat()
        name = file_name(run["name"], day, link.form)
        headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, headers=headers, media_type=MEDIA_TYPES[link.form])
