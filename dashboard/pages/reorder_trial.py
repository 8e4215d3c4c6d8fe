"""The trial of reorder points on the past: asked for by a press, and kept until the next one."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from dash import ClientsideFunction, Input, Output, dcc, html
from dash.exceptions import PreventUpdate

from dashboard import sessions
from dashboard.analysis.answer import for_page
from dashboard.analysis.panels import Panel, empty
from dashboard.figures.analysis_panel import analysis_panel
from dashboard.figures.panel import attributes, icon
from dashboard.figures.reorder_trial import SETTLED, level_name, policies, trade_off
from dashboard.pages.callbacks import PASSING, explained, leave_if_over
from dashboard.pages.records import Mistaken
from dashboard.pages.reorder_filters import KEY, LEVELS, lead_of, picked, whole
from dashboard.reorder_queries import REORDER_TRIAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash import Dash
    from dash.development.base_component import Component

    from dashboard.analysis.panels import Drawing, Table
    from dashboard.sessions import Session

DRAWN: Final = {"trial": trade_off, "policies": policies}
INVITATION: Final = "Press “Try on the past”: nothing is computed before."
PANELS: Final = (
    Panel(
        "trial", "Service against stock", "chart", lambda _: {}, lambda *_: empty(INVITATION),
        "full",
    ),
    Panel(
        "policies", "Policies side by side", "table", lambda _: {}, lambda *_: empty(INVITATION),
        "full", "table",
    ),
)  # fmt: skip
"""Drawn when a trial was answered, not when the page asks."""
ARGUMENTS: Final = {
    "sku": "products",
    "location": "locations",
    "category": "categories",
    "distributor": "distributors",
}
LEAD: Final = (
    "What orders would have done on days that have passed: by forecast and by the textbook, at the"
    " service level and lead time chosen above, beside the terms that are settled. The further to"
    " the left and the higher, the better: less stock, and more of what was wanted."
)
NOTHING: Final = "Nothing of what is chosen was sold in the past: there is nothing to try on."
WAYS_OUT: Final = {
    "TOO_LITTLE_HISTORY": " Choose fewer days, or wait until more was sold.",
    "SIMULATION_FAILED": " Try again later.",
    "SIMULATION_TOO_LARGE": " Choose fewer days, products or locations.",
}
"""What helps, where the answer alone does not say it."""

_log = logging.getLogger(__name__)


class Trials:
    """The last trial of each open session, under a name of its own, to be saved as a file."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Session, tuple[str, dict[str, Drawing]]] = WeakKeyDictionary()

    def keep(self, session: Session, drawings: dict[str, Drawing]) -> str:
        """Keep it instead of the one before; return its name."""
        name = secrets.token_hex(8)
        self._kept[session] = (name, drawings)
        return name

    def table(self, session: Session, name: str, panel: str) -> Table | None:
        """Return the rows of a panel; None: that trial is not kept any more."""
        kept, drawings = self._kept.get(session, ("", {}))
        return drawings[panel].table if kept == name else None


TRIALS: Final = Trials()


def section() -> html.Div:
    """Return the button and the panels, hidden until their tab is chosen."""
    return html.Div(
        [
            html.Div(
                [
                    html.Button(
                        [icon("play"), html.Span("Try on the past")],
                        className="button primary",
                        type="button",
                        **attributes(data_action="try-reorder"),
                    ),
                    html.P(
                        className="trial-status",
                        id="reorder-trial-status",
                        **attributes(role="status"),
                    ),
                ],
                className="trial-head",
            ),
            *(analysis_panel(panel, KEY) for panel in PANELS),
            dcc.Store(id="reorder-trial-config", data={"page": KEY, "invitation": INVITATION}),
            dcc.Store(id="reorder-trial-started"),
            dcc.Store(id="reorder-trial-asked"),
            dcc.Store(id="reorder-trial-answer"),
            dcc.Store(id="reorder-trial-shown"),
        ],
        id="reorder-trial",
        className="reorder-trial",
        hidden=True,
    )


def variables(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the query that the fields ask for.

    Raises:
        Mistaken: a lead time or days that are none.
    """
    found: dict[str, Any] = {
        plural: values for name, plural in ARGUMENTS.items() if (values := picked(chosen.get(name)))
    }
    days = whole(chosen.get("days"), "Days to try are a number from 14 to 182.")
    level = chosen.get("level")
    return found | {
        "serviceLevel": level if level in LEVELS and level else None,
        "leadTimeDays": lead_of(chosen),
        **({} if days is None else {"days": days}),
    }


async def tried(session: Session, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the panels of a trial, or in words why there is none."""
    try:
        asked = variables(chosen)
        found = (await session.execute(REORDER_TRIAL, asked, is_long=True))["reorderSimulation"]
    except Mistaken as exc:
        return {"error": str(exc)}
    except PASSING as exc:
        leave_if_over(exc)
        _log.warning("nothing was tried: %s", exc)
        return {"error": explained(exc) + WAYS_OUT.get(getattr(exc, "code", ""), "")}
    if found is None:
        return {"error": NOTHING}
    level = level_name(asked["serviceLevel"]) if asked["serviceLevel"] else SETTLED
    drawings = {name: draw(found, level) for name, draw in DRAWN.items()}
    return {
        "trial": TRIALS.keep(session, drawings),
        "currency": found["currency"],
        "panels": {
            name: {"state": "live", **for_page(drawing)} for name, drawing in drawings.items()
        },
    }


def lead() -> Component:
    """Return what the tab is for, in the place of a list."""
    return html.P(LEAD, className="reorder-words")


def add_callbacks(app: Dash) -> None:
    """Answer presses of the button."""

    @app.callback(
        Output("reorder-trial-answer", "data"),
        Input("reorder-trial-asked", "data"),
        prevent_initial_call=True,
    )
    async def answer(asked: dict[str, Any] | None) -> dict[str, Any]:
        if not asked:
            raise PreventUpdate
        return {"seq": asked["seq"]} | await tried(sessions.current(), asked["chosen"])

    for name, output, source in (
        ("start", "reorder-trial-started", "reorder-trial-config"),
        ("show", "reorder-trial-shown", "reorder-trial-answer"),
    ):
        app.clientside_callback(
            ClientsideFunction("reorderTrial", name),
            Output(output, "data"),
            Input(source, "data"),
            prevent_initial_call=name == "show",
        )
