"""Analyses: every question the backend has a name for, each with its own choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from dashboard.analysis.named import Named
from dashboard.analysis.named_drawing import drawing_of
from dashboard.analysis.panels import Column, Control, Drawing, Panel, Table
from dashboard.analysis.view import CHOICES, BadView
from dashboard.pages.analysis_page import AnalysisPage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.named import Answer
    from dashboard.analysis.view import View

DEFAULT = "BEST_SELLERS"
TOPS = ("5", "10", "25", "50", "100")
IN_ADDRESS = {"measure": "rank"}
"""What a choice is called in the address, where that name means something else."""

LABELS = {
    "by": "By",
    "within": "Within",
    "grain": "Step",
    "measure": "Ranked by",
    "baseline": "Against",
    "top": "First",
}


def _name(view: View) -> str:
    return view.choices.get("name", DEFAULT)


def _cuts(view: View) -> dict[str, Named]:
    choice: dict[str, Any] = {
        name: view.choices[IN_ADDRESS.get(name, name)]
        for name in LABELS
        if IN_ADDRESS.get(name, name) in view.choices
    }
    if "top" in choice:
        if not choice["top"].isdigit():
            raise BadView(f"“{choice['top']}” is no number for “top”.")
        choice["top"] = int(choice["top"])
    return {"answer": Named(_name(view), view.sales_filter(), choice)}


def _draw(view: View, found: Mapping[str, Answer], retailer: Retailer) -> Drawing:
    info = retailer.analyses.get(_name(view), {})
    drawing = drawing_of(found["answer"], _name(view), view, retailer, view.choices.get("rank"))
    how = (
        f"{info['question']} How: {_readable(info['formula'])}. Source: {info['source']}."
        if info
        else ""
    )
    return Drawing(
        drawing.summary,
        drawing.figure,
        drawing.table,
        controls=[
            _control(one, view, found["answer"])
            for one in info.get("parameters", [])
            if _has_choice(one)
        ],
        note=" ".join(filter(None, (how, drawing.note))),
        is_empty=drawing.is_empty,
        title=found["answer"].title,
    )


def _readable(formula: str) -> str:
    """Return how figures are made for those who read no GraphQL."""
    return formula.replace("`salesSummary`", "the summary of sales").replace("`", "")


def _has_choice(parameter: Mapping[str, Any]) -> bool:
    return parameter["name"] in LABELS and len(parameter["options"]) != 1


def _control(parameter: Mapping[str, Any], view: View, answer: Answer) -> Control:
    name: str = parameter["name"]
    at = IN_ADDRESS.get(name, name)
    options = {one: one.replace("_", " ").capitalize() for one in parameter["options"] or TOPS}
    # Where nobody chose, an answer may be by longer periods than by default: months can be chosen.
    shown = [one.dimension for one in answer.columns] if name == "grain" else []
    given = next((one for one in shown if one in options), parameter["default"])
    value = view.choices.get(at) or given or ""
    if value not in options:
        options = {value: value or "All"} | options
    return Control(at, LABELS[name], value, options)


def _needs(view: View, retailer: Retailer) -> frozenset[str]:
    return frozenset(retailer.analyses.get(_name(view), {}).get("scopes", ()))


def _draw_catalogue(_: View, __: object, retailer: Retailer) -> Drawing:
    rows = list(retailer.analyses.values())
    return Drawing(
        f"{len(rows)} analyses; a press on one shows it above.",
        table=Table(
            [Column("Analysis"), Column("Question"), Column("How its figures are made")],
            [[one["title"], one["question"], _readable(one["formula"])] for one in rows],
            [_opening(one["name"]) for one in rows],
        ),
    )


def _opening(name: str) -> str:
    """Return what a press adds: the analysis, and nothing of what was chosen of the one before."""
    return urlencode(dict.fromkeys(CHOICES, "") | {"name": name})


PAGE = AnalysisPage(
    key="analyses",
    title="Analyses",
    lead="Every question with a name: choose one below, limit it above.",
    symbol="analyses",
    panels=(
        Panel("analysis", "Analysis", "analyses", _cuts, _draw, "full", needs_for=_needs),
        Panel(
            "catalogue",
            "All analyses",
            "table",
            lambda _: {},
            _draw_catalogue,
            "full",
            "table",
        ),
    ),
)
