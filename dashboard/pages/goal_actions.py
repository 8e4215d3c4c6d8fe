"""What people do with goals: enter, import, copy, and settle the levels of alerts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from dash import dcc, html

from dashboard.figures.field import checks_field, choice_field, field_id, text_field
from dashboard.figures.panel import attributes
from dashboard.goal_queries import (
    COPY_GOALS,
    DELETE_GOALS,
    GOAL_GRID,
    GOAL_MEMBERS,
    IMPORT_GOALS,
    SET_GOAL_RULES,
    SET_GOALS,
)
from dashboard.pages.records import Action, Mistaken, Outcome, Preview, Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from dashboard.sessions import Session

KEY: Final = "goals"
KINDS: Final = {
    "QUARTER": "Quarters",
    "MONTH": "Months",
    "YEAR": "Year",
    "FISCAL_QUARTER": "Business quarters",
    "FISCAL_MONTH": "Business months",
    "FISCAL_YEAR": "Business year",
}
DIMENSIONS: Final = {
    "ORGANISATION": ("Organisation", "Organisation"),
    "REGION": ("Region", "Regions"),
    "STATE": ("State", "States"),
    "LOCATION": ("Location", "Locations"),
    "CATEGORY": ("Category", "Categories"),
    "PRODUCT": ("Product", "Products"),
    "DISTRIBUTOR": ("Distributor", "Distributors"),
    "SELLER": ("Seller", "Sellers"),
}
"""What goals are for: one of them, several."""
MOST_MISTAKES: Final = 8
MOST_CELLS: Final = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """The goals a page shows: kind of periods, for what, which figure, which year."""

    kind: str
    dimension: str
    measure: str
    year: str

    @property
    def title(self) -> str:
        """What it is called."""
        is_whole = self.dimension == "ORGANISATION"
        planned = "the whole organisation" if is_whole else DIMENSIONS[self.dimension][1].lower()
        fiscal = "business year " if self.kind.startswith("FISCAL") else ""
        return f"{planned} in {fiscal}{self.year}"

    def as_row(self) -> dict[str, str]:
        """Return it as actions get it."""
        return asdict(self)


def periods_of(kind: str, year: str) -> list[str]:
    """Return the periods of a year as the backend writes them."""
    name, mark = (f"FY{year}", "P") if kind.startswith("FISCAL") else (year, "")
    unit = kind.removeprefix("FISCAL_")
    if unit == "YEAR":
        return [name]
    if unit == "QUARTER":
        return [f"{name}-Q{number}" for number in range(1, 5)]
    return [f"{name}-{mark}{number:02}" for number in range(1, 13)]


def _hidden(name: str, value: str = "") -> Component:
    return dcc.Input(id=field_id(KEY, name), value=value, type="hidden")


async def _ask_grid(session: Session, row: Mapping[str, Any]) -> Question:
    plan = Plan(**row)
    periods = periods_of(plan.kind, plan.year)
    found = await session.execute(GOAL_GRID, {"filter": _chosen(plan, periods)})
    goals = {(one["member"] or "", one["period"]): one for one in found["goals"]["nodes"]}
    members = await _members(session, plan, [member for member, _ in goals])
    grid = {
        "periods": periods,
        "members": members,
        "name": DIMENSIONS[plan.dimension][0],
        "isOpen": plan.dimension != "ORGANISATION",
        "cells": [
            {"at": [member, period], "amount": one["amount"], "version": one["version"],
             "id": one["id"]}
            for (member, period), one in goals.items()
        ],
    }  # fmt: skip
    hint = (
        "Arrows and Enter move, a block copied from a spreadsheet is pasted at once."
        " An emptied cell deletes its goal. All cells are saved together, or none."
    )
    return Question(
        f"Goals for {plan.title}",
        [
            html.P(hint, className="field-hint"),
            html.Div(className="goal-grid", **attributes(data_goal_grid=json.dumps(grid))),
            _hidden("grid"),
        ],
        "Save",
    )


def _chosen(plan: Plan, periods: list[str]) -> dict[str, Any]:
    return {"periods": periods, "dimensions": [plan.dimension], "measures": [plan.measure]}


async def _members(session: Session, plan: Plan, planned: list[str]) -> list[str]:
    """Return what has goals already and what sold since the year before, by name."""
    if plan.dimension == "ORGANISATION":
        return [""]
    since = {"from": f"{int(plan.year) - 1}-01-01"}
    asked = {"by": [plan.dimension], "filter": since}
    found = await session.execute(GOAL_MEMBERS, asked)
    sold = [row["keys"][0]["id"] for row in found["salesSummary"]["rows"]]
    return sorted({*planned, *(one for one in sold if one)})


async def _save_grid(
    session: Session, row: Mapping[str, Any], answers: Mapping[str, Any]
) -> Outcome:
    plan = Plan(**row)
    cells: list[dict[str, Any]] = json.loads(answers["grid"] or "[]")
    if not cells:
        raise Mistaken("Nothing was changed.")
    if len(cells) > MOST_CELLS:
        raise Mistaken(f"At most {MOST_CELLS} cells at once; {len(cells)} were changed.")
    if bad := [cell for cell in cells if cell.get("fault")]:
        raise Mistaken(_lines([f"{_at(cell)}: {cell['fault']}" for cell in bad]))
    changed = [cell for cell in cells if cell["amount"]]
    gone = [cell for cell in cells if not cell["amount"]]
    if changed:
        await _set(session, plan, changed)
    if gone:
        wanted = {"goals": [{"id": cell["id"], "version": cell["version"]} for cell in gone]}
        done = (await session.execute(DELETE_GOALS, {"input": wanted}))["deleteGoals"]
        _refuse(gone, done["results"])
    done = [f"{counted(len(changed))} set"] if changed else []
    done += [f"{counted(len(gone))} deleted"] if gone else []
    return Outcome(f"{', '.join(done)}.")


async def _set(session: Session, plan: Plan, cells: list[dict[str, Any]]) -> None:
    goals = [
        {
            "period": cell["period"],
            "dimension": plan.dimension,
            "member": cell["member"] or None,
            "measure": plan.measure,
            "amount": cell["amount"],
            "version": cell["version"],
        }
        for cell in cells
    ]
    wanted = {"goals": goals, "errorPolicy": "REJECT_EVERYTHING"}
    _refuse(cells, (await session.execute(SET_GOALS, {"input": wanted}))["setGoals"]["results"])


def _refuse(cells: list[dict[str, Any]], results: list[dict[str, Any]]) -> None:
    """Tell what is wrong with which cell."""
    wrong = [
        f"{_at(cell)}: {error['message']}"
        for cell, result in zip(cells, results, strict=True)
        for error in result["userErrors"]
        if error["code"] != "BATCH_REJECTED"
    ]
    if wrong:
        raise Mistaken(_lines(wrong))


def _at(cell: Mapping[str, Any]) -> str:
    return f"{cell['member']}, {cell['period']}" if cell["member"] else cell["period"]


def _lines(texts: list[str]) -> str:
    more = [f"and {len(texts) - MOST_MISTAKES} more"] if len(texts) > MOST_MISTAKES else []
    return "\n".join([*texts[:MOST_MISTAKES], *more])


def counted(number: int) -> str:
    """Return so many goals in words."""
    return "1 goal" if number == 1 else f"{number} goals"


async def _ask_import(_: Session, row: Mapping[str, Any]) -> Question:
    plan = Plan(**row)
    check = html.Button(
        "Check the file",
        className="button quiet compare",
        type="button",
        **attributes(data_action="confirm", data_ask="check", data_key=""),
    )
    return Question(
        "Import goals",
        [
            html.P(
                "CSV or Excel: a row a goal with columns Period, Goal and Region (or Location,"
                " Category …), or a row a region with a column a period, as in 2026-Q1.",
                className="field-hint",
            ),
            html.Div(className="goal-file", **attributes(data_goal_file="yes")),
            _hidden("content"),
            choice_field(
                field_id(KEY, "members"),
                "Where no column says so, rows are",
                options={key: one for key, (one, _) in DIMENSIONS.items()},
                value=plan.dimension,
                is_compact=True,
            ),
            checks_field(
                field_id(KEY, "comma"),
                "Amounts",
                options={"comma": "are written 1.234,50"},
                value=[],
            ),
            html.Div(check),
        ],
        "Import",
    )


async def _check(session: Session, row: Mapping[str, Any], answers: Mapping[str, Any]) -> Outcome:
    found = await _import_file(session, row, answers, dry_run=True)
    head = (
        f"{counted(found['foundCount'])} in the file: {found['setCount']} would be set,"
        f" {found['sameCount']} stay as they are, {found['rejectedCount']} are rejected."
    )
    raise Preview("\n".join([head, *map(_problem, found["problems"])]))


async def _import(session: Session, row: Mapping[str, Any], answers: Mapping[str, Any]) -> Outcome:
    found = await _import_file(session, row, answers, dry_run=False)
    said = f"{counted(found['setCount'])} set, {found['sameCount']} were the same."
    if not found["rejectedCount"]:
        return Outcome(said)
    lines = [html.Li(_problem(one)) for one in found["problems"]]
    return Outcome(f"{said} {found['rejectedCount']} rejected.", [html.Ul(lines)])


async def _import_file(
    session: Session, row: Mapping[str, Any], answers: Mapping[str, Any], *, dry_run: bool
) -> dict[str, Any]:
    if not answers["content"]:
        raise Mistaken("Choose a file first.")
    wanted = {
        "content": answers["content"],
        "dimension": answers["members"],
        "measure": Plan(**row).measure,
        "decimalComma": bool(answers["comma"]),
        "dryRun": dry_run,
    }
    return (await session.execute(IMPORT_GOALS, {"input": wanted}))["importGoals"]


def _problem(one: Mapping[str, Any]) -> str:
    return f"Line {one['line']}, {one['column']}: {one['message']}"


async def _ask_copy(_: Session, row: Mapping[str, Any]) -> Question:
    plan = Plan(**row)
    return Question(
        f"Make goals for {plan.title}",
        [
            text_field(field_id(KEY, "from"), "Of the year", value=str(int(plan.year) - 1)),
            choice_field(
                field_id(KEY, "of"),
                "Made of",
                options={"SALES": "What was sold", "GOALS": "What was planned"},
                value="SALES",
                is_compact=True,
            ),
            text_field(field_id(KEY, "growth"), "Growth in %", value="5"),
            checks_field(
                field_id(KEY, "overwrite"),
                "Goals that are there already",
                options={"overwrite": "change, too"},
                value=[],
            ),
        ],
        "Make them",
    )


async def _copy(session: Session, row: Mapping[str, Any], answers: Mapping[str, Any]) -> Outcome:
    plan = Plan(**row)
    mark = "FY" if plan.kind.startswith("FISCAL") else ""
    wanted = {
        "fromYear": mark + (answers["from"] or "").strip().upper().removeprefix("FY"),
        "toYear": mark + plan.year,
        "kind": plan.kind,
        "dimension": plan.dimension,
        "measure": plan.measure,
        "basis": answers["of"],
        "growth": str(_percent(answers["growth"], "Growth")),
        "overwrite": bool(answers["overwrite"]),
    }
    made = (await session.execute(COPY_GOALS, {"input": wanted}))["copyGoals"]
    said = [f"{counted(made['setCount'])} set"]
    said += [f"{made['keptCount']} kept as planned"] if made["keptCount"] else []
    said += [f"{made['sameCount']} the same"] if made["sameCount"] else []
    said += [f"{made['rejectedCount']} not possible"] if made["rejectedCount"] else []
    return Outcome(f"{', '.join(said)}.")


def _percent(text: Any, name: str) -> Decimal:
    try:
        found = Decimal((text or "").strip().rstrip("%").replace(",", ".")) / 100
    except InvalidOperation:
        raise Mistaken(f"{name} is a number of percent, as in 5.") from None
    if not found.is_finite():
        raise Mistaken(f"{name} is a number of percent, as in 5.")
    return found


async def _ask_levels(_: Session, rules: Mapping[str, Any]) -> Question:
    return Question(
        "When goals raise an alert",
        [
            text_field(
                field_id(KEY, "reached"),
                "Reached at % of the goal",
                value=f"{Decimal(rules['reachedAt']) * 100:f}".rstrip("0").rstrip("."),
                hint="Told once; over when returns or a higher goal undo it.",
            ),
            text_field(
                field_id(KEY, "missed"),
                "At risk when it will land below % of the goal",
                value=f"{Decimal(rules['missedBelow']) * 100:f}".rstrip("0").rstrip("."),
                hint="From a fifth of its season on; over when it will be reached again.",
            ),
        ],
        "Save",
    )


async def _set_levels(
    session: Session, rules: Mapping[str, Any], answers: Mapping[str, Any]
) -> Outcome:
    wanted = {
        "reachedAt": str(_percent(answers["reached"], "The level")),
        "missedBelow": str(_percent(answers["missed"], "The level")),
        "version": rules["version"],
    }
    await session.execute(SET_GOAL_RULES, {"input": wanted})
    return Outcome("The levels are saved.")


ACTIONS: Final = {
    "enter": Action(_ask_grid, _save_grid),
    "import": Action(_ask_import, _import),
    "check": Action(_ask_import, _check),
    "copy": Action(_ask_copy, _copy),
    "levels": Action(_ask_levels, _set_levels),
}
