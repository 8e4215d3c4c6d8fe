"""Boards: charts, pivots and words that somebody put together; read, composed, talked about."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from dash import ClientsideFunction, Input, Output, dcc, html
from dash.exceptions import PreventUpdate

from dashboard import sessions
from dashboard.analysis import boards
from dashboard.analysis.answer import ask_each, for_page, head_of
from dashboard.analysis.boards import MOST_BLOCKS, panel_of
from dashboard.analysis.panels import Drawing, Panel
from dashboard.analysis.saved import PERIOD_OF
from dashboard.analysis.view import BadView, parse
from dashboard.pages.analysis_page import READS_KEPT, SHELF, AnalysisPage, Asked, sees_figures
from dashboard.pages.callbacks import PASSING, explained, leave_if_over
from dashboard.people import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash import Dash

    from dashboard.analysis.choices import Retailer
    from dashboard.people import Person
    from dashboard.sessions import Session

WRITES: Final = "reports:write"
ABSENT: Final = {"state": "absent"}
READERS: Final = ("OWNER", "ADMIN", "MANAGER", "ANALYST", "AUDITOR")
"""Roles that may read reports."""

_log = logging.getLogger(__name__)


class BoardsPage(AnalysisPage):
    """The page of boards: what is in its panels depends on the board that the address names."""

    def is_for(self, person: Person) -> bool:
        """Tell whether somebody may open it."""
        return sees_figures(person) and person.may(READS_KEPT)

    async def answer(self, session: Session, asked: Asked) -> dict[str, Any]:
        """Return the list, and the board that the address names.

        Raises:
            BadView: the address asks for what does not exist.
            BackendUnreachable, SignedOut, Refused: as `Session.execute` does.
        """
        now = datetime.now(UTC)
        retailer = await SHELF.retailer(session, now)
        view = parse(asked.search, today=retailer.today(now), known=retailer.recorded)
        named = _Named(asked.search)
        data = await session.execute(boards.BOARDS, named.variables())
        board = next(iter(data["opened"]["nodes"]), None) if named.board else None
        blocks = _blocks(board, named)
        figures = [
            panel_of(number, block, retailer, retailer.today(now))
            for number, block in enumerate(blocks)
            if block["analysis"] or block["pivot"]
        ]
        found, refused = await ask_each(figures, session, view)
        drawn = {
            one.key: _shown(one.draw(view, found[one.key], retailer), one.title)
            for one in figures
            if one.key in found
        }
        words = {
            f"b{number}": {"state": "live", "title": block["title"], "words": block["words"]}
            for number, block in enumerate(blocks)
            if not (block["analysis"] or block["pivot"])
        }
        slots = {f"b{number}": ABSENT for number in range(MOST_BLOCKS)}
        head = {"state": "live", "board": _page_of(board, data, named, retailer, session.person)}
        choices = {"choices": retailer.for_page()} if asked.with_choices else {}
        shown = {**slots, **drawn, **words, **refused, "board": head}
        said = head_of(view, retailer, found)
        return {**said, "asOf": said["asOf"] or now.isoformat(), **choices, "panels": shown}


class _Named:
    """What an address names: a board, one of its versions, and whether it is edited."""

    def __init__(self, search: str) -> None:
        given = parse_qs(search.removeprefix("?"), max_num_fields=1_000)
        self.board = given.get("board", [""])[-1]
        number = given.get("version", [""])[-1]
        if not (number == "" or (number.isdigit() and len(number) < 6)):
            raise BadView(f"“{number[:40]}” is no version of a board.")
        self.number = int(number) if number else None
        self.is_edited = given.get("mode", [""])[-1] == "edit"

    def variables(self) -> dict[str, Any]:
        """Return the variables of the query for it."""
        return {"ids": [self.board] if self.board else [], "number": self.number}


def _blocks(board: Mapping[str, Any] | None, named: _Named) -> Sequence[Mapping[str, Any]]:
    if board is None:
        return ()
    if board["draft"] is not None and (named.is_edited or board["published"] is None):
        blocks: Sequence[Mapping[str, Any]] = board["draft"]
        return blocks
    published = board["published"]
    return () if published is None else published["blocks"]


def _shown(drawing: Drawing, title: str) -> dict[str, Any]:
    if drawing.is_empty:
        return {"state": "empty", "text": drawing.summary, "title": title}
    return {"state": "live", **for_page(drawing), "title": title}


def _page_of(
    board: Mapping[str, Any] | None,
    data: Mapping[str, Any],
    named: _Named,
    retailer: Retailer,
    person: Person,
) -> dict[str, Any]:
    """Return what the scripts of the page show around the blocks."""
    may_write = person.may(WRITES)
    return {
        "all": data["all"]["nodes"],
        "opened": board,
        "isMissing": bool(named.board) and board is None,
        "isEdited": named.is_edited and may_write,
        "mayWrite": may_write,
        "pivots": data["savedPivots"]["nodes"] if may_write else [],
        "analyses": list(retailer.analyses.values()) if may_write else [],
        "locations": dict(retailer.options["location"]),
        "roles": {role: ROLES[role] for role in READERS},
    }


def _slots() -> tuple[Panel, ...]:
    """Return the panels that a board fills; what they ask and draw is made for each board."""
    return tuple(
        Panel(f"b{number}", "", "chart", lambda _: {}, lambda *_: Drawing(""))
        for number in range(MOST_BLOCKS)
    )


def _body() -> html.Div:
    return html.Div(
        [
            html.Div(id="boards-shown", className="boards-shown"),
            dcc.Store(id="board-asked"),
            dcc.Store(id="board-done"),
            dcc.Store(id="board-said"),
        ]
    )


def add_callbacks(app: Dash) -> None:
    """Register what the page does with boards."""

    @app.callback(
        Output("board-done", "data"), Input("board-asked", "data"), prevent_initial_call=True
    )
    async def act(asked: dict[str, Any] | None) -> dict[str, Any]:
        if not asked:
            raise PreventUpdate
        try:
            return {"at": asked["at"], **await _done(asked)}
        except BadView as exc:
            return {"at": asked["at"], "error": str(exc)}
        except PASSING as exc:
            leave_if_over(exc)
            _log.warning("a board cannot be changed: %s", exc)
            return {"at": asked["at"], "error": explained(exc)}

    app.clientside_callback(
        ClientsideFunction("boards", "done"),
        Output("board-said", "data"),
        Input("board-done", "data"),
        prevent_initial_call=True,
    )


DOCUMENTS: Final = {
    "save": boards.SAVE,
    "publish": boards.PUBLISH,
    "delete": boards.DELETE,
    "comment": boards.COMMENT,
    "unsay": boards.UNSAY,
}


async def _done(asked: Mapping[str, Any]) -> dict[str, Any]:
    session, what, given = sessions.current(), asked["what"], dict(asked["input"])
    if what == "save":
        given["blocks"] = [await _block(session, one) for one in given["blocks"]]
    data = await session.execute(DOCUMENTS[what], {"input": given})
    (payload,) = data.values()
    return {"what": what, "board": payload.get("board")}


async def _block(session: Session, block: Mapping[str, Any]) -> dict[str, Any]:
    """Return a block as it is saved; a new one takes its days and filters from the address."""
    kept = {name: value for name, value in block.items() if name not in {"search", "restatedDays"}}
    if "search" not in block:
        return kept
    now = datetime.now(UTC)
    retailer = await SHELF.retailer(session, now)
    view = parse(block["search"], today=retailer.today(now), known=retailer.recorded)
    where = view.sales_filter()
    if view.period != "custom":
        del where["from"], where["to"]
    return {**kept, "period": PERIOD_OF[view.period], "filter": where}


PAGE = BoardsPage(
    key="boards",
    title="Boards",
    lead="Figures with the words of who looked into them.",
    symbol="boards",
    panels=(
        Panel("board", "Boards", "boards", lambda _: {}, lambda *_: Drawing(""), "full", "pivot"),
        *_slots(),
    ),
    has_comparison=False,
    has_files=False,
    has_kept=True,
    bodies={"board": _body},
)
