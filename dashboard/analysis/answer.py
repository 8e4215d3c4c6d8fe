"""Answers to a page's ask: one document for all panels that are wanted, one drawing for each."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from dashboard.analysis.cuts import Cut, document, variables
from dashboard.analysis.named import Answer, Named
from dashboard.analysis.panels import SECRET, WHY_HIDDEN, WHY_NOT, plain
from dashboard.analysis.periods import PERIODS, day_name
from dashboard.analysis.pivoted import pivot_part
from dashboard.analysis.view import FILTER_NAMES, FILTERS, View, parse
from dashboard.client import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.analysis.choices import Retailer, Shelf
    from dashboard.analysis.cuts import Ask
    from dashboard.analysis.panels import Drawing, Panel
    from dashboard.sessions import Session

PASSING: Final = frozenset({"THROTTLED", "SUMMARIES_BUSY"})
"""Refusals for lack of room: asking for more would make it worse, asking later will do."""

_log = logging.getLogger(__name__)


async def answer(
    panels: Sequence[Panel],
    session: Session,
    search: str,
    *,
    shelf: Shelf,
    with_choices: bool = True,
) -> dict[str, Any]:
    """Return what the page shows of these panels for the query of its address.

    Live updates do without the choices, which the page has already.

    Raises:
        BadView: the address asks for what does not exist.
        BackendUnreachable, SignedOut, Refused: as `Session.execute` does.
    """
    now = datetime.now(UTC)
    retailer = await shelf.retailer(session, now, with_days="period=all" in search)
    view = _view_of(search, retailer, now)
    missing = {panel.key: panel.missing(session.person, view, retailer) for panel in panels}
    barred = {panel.key: barred_by(panel, view, retailer) for panel in panels}
    shown = [panel for panel in panels if not missing[panel.key] and not barred[panel.key]]
    found, refused = await ask_each(shown, session, view)
    if _sold_when_no_data_were(view, found):
        retailer = await shelf.retailer(session, now, with_days=True)
        view = _view_of(search, retailer, now)
    reasons = barred | {key: why_hidden(scopes) for key, scopes in missing.items() if scopes}
    hidden = {key: {"state": "hidden", "text": text} for key, text in reasons.items() if text}
    drawn = {
        panel.key: _drawn(panel, view, found[panel.key], retailer)
        for panel in shown
        if panel.key in found
    }
    choices = {"choices": retailer.for_page()} if with_choices else {}
    return {**head_of(view, retailer, found), **choices, "panels": drawn | hidden | refused}


def _view_of(search: str, retailer: Retailer, now: datetime) -> View:
    return parse(
        search,
        today=retailer.today(now),
        known=retailer.recorded,
        years=retailer.years,
        timezone=retailer.timezone,
    )


def _sold_when_no_data_were(view: View, found: Mapping[str, Mapping[str, Any]]) -> bool:
    """Tell whether there are sales of a period without data: it was imported a moment ago."""
    if view.has_before or not view.compared_with:
        return False
    return any("before" in one and not one["before"].is_empty for one in found.values())


async def ask_each(
    panels: Sequence[Panel], session: Session, view: View
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return the answers of each panel, and the refusals of those that have none.

    All are asked for at once. Where that is refused (too many groups, too slow), it is asked again
    without those that are refused, so that one does not take the others along; where all of it is
    (too much at once), each on its own.
    """
    try:
        return await ask(panels, session, view), {}
    except Refused as exc:
        if exc.code in PASSING or len(panels) < 2:
            raise
        concerned = _asking(panels, view, exc.field)
        refused = {panel.key: _refusal(panel, exc) for panel in concerned}
    found: dict[str, dict[str, Any]] = {}
    others = [panel for panel in panels if panel not in concerned]
    for some in [others] if concerned else [[panel] for panel in panels]:
        try:
            answers, faults = await ask_each(some, session, view)
        except Refused as exc:
            if exc.code in PASSING:
                raise
            answers, faults = {}, {panel.key: _refusal(panel, exc) for panel in some}
        found |= answers
        refused |= faults
    return found, refused


def _asking(panels: Sequence[Panel], view: View, alias: str | None) -> Sequence[Panel]:
    """Return the panels that ask for what an alias stands for."""
    _, alias_of = wanted(panels, view)
    keys = {key for (key, _), known in alias_of.items() if known == alias}
    return [panel for panel in panels if panel.key in keys]


def _refusal(panel: Panel, refused: Refused) -> dict[str, Any]:
    """Return what a panel shows that has no answer."""
    _log.warning("%s cannot be shown: %s", panel.key, refused.code)
    text = f"{refused.message[:1].upper()}{refused.message[1:]}."
    return {"state": "error", "text": text, "code": refused.code}


async def ask(panels: Sequence[Panel], session: Session, view: View) -> dict[str, dict[str, Any]]:
    """Return the summaries of each panel; all are asked for in one operation."""
    unique, alias_of = wanted(panels, view)
    if not unique:
        return {panel.key: {} for panel in panels}
    data = await session.execute(document(unique), variables(unique), is_long=True)
    summaries = {alias: unique[alias].read(given) for alias, given in data.items()}
    found: dict[str, dict[str, Any]] = {panel.key: {} for panel in panels}
    for panel in panels:
        for name, asked in _asks(panel, view).items():
            summary = summaries[alias_of[panel.key, name]]
            found[panel.key][name] = asked.own(summary) if isinstance(asked, Cut) else summary
    return found


def wanted(
    panels: Sequence[Panel], view: View
) -> tuple[dict[str, Ask], dict[tuple[str, str], str]]:
    """Return the different cuts of panels by alias, and the alias of each by panel and name.

    A short list and a longer one of the same are asked for once.
    """
    unique: dict[str, Ask] = {}
    alias_of: dict[tuple[str, str], str] = {}
    for panel in panels:
        for name, asked in _asks(panel, view).items():
            alias, both = next(
                ((known, both) for known, one in unique.items() if (both := _both(one, asked))),
                (f"c{len(unique)}", asked),
            )
            alias_of[panel.key, name], unique[alias] = alias, both
    return unique, alias_of


def _asks(panel: Panel, view: View) -> dict[str, Ask]:
    return {
        name: asked.seen_by(view) if isinstance(asked, Cut) else asked
        for name, asked in panel.cuts(view).items()
    }


def _both(one: Ask, other: Ask) -> Ask | None:
    """Return what answers both; None: nothing does."""
    if isinstance(one, Cut) and isinstance(other, Cut):
        return one.with_rows_of(other)
    return one if one == other else None


def why_hidden(missing: Sequence[str]) -> str:
    """Say which right somebody does not have."""
    return WHY_HIDDEN if SECRET in missing else WHY_NOT.format(missing[0])


def barred_by(panel: Panel, view: View, retailer: Retailer) -> str:
    """Say which filters a panel cannot be shown with; nothing: it can."""
    for one in _asks(panel, view).values():
        if isinstance(one, Named) and one.name in retailer.analyses:
            info = retailer.analyses[one.name]
            names = [
                FILTER_NAMES[name]
                for name in view.filters
                if FILTERS[name] in info["refusedFilters"]
            ]
            if names:
                said = " or ".join(names).lower()
                return f"{info['title']} cannot be filtered by {said}: leave that out to see it."
    return ""


def _drawn(
    panel: Panel, view: View, found: Mapping[str, Any], retailer: Retailer
) -> dict[str, Any]:
    try:
        drawing = panel.draw(view, found, retailer)
    except Exception:  # noqa: BLE001 - one panel takes no other along
        _log.exception("%s cannot be drawn", panel.key)
        return {"state": "error", "text": "This cannot be drawn; the log says why."}
    if drawing.is_empty:
        return {"state": "empty", "text": drawing.summary, "title": drawing.title}
    shown = for_page(drawing)
    named = [one for one in found.values() if isinstance(one, Answer)]
    own = " ".join(dict.fromkeys(one.own_ways(view) for one in named))
    shown["note"] = f"{shown['note']} {own}".strip()
    return {"state": "live", "pivotThis": pivot_part(found, view), **shown}


def for_page(drawing: Drawing) -> dict[str, Any]:
    """Return a drawing as the scripts of the page take it."""
    return {
        "summary": drawing.summary,
        "note": drawing.note,
        "title": drawing.title,
        "figure": drawing.figure,
        "map": drawing.map,
        "pivot": drawing.pivot,
        "own": drawing.own,
        "table": drawing.table.for_page() if drawing.table else None,
        "controls": [
            {
                "name": one.name,
                "label": one.label,
                "value": one.value,
                "options": [{"value": key, "label": text} for key, text in one.options.items()],
            }
            for one in drawing.controls
        ],
        "keyFigures": [
            {
                "label": one.label,
                "unit": one.unit,
                "value": plain(one.value),
                "before": plain(one.before),
                "isCost": one.is_cost,
                "gap": one.gap,
            }
            for one in drawing.key_figures
        ],
    }


def head_of(
    view: View, retailer: Retailer, found: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what a page says of all its panels: whose figures, of when, of what."""
    answers = [one for by_name in found.values() for one in by_name.values()]
    moments = [one.as_of for one in answers if hasattr(one, "as_of")]
    compared = view.compared_with
    return {
        "name": retailer.name,
        "currency": retailer.currency,
        "timezone": retailer.timezone,
        "isDemo": retailer.is_demo,
        "asOf": min(moments).isoformat() if moments else None,
        "view": {
            "period": view.period,
            "periodName": PERIODS[view.period],
            "from": view.span.first.isoformat(),
            "to": view.span.last.isoformat(),
            "days": view.span.named(),
            "compare": view.comparison,
            "comparedWith": compared.named() if compared else None,
            "gap": view.gap,
            "sumsOnly": _sums_only(view, retailer),
            "calendar": view.years.name if view.years else None,
            "isAlike": view.is_alike,
            "measure": view.measure,
            "choices": dict(view.choices),
            "filters": {FILTER_NAMES[name]: list(values) for name, values in view.filters.items()},
        },
    }


def _sums_only(view: View, retailer: Retailer) -> str:
    """Say from when on figures can be traced to sales; nothing: all of these can."""
    kept_from = retailer.kept_from
    spans = [view.span, *([view.compared_with] if view.compared_with else [])]
    if kept_from is None or min(span.first for span in spans) >= kept_from:
        return ""
    return f"sales before {day_name(kept_from)} are kept as sums only"
