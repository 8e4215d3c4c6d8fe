"""Which sales a report is about, as it is stored: the JSON of a SalesFilter and of a choice."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any, Final

import msgspec

from backend.analytics.presets.choices import Baseline, Choice, Measure
from backend.analytics.rules import SalesDimension
from backend.reports.contents.kind import Content, ContentName
from backend.reports.errors import InvalidReport
from backend.sales.filters import SalesCriteria

MOST_BYTES: Final = 100_000
_DAYS: Final = {"first_day": "from", "last_day": "to"}


def filter_json(criteria: SalesCriteria) -> dict[str, Any]:
    """Return criteria as the variables of GraphQL hold a SalesFilter; what does not limit is out.

    Sets are sorted, so that equal criteria are equal texts.
    """
    found: dict[str, Any] = {}
    for one in fields(criteria):
        value = getattr(criteria, one.name)
        if isinstance(value, date):
            found[_DAYS[one.name]] = value.isoformat()
        elif value is not None:
            found[camel(one.name)] = sorted(value)
    return found


def criteria_of(stored: Mapping[str, Any]) -> SalesCriteria:
    """Return the criteria that were stored so."""
    lists: dict[str, Any] = {
        one.name: frozenset(stored[camel(one.name)])
        for one in fields(SalesCriteria)
        if one.name not in _DAYS and camel(one.name) in stored
    }
    days: dict[str, Any] = {
        name: date.fromisoformat(stored[key]) for name, key in _DAYS.items() if key in stored
    }
    return SalesCriteria(**days, **lists)


def content_json(content: Content) -> dict[str, Any]:
    """Return a content as it is stored."""
    return {
        "kind": content.kind.value,
        "name": content.name,
        "filter": filter_json(content.criteria),
        "choice": choice_json(content.choice),
    }


def choice_json(choice: Choice) -> dict[str, Any]:
    """Return what was chosen as the variables of GraphQL hold it; what was not is out."""
    return {
        name: getattr(choice, name)
        for name in ("by", "within", "grain", "measure", "baseline", "top")
        if getattr(choice, name) is not None
    }


def check_size(content: Content) -> None:
    """Refuse what is too long to keep.

    Raises:
        InvalidReport: its filter is.
    """
    if len(msgspec.json.encode(content_json(content))) > MOST_BYTES:
        raise InvalidReport(
            f"a filter has at most {MOST_BYTES} bytes", field=["input", "content", "filter"]
        )


def content_of(column: Mapping[str, Any] | str) -> Content:
    """Return the content that was stored so: a jsonb column, which the driver gives as text."""
    stored: Mapping[str, Any] = msgspec.json.decode(column) if isinstance(column, str) else column
    given = stored.get("choice", {})
    choice = Choice(
        **{
            name: SalesDimension(given[name]) for name in ("by", "within", "grain") if name in given
        },
        measure=Measure(given["measure"]) if "measure" in given else None,
        baseline=Baseline(given["baseline"]) if "baseline" in given else None,
        top=given.get("top"),
    )
    kind = ContentName(stored["kind"])
    return Content(kind, stored["name"], criteria_of(stored["filter"]), choice)


def camel(name: str) -> str:
    """Return a name as GraphQL spells it."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
