"""Taking a proposed plan over, so that the next period has goals."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dash import html

from dashboard.goal_queries import SET_GOALS
from dashboard.pages.goal_actions import DIMENSIONS, Plan, counted
from dashboard.pages.records import Action, Outcome, Question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.sessions import Session


def planned(plan: Plan, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return proposed plans as the action that takes them gets them."""
    goals = [
        {
            "period": proposal["period"],
            "dimension": plan.dimension,
            "member": row["goal"]["member"],
            "measure": plan.measure,
            "amount": str(_plain(Decimal(proposal["amount"]))),
            "version": 0,
        }
        for row in rows
        for proposal in [row["proposedPlan"]]
        if _plain(Decimal(proposal["amount"])) > 0
    ]
    return {"plan": plan.as_row(), "goals": goals}


def _plain(amount: Decimal) -> Decimal:
    """Return an amount as people plan: whole, below a hundred to the hundredth."""
    return amount.quantize(Decimal(1) if amount >= 100 else Decimal("0.01"))


async def _ask_take(_: Session, row: Mapping[str, Any]) -> Question:
    periods = sorted({goal["period"] for goal in row["goals"]})
    return Question(
        f"Plan {', '.join(periods)} as proposed",
        [
            html.P(
                f"{counted(len(row['goals']))} will be set for"
                f" {DIMENSIONS[row['plan']['dimension']][1].lower()}."
                " What is planned already stays as it is.",
                className="field-hint",
            )
        ],
        "Plan this",
    )


async def _take(session: Session, row: Mapping[str, Any], _: Mapping[str, Any]) -> Outcome:
    done = (await session.execute(SET_GOALS, {"input": {"goals": row["goals"]}}))["setGoals"]
    codes = [error["code"] for one in done["results"] for error in one["userErrors"]]
    kept = codes.count("STALE_GOAL")
    said = [f"{counted(done['acceptedCount'])} set"]
    said += [f"{kept} kept as planned"] if kept else []
    said += [f"{len(codes) - kept} not possible"] if len(codes) > kept else []
    return Outcome(f"{', '.join(said)}.")


TAKE: Final = Action(_ask_take, _take)
