"""Running the statement of a summary."""

from typing import Any

import asyncpg

from backend.analytics.errors import SummaryTooSlow
from backend.infra.work import Work


async def run(work: Work, text: str, values: tuple[object, ...]) -> list[dict[str, Any]]:
    """Return the rows of a summary's statement.

    Raises:
        SummaryTooSlow: it takes longer than one statement may.
    """
    try:
        return await work.rows(text, work.principal.org_id, *values)
    except asyncpg.QueryCanceledError as exc:
        raise SummaryTooSlow("this takes too long: narrow the filter or the dimensions") from exc
