"""Codes that nobody knew, waiting for a product."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from backend.core.cursors import list_cursor, parse_list_cursor
from backend.infra.api.relay import Page, check_first
from backend.infra.work import Work

# The reason is judged anew at each look: a code may have become known since.
_PAGE: Final = """
select p.code, p.reason, p.reads, p.first_seen_at, p.last_seen_at, p.location_id, d.code as device
  from parked_codes p join devices d on d.org_id = p.org_id and d.id = p.device_id
 where p.org_id = $1 and ($2::timestamptz is null or (p.last_seen_at, p.code) < ($2, $3))
 order by p.last_seen_at desc, p.code desc limit $4
"""


async def parked_codes(work: Work, first: int, after: str | None) -> Page[dict[str, Any]]:
    """Return a page of parked codes, last seen first."""
    check_first(first)
    seen_at, code = (None, None) if after is None else parse_list_cursor(after, "parked")
    rows = await work.rows(
        _PAGE,
        work.principal.org_id,
        datetime.fromisoformat(seen_at) if seen_at else None,
        code,
        first + 1,
    )
    page = Page(
        [
            (list_cursor("parked", [row["last_seen_at"].isoformat(), row["code"]]), row)
            for row in rows
        ],
        len(rows) > first,
        after is not None,
    )
    return replace(page, rows=page.rows[:first])
