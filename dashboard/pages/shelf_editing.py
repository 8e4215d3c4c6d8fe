"""A shelf made and changed by hand: the form, and what of it the backend takes."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from dash import dcc, html

from dashboard.figures.field import field_id
from dashboard.figures.panel import attributes
from dashboard.pages.records import Action, Mistaken, Outcome, Question
from dashboard.pages.shelf_actions import KEY
from dashboard.shelf_queries import DELETE_SHELF, SAVE_SHELF, SHELF_PLACES, SHELF_TO_EDIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.sessions import Session

    Draft = Mapping[str, Any]

EMPTY: Final = {
    "code": "",
    "name": "",
    "location": "",
    "refillDays": "1",
    "boards": [{"widthCm": "100", "heightCm": "30", "depthCm": "40"}],
    "products": [],
    "version": 0,
}
NO_NUMBER: Final = "NOT_A_NUMBER"
"""What is no number is not sent; the code of a fault of our own."""


async def _ask_new(session: Session, _: Draft) -> Question:
    nodes = (await session.execute(SHELF_PLACES, {}))["locations"]["nodes"]
    places = sorted(((one["code"], one["name"]) for one in nodes), key=lambda one: one[1])
    return _question("A new shelf", EMPTY, places, is_new=True)


async def _ask_edit(session: Session, row: Draft) -> Question:
    found = (await session.execute(SHELF_TO_EDIT, {"shelf": row["id"]}))["shelf"]
    if found is None:
        return Question("This shelf is not there any more.", [], "Close")
    place = found["location"]
    draft = {
        **{name: found[name] for name in ("code", "name", "version")},
        "refillDays": str(found["refillDays"]),
        "location": place["code"],
        "boards": found["boards"],
        "products": [_product(one) for one in found["products"]],
    }
    name = f"{found['name']}, {place['name']}"
    return _question(name, draft, [(place["code"], place["name"])], is_new=False)


def _product(one: Draft) -> dict[str, str]:
    names = ("facings", "board", "least", "most", "block")
    texts = {name: "" if one[name] is None else str(one[name]) for name in names}
    size = one["size"]
    return {**one["product"], **texts, "widthCm": size["widthCm"] if size else ""}


def _question(title: str, draft: Draft, places: list[tuple[str, str]], *, is_new: bool) -> Question:
    said = json.dumps({"shelf": draft, "places": places, "isNew": is_new})
    return Question(
        title,
        [
            html.Div(className="shelf-editing", **attributes(data_shelf_editor=said)),
            dcc.Input(id=field_id(KEY, "draft"), value=json.dumps(draft), type="hidden"),
        ],
        "Save",
    )


async def _save(session: Session, _: Draft, answers: Mapping[str, Any]) -> Outcome:
    draft = json.loads(answers.get("draft") or "{}")
    wanted = {"shelves": [input_of(draft)], "errorPolicy": "REJECT_EVERYTHING"}
    [result] = (await session.execute(SAVE_SHELF, {"input": wanted}))["upsertShelves"]["results"]
    if result["userErrors"]:
        raise Mistaken("Nothing was saved.", [fault_of(one) for one in result["userErrors"]])
    return Outcome(f"{draft['name'] or draft['code']} is saved.")


def input_of(draft: Draft) -> dict[str, Any]:
    """Return what a form holds as the backend takes it.

    Raises:
        Mistaken: something that has to be a number is none; it says which.
    """
    faults: list[dict[str, str]] = []

    def number(path: str, value: Any, kind: type[int] | type[str]) -> int | str | None:
        text = str(value if value is not None else "").strip().replace(",", ".")
        if not text:
            return None
        try:
            read = Decimal(text)
        except InvalidOperation:
            read = Decimal("NaN")
        is_read = read.is_finite() and abs(read) < 1_000_000
        if not is_read or (kind is int and read != int(read)):
            word = "a whole number" if kind is int else "a number, as in 12.5"
            faults.append({"field": path, "code": NO_NUMBER, "message": f"this is {word}"})
            return None
        return int(read) if kind is int else f"{read:f}"

    def length(at: int, board: Draft, name: str) -> int | str | None:
        found = number(f"boards.{at}.{name}", board.get(name), str)
        return "0" if found is None else found

    boards = [
        {name: length(at, one, name) for name in ("widthCm", "heightCm", "depthCm")}
        for at, one in enumerate(draft["boards"])
    ]
    products = []
    for at, one in enumerate(draft["products"]):
        numbers = {
            name: number(f"products.{at}.{name}", one.get(name), int)
            for name in ("facings", "board", "least", "most")
        }
        numbers["facings"] = numbers["facings"] or 0
        block = (one.get("block") or "").strip() or None
        products.append({"sku": one["sku"], **numbers, "block": block})
    found = {
        "code": draft["code"].strip(),
        "location": draft["location"],
        "name": draft["name"].strip() or draft["code"].strip(),
        "refillDays": number("refillDays", draft["refillDays"], int) or 0,
        "boards": boards,
        "products": products,
        "version": draft["version"],
    }
    if faults:
        raise Mistaken("Nothing was saved.", faults)
    return found


def fault_of(error: Mapping[str, Any]) -> dict[str, str]:
    """Return an error of the backend as one of a field of the form."""
    path = error["field"] or []
    at = path.index("shelves") + 2 if "shelves" in path else 0
    field = ".".join(str(one) for one in path[at:])
    return {"field": field, "code": error["code"], "message": error["message"]}


async def _ask_delete(_: Session, row: Draft) -> Question:
    text = "Its boards and what stands on them are forgotten; products and their sizes stay."
    return Question(f"Delete {row['name']}?", [html.P(text)], "Delete", is_dangerous=True)


async def _delete(session: Session, row: Draft, _: Mapping[str, Any]) -> Outcome:
    await session.execute(DELETE_SHELF, {"input": {"shelves": [row["id"]]}})
    return Outcome(f"{row['name']} is deleted.")


ACTIONS: Final = {
    "new": Action(_ask_new, _save),
    "edit": Action(_ask_edit, _save),
    "delete": Action(_ask_delete, _delete),
}
