"""How far all figures of an analysis can be followed to sales, and what to say about it. Pure."""

from collections.abc import Sequence

from backend.analytics.presets.table import Note
from backend.analytics.rules import Trace


def whole_trace(traces: Sequence[Trace]) -> Trace:
    """Return what holds of all figures together."""
    if not traces:
        return Trace()
    firsts = [one.first_day for one in traces]
    known = [day for day in firsts if day is not None]
    return Trace(
        kept_from=max((one.kept_from for one in traces if one.kept_from), default=None),
        first_day=min(known) if len(known) == len(firsts) else None,
        is_whole=all(one.is_whole for one in traces),
        is_out_of_place=any(one.is_out_of_place for one in traces),
    )


def notes_on(trace: Trace) -> tuple[Note, ...]:
    """Return what a reader should know of figures whose sales are gone."""
    if trace.is_whole or trace.kept_from is None:
        return ()
    day = trace.kept_from.isoformat()
    notes = [Note("SUMS_ONLY", f"before {day} there are sums only: their sales are let go")]
    if trace.is_out_of_place:
        moved = f"what moved since counts before {day} where it was then"
        notes.append(Note("OUT_OF_PLACE", moved))
    return tuple(notes)
