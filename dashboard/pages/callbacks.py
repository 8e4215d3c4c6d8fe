"""The callbacks of all pages that list records: load, ask, do."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import dash
from dash import ALL, MATCH, ClientsideFunction, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from dashboard import sessions
from dashboard.client import BackendUnreachable, CredentialsRefused, Refused, SignedOut
from dashboard.figures.record import note, nothing_here
from dashboard.pages.records import Mistaken, Preview, dialog_of, dialog_with

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash import Dash
    from dash.development.base_component import Component

    from dashboard.pages.records import Outcome, RecordPage

UNEXPECTED = "Something went wrong; it is in the log of whoever runs this. Try again."
PASSING = (BackendUnreachable, CredentialsRefused, Refused, SignedOut)

_log = logging.getLogger(__name__)


def part(name: str) -> dict[str, Any]:
    """Return the id that the part of this name has on every page."""
    return {"part": name, "page": MATCH}


def add_callbacks(app: Dash, pages: Sequence[RecordPage]) -> None:
    """Register the callbacks, each once for all pages."""
    by_key = {page.key: page for page in pages}
    _add_load(app, by_key)
    _add_ask(app, by_key)
    _add_run(app, by_key)
    app.clientside_callback(
        ClientsideFunction("dialogs", "show"),
        Output(part("dialog-shown"), "data"),
        Input(part("dialog-state"), "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("records", "link"),
        Output(part("linked"), "data"),
        Input({"part": "filter", "page": MATCH, "name": ALL}, "value"),
        State(part("link"), "data"),
    )


def explained(exc: Exception) -> str:
    """Say what went wrong to whoever asked for it."""
    if isinstance(exc, Refused):
        return f"{exc.message[:1].upper()}{exc.message[1:]}."
    if isinstance(exc, SignedOut):
        return "You were signed out."
    if isinstance(exc, CredentialsRefused):
        return "The backend refuses this dashboard: check its client and secret."
    return "The backend cannot be reached. Nothing was changed; try again."


def log_fault(exc: Exception) -> None:
    """Note a fault of ours that no callback of a page answers for; the page stays as it is."""
    _log.error("a callback failed", exc_info=exc)


def leave_if_over(exc: Exception) -> None:
    """Send the browser to sign in where that is what is missing."""
    if isinstance(exc, SignedOut):
        dash.set_props("sign-in-again", {"data": True})


def _add_load(app: Dash, pages: Mapping[str, RecordPage]) -> None:
    @app.callback(
        Output(part("list"), "children"),
        Output(part("rows"), "data"),
        Output(part("following"), "data"),
        Output(part("older"), "hidden"),
        Output(part("newest"), "hidden"),
        Input(part("reload"), "data"),
        Input({"part": "filter", "page": MATCH, "name": ALL}, "value"),
        Input(part("older"), "n_clicks"),
        Input(part("newest"), "n_clicks"),
        State(part("following"), "data"),
    )
    async def load(
        _reload: int, _filters: list[Any], _older: int, _newest: int, following: str | None
    ) -> tuple[list[Component], Any, str | None, bool, bool]:
        context = dash.ctx
        page = pages[context.outputs_list[0]["id"]["page"]]
        trigger = context.triggered_id
        is_older = trigger is not None and trigger["part"] == "older"
        try:
            listing = await page.load(
                sessions.current(), _named(context.inputs_list[1]), following if is_older else None
            )
        except PASSING as exc:
            leave_if_over(exc)
            return [nothing_here("cloud", explained(exc), again=page.path)], {}, None, True, True
        except Exception:  # noqa: BLE001 - the outermost of a request
            _log.exception("%s cannot be listed", page.key)
            return [nothing_here("alert", UNEXPECTED, again=page.path)], {}, None, True, True
        return (
            listing.body,
            listing.rows,
            listing.following,
            listing.following is None,
            not is_older,
        )


def _add_ask(app: Dash, pages: Mapping[str, RecordPage]) -> None:
    @app.callback(
        Output(part("dialog"), "children"),
        Output(part("dialog-state"), "data"),
        Input(part("asked"), "data"),
        State(part("rows"), "data"),
        prevent_initial_call=True,
    )
    async def ask(asked: dict[str, Any] | None, rows: dict[str, Any] | None) -> tuple[Any, Any]:
        if not asked:
            raise PreventUpdate
        page = pages[dash.ctx.outputs_list[0]["id"]["page"]]
        action = page.actions[asked["action"]]
        row = (rows or {}).get(asked["key"], {})
        try:
            question = await action.question(sessions.current(), row)
        except PASSING as exc:
            leave_if_over(exc)
            dash.set_props(page.part("notes"), {"children": [note(explained(exc), "bad")]})
            return no_update, no_update
        except Exception:  # noqa: BLE001 - the outermost of a request
            _log.exception("%s of %s cannot be asked", asked["action"], page.key)
            dash.set_props(page.part("notes"), {"children": [note(UNEXPECTED, "bad")]})
            return no_update, no_update
        return dialog_of(question, asked), {"isOpen": True, "at": asked["at"]}


def _add_run(app: Dash, pages: Mapping[str, RecordPage]) -> None:
    @app.callback(
        Output(part("dialog"), "children", allow_duplicate=True),
        Output(part("dialog-state"), "data", allow_duplicate=True),
        Output(part("notes"), "children"),
        Output(part("reload"), "data"),
        Input(part("confirmed"), "data"),
        State(part("rows"), "data"),
        State(part("reload"), "data"),
        State({"part": "field", "page": MATCH, "name": ALL}, "value"),
        prevent_initial_call=True,
    )
    async def run(
        confirmed: dict[str, Any] | None,
        rows: dict[str, Any] | None,
        reloads: int,
        _answers: list[Any],
    ) -> tuple[Any, Any, Any, Any]:
        if not confirmed:
            raise PreventUpdate
        context = dash.ctx
        page = pages[context.outputs_list[0]["id"]["page"]]
        action = page.actions[confirmed["action"]]
        row = (rows or {}).get(confirmed["key"], {})
        answers = _named(context.states_list[2])
        try:
            outcome = await action.run(sessions.current(), row, answers)
        except Preview as exc:
            state = _state(confirmed, is_open=True) | {"preview": str(exc)}
            return no_update, state, no_update, no_update
        except (Mistaken, *PASSING) as exc:
            leave_if_over(exc)
            text = str(exc) if isinstance(exc, Mistaken) else explained(exc)
            faults = exc.faults if isinstance(exc, Mistaken) else []
            state = _state(confirmed, is_open=True, mistake=text) | {"faults": faults}
            return no_update, state, no_update, no_update
        except Exception:  # noqa: BLE001 - the outermost of a request
            _log.exception("%s of %s failed", confirmed["action"], page.key)
            state = _state(confirmed, is_open=True, mistake=UNEXPECTED)
            return no_update, state, no_update, no_update
        return _after(outcome, confirmed, reloads)


def _after(outcome: Outcome, confirmed: dict[str, Any], reloads: int) -> tuple[Any, Any, Any, Any]:
    if outcome.leads_to is not None:
        state = _state(confirmed, is_open=False) | {"leadsTo": outcome.leads_to}
        return no_update, state, no_update, no_update
    if outcome.body is not None:
        return dialog_with(outcome), _state(confirmed, is_open=True), [], reloads + 1
    return [], _state(confirmed, is_open=False), [note(outcome.note)], reloads + 1


def _state(
    confirmed: Mapping[str, Any], *, is_open: bool, mistake: str | None = None
) -> dict[str, Any]:
    return {"isOpen": is_open, "at": confirmed["at"], "mistake": mistake}


def _named(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the values of fields by their name."""
    return {item["id"]["name"]: item.get("value") for item in items}
