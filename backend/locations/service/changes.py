"""Making and changing locations."""

from collections.abc import Sequence
from dataclasses import replace

from backend.core import attributes
from backend.core.ids import new_id
from backend.core.places import Place
from backend.infra.upserts import UpsertRow, good_rows, read_upserts
from backend.infra.work import Work
from backend.locations import loaders, statements
from backend.locations.drafts import EVERY_DAY, LocationDraft, changes, merged, read_location
from backend.locations.errors import LocationOutOfReach
from backend.locations.events import LocationChanged
from backend.locations.rules import LocationDetail, LocationRef, SalesSource

_Change = tuple[LocationDetail, tuple[str, ...]]


async def upsert_locations(
    work: Work, drafts: Sequence[LocationDraft], *, all_or_nothing: bool = False
) -> list[tuple[UpsertRow[LocationDraft], LocationDetail | None]]:
    """Make or change locations by code; each row comes with what it left, None if rejected.

    What is as sent already is not touched: no version, no event.
    """
    rows = read_upserts(drafts, "locations", lambda draft: draft.code, read_location)
    org = work.principal.org_id
    await work.rows(statements.LOCK, str(org))
    codes = [row.value.code for row in rows if row.value and not row.error]
    found = await work.rows(statements.LOCATIONS_TO_CHANGE, org, codes)
    known = {row["code"]: loaders.detail_of(row) for row in found}

    def merge(draft: LocationDraft, path: list[str]) -> LocationDetail:
        before = known.get(draft.code)
        _check_reach(work, draft, path, before)
        return merged(draft, path, before or _new(work, draft), work.timezone)

    after = {row.code: one for row in rows if (one := row.refuse(merge)) is not None}
    good = good_rows(rows, all_or_nothing=all_or_nothing)
    pending = [
        (after[row.code], changed)
        for row in good
        if (changed := changes(known.get(row.code), after[row.code]))
    ]
    details = known | await _write(work, pending)
    work.note_all("LOCATIONS_UPSERTED", [one.ref.code for one, _ in pending])
    return [(row, None if row.error else details[row.code]) for row in rows]


def _check_reach(
    work: Work, draft: LocationDraft, path: list[str], before: LocationDetail | None
) -> None:
    is_reached = work.principal.sees(before.ref.id) if before else work.principal.locations is None
    if not is_reached:
        raise LocationOutOfReach(
            f"this token may not change {draft.code!r}", field=[*path, "code"], value=draft.code
        )


def _new(work: Work, draft: LocationDraft) -> LocationDetail:
    ref = LocationRef(new_id(), draft.code, "", draft.kind, work.timezone, SalesSource.POS)
    return LocationDetail(ref, Place(), EVERY_DAY, {}, work.now, 0)


async def _write(work: Work, pending: Sequence[_Change]) -> dict[str, LocationDetail]:
    if not pending:
        return {}
    details = [detail for detail, _ in pending]
    written = await work.rows(
        statements.PUT_LOCATIONS,
        work.principal.org_id,
        [one.ref.id for one in details],
        [one.ref.code for one in details],
        [one.ref.name for one in details],
        [one.ref.kind.value for one in details],
        [one.place.latitude for one in details],
        [one.place.longitude for one in details],
        [one.place.city for one in details],
        [one.place.state for one in details],
        [one.place.postal_code for one in details],
        [one.place.region for one in details],
        [one.place.country for one in details],
        [one.ref.timezone for one in details],
        [",".join(one.opening_days) for one in details],
        [one.ref.sales_source.value for one in details],
        [attributes.encode(one.attributes) for one in details],
        work.now,
    )
    versions = {row["code"]: row["version"] for row in written}
    stored = {
        one.ref.code: replace(one, updated_at=work.now, version=versions[one.ref.code])
        for one in details
    }
    work.gather(
        LocationChanged(
            detail.ref.id, detail.ref, changed, stored[detail.ref.code].version, work.now
        )
        for detail, changed in pending
    )
    return stored
