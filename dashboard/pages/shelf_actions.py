"""What people do with a shelf: let it stand as planned, and import what stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dash import dcc, html

from dashboard.figures.field import checks_field, field_id
from dashboard.figures.panel import attributes
from dashboard.pages.records import Action, Mistaken, Outcome, Preview, Question
from dashboard.shelf_queries import APPLY_SHELF_PLAN, IMPORT_SHELF

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.sessions import Session

KEY: Final = "shelf"


async def _ask_apply(_: Session, row: Mapping[str, Any]) -> Question:
    text = (
        f"The facings of {row['name']} are set as planned: {row['changed']} of"
        f" {row['products']} products change. Somebody has to move them on the shelf, too."
    )
    warning = [html.P(row["problem"], className="note note-bad")] if row["problem"] else []
    return Question(f"Let {row['name']} stand so?", [html.P(text), *warning], "Set the facings")


async def _apply(session: Session, row: Mapping[str, Any], _: Mapping[str, Any]) -> Outcome:
    wanted = {
        "shelf": row["id"],
        "method": row["method"],
        "version": row["version"],
        "leastBad": True,
    }
    await session.execute(APPLY_SHELF_PLAN, {"input": wanted}, is_long=True)
    return Outcome(f"The facings of {row['name']} are set.")


async def _ask_import(_: Session, row: Mapping[str, Any]) -> Question:
    check = html.Button(
        "Check the file",
        className="button quiet compare",
        type="button",
        **attributes(data_action="confirm", data_ask="check", data_key="plan"),
    )
    return Question(
        f"What stands on {row['name']}",
        [
            html.P(
                "CSV or Excel, a row a product: SKU and any of Facings, Board, Least, Most, Block,"
                " Width, Height, Depth (in cm), Units per facing, Stackable. Nothing changes where"
                " anything is wrong.",
                className="field-hint",
            ),
            html.Div(className="shelf-file", **attributes(data_shelf_file="yes")),
            dcc.Input(id=field_id(KEY, "content"), value="", type="hidden"),
            checks_field(
                field_id(KEY, "how"),
                "How",
                options={
                    "replace": "nothing else stands there",
                    "comma": "lengths are written 10,5",
                },
                value=[],
            ),
            html.Div(check),
        ],
        "Import",
    )


async def _check(session: Session, row: Mapping[str, Any], answers: Mapping[str, Any]) -> Outcome:
    found = await _send(session, row, answers, dry_run=True)
    head = f"{found['foundCount']} products in the file, {found['sizedCount']} with a size."
    raise Preview("\n".join([head, *_problems(found)]))


async def _import(session: Session, row: Mapping[str, Any], answers: Mapping[str, Any]) -> Outcome:
    found = await _send(session, row, answers, dry_run=False)
    if found["problems"]:
        raise Mistaken("\n".join(["Nothing was changed.", *_problems(found)]))
    return Outcome(f"{found['foundCount']} products set, {found['sizedCount']} sizes.")


async def _send(
    session: Session, row: Mapping[str, Any], answers: Mapping[str, Any], *, dry_run: bool
) -> dict[str, Any]:
    if not answers["content"]:
        raise Mistaken("Choose a file first.")
    how = answers["how"] or []
    wanted = {
        "shelf": row["id"],
        "version": row["version"],
        "content": answers["content"],
        "replace": "replace" in how,
        "decimalComma": "comma" in how,
        "dryRun": dry_run,
    }
    return (await session.execute(IMPORT_SHELF, {"input": wanted}))["importShelf"]


def _problems(found: Mapping[str, Any]) -> list[str]:
    lines = [f"Line {one['line']}, {one['column']}: {one['message']}" for one in found["problems"]]
    return [*lines[:8], *([f"and {len(lines) - 8} more"] if len(lines) > 8 else [])]


ACTIONS: Final = {
    "apply": Action(_ask_apply, _apply),
    "import": Action(_ask_import, _import),
    "check": Action(_ask_import, _check),
}
