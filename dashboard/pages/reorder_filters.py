"""What the page of orders can be narrowed to, and how the address says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from dash import dcc, html

from dashboard.figures.field import choice_field, select_field, text_field
from dashboard.pages.records import Mistaken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

KEY: Final = "reorder"
LONGEST: Final = 2_000
TABS: Final = {
    "orders": "Orders",
    "transfers": "Transfers",
    "markdowns": "Markdowns",
    "trial": "Trial",
}
CHOICES: Final = {"order": "To order", "urgent": "Urgent", "all": "All"}
URGENT: Final = ("OUT_OF_STOCK", "LATE")
LEVELS: Final = {"": "As settled", "0.8": "80 %", "0.9": "90 %", "0.95": "95 %", "0.975": "97.5 %"}
TRIED_DAYS: Final = "84"
PICKED: Final = {
    "location": "locations",
    "category": "categories",
    "distributor": "distributors",
    "sku": "skus",
}
"""Names in the address, and the fields of the filters they stand for."""


def defaults() -> dict[str, str]:
    """Return what the filters hold where the address says nothing."""
    texts = dict.fromkeys((*PICKED, "lead"), "")
    return {"tab": "orders", "show": "order", "level": "", "days": TRIED_DAYS, **texts}


def filter_id(name: Any) -> dict[str, Any]:
    """Return the id of a filter."""
    return {"part": "filter", "page": KEY, "name": name}


def filters(said: Mapping[str, str]) -> list[Component]:
    """Return the fields that choose, holding what the address says."""
    held = defaults() | {name: text[:LONGEST] for name, text in said.items()}

    def one_of(name: str, options: Mapping[str, str]) -> str:
        return held[name] if held[name] in options else defaults()[name]

    def choice(name: str, label: str, options: Mapping[str, str]) -> Component:
        return choice_field(
            filter_id(name), label, options=options, value=one_of(name, options), is_compact=True
        )

    return [
        choice("tab", "Show", TABS),
        choice("show", "Orders", CHOICES),
        select_field(
            filter_id("level"), "Service level", options=LEVELS, value=one_of("level", LEVELS)
        ),
        text_field(filter_id("lead"), "Lead time, days", value=held["lead"]),
        text_field(filter_id("days"), "Past days, 14–182", value=held["days"]),
        html.Div(id="reorder-picks", className="picks"),
        *(dcc.Input(id=filter_id(name), value=held[name], type="hidden") for name in PICKED),
    ]


def picked(text: str | None) -> list[str]:
    """Return the values that a filter holds; commas stand between them."""
    return [unquote(one).strip() for one in (text or "").split(",") if one.strip()]


def asked(tab: str, chosen: Mapping[str, Any], after: str | None, first: int) -> dict[str, Any]:
    """Return the variables of the query that the fields ask for.

    Raises:
        Mistaken: a lead time that is none.
    """
    found: dict[str, Any] = {
        plural: values for name, plural in PICKED.items() if (values := picked(chosen.get(name)))
    }
    level = chosen.get("level") or None
    if tab == "markdowns":
        return {"filter": found, "first": first}
    if tab == "transfers":
        return {"filter": found, "serviceLevel": level, "first": first}
    show = chosen.get("show") or "order"
    if show != "all":
        found["toOrder"] = True
    if show == "urgent":
        found["urgencies"] = list(URGENT)
    return {
        "filter": found,
        "serviceLevel": level,
        "leadTimeDays": lead_of(chosen),
        "first": first,
        "after": after,
    }


def lead_of(chosen: Mapping[str, Any]) -> int | None:
    """Return the lead time that the field says; None: as settled.

    Raises:
        Mistaken: it says something else.
    """
    return whole(chosen.get("lead"), "A lead time is a number of days, as in 7.")


def whole(text: str | None, mistake: str) -> int | None:
    """Return the number in a field; None where it is empty.

    Raises:
        Mistaken: it is none.
    """
    said = (text or "").strip()
    if said and not (said.isascii() and said.isdigit()):
        raise Mistaken(mistake)
    return int(said[:4]) if said else None
