"""Verbs of the organisation's logo."""

from typing import Final

from backend.identity.logos import png, svg
from backend.identity.logos.rules import MOST_BYTES, InvalidLogo, Logo
from backend.infra.work import Work

_FIND: Final = "select format, content from organisation_logos where org_id = $1"
_KEEP: Final = """
insert into organisation_logos (org_id, format, content, changed_at) values ($1, $2, $3, $4)
on conflict (org_id) do update
   set format = excluded.format, content = excluded.content, changed_at = excluded.changed_at
"""
_REMOVE: Final = "delete from organisation_logos where org_id = $1"


async def change_logo(work: Work, content: bytes | None) -> None:
    """Keep what of a PNG or SVG only draws as the organisation's logo; None: it has none any more.

    Raises:
        InvalidLogo: it is no such picture, or too large.
    """
    org_id = work.principal.org_id
    if content is None:
        await work.rows(_REMOVE, org_id)
        work.note("ORGANISATION_CHANGED", logo="removed")
        return
    logo = drawn(content)
    await work.rows(_KEEP, org_id, logo.format, logo.content, work.now)
    work.note("ORGANISATION_CHANGED", logo=logo.format)


async def find_logo(work: Work) -> Logo | None:
    """Return the organisation's logo; None: it has none of its own."""
    row = await work.row(_FIND, work.principal.org_id)
    return None if row is None else Logo(row["format"], bytes(row["content"]))


def drawn(content: bytes) -> Logo:
    """Return what of a PNG or SVG only draws.

    Raises:
        InvalidLogo: it is no such picture, or too large.
    """
    if len(content) > MOST_BYTES:
        raise InvalidLogo(f"a logo has at most {MOST_BYTES // 1000} kB")
    made = (png if content.startswith(png.SIGNATURE) else svg).drawn(content)
    if len(made.content) > 2 * MOST_BYTES:
        raise InvalidLogo("the logo is too large once its styles are written out")
    return made
