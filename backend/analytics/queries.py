"""Running the statement of a summary."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from backend.analytics.errors import SummaryTooSlow
from backend.infra.work import Work


async def run(
    work: Work, text: str, values: tuple[object, ...], *, is_ahead: bool = False
) -> list[dict[str, Any]]:
    """Return the rows of a summary's statement; `is_ahead` as of `Work.rows`.

    Raises:
        SummaryTooSlow: it takes longer than one statement may.
    """
    try:
        return await work.rows(text, work.principal.org_id, *values, is_ahead=is_ahead)
    except asyncpg.QueryCanceledError as exc:
        raise SummaryTooSlow("this takes too long: narrow the filter or the dimensions") from exc


async def run_once(work: Work, text: str, values: Sequence[object]) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a statement that many wait for: a snapshot runs it once, and first.

    Raises:
        SummaryTooSlow: it takes longer than one statement may.
    """
    same = tuple(tuple(one) if isinstance(one, list) else one for one in values)
    return await work.once((text, same), lambda: run(work, text, tuple(values), is_ahead=True))
