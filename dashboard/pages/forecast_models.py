"""The models that forecast: every version with its measures, trained, promoted and rolled back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dash import html

from dashboard.analysis.forecast_words import (
    FAMILIES,
    ORIGINS,
    STATUSES,
    better,
    verdict_words,
    written,
)
from dashboard.figures.agents import sign
from dashboard.figures.panel import attributes
from dashboard.figures.record import ask_button, buttons, moment, nothing_here, table, two_lines
from dashboard.forecast_queries import FORECAST_MODELS, PROMOTE, RETRAIN, ROLL_BACK, TRAIN
from dashboard.pages.records import Action, Listing, Outcome, Question, RecordPage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

    from dashboard.people import Person
    from dashboard.sessions import Session

KEY: Final = "forecast"
READS: Final = "forecast:read"
WRITES: Final = "forecast:write"
RUNS: Final = {
    "WAITING": ("Waiting", "plain", "clock"),
    "RUNNING": ("Running", "plain", "refresh"),
    "SUCCEEDED": ("Done", "good", "check"),
    "FAILED": ("Failed", "bad", "alert"),
}
RUN_KINDS: Final = {"TRAIN": "Training", "RETRAIN": "Training anew", "UPDATE": "Learning on"}
REASONS: Final = {
    "ASKED_FOR": "somebody asked for it",
    "NIGHTLY": "every night",
    "FIRST_SALES": "the first sales came",
    "NEW_SALES": "something was sold",
    "DRIFT": "the forecast became worse",
    "PROMOTED": "another model forecasts",
}


async def load(session: Session, _: Mapping[str, Any], after: str | None) -> Listing:
    """Return the last runs and the trained models with what they learned on since."""
    data = await session.execute(FORECAST_MODELS, {"after": after})
    models = data["forecastModels"]["nodes"]
    zone, may_write = data["organisation"]["timezone"], session.person.may(WRITES)
    page = data["forecastModels"]["pageInfo"]
    runs = [_run(run, zone) for run in data["forecastRuns"]["nodes"]]
    body: list[Component] = [
        html.Div(
            [
                html.Div(runs, className="forecast-runs", **attributes(aria_live="polite")),
                html.Div(_head_buttons(models) if may_write else [], className="head-buttons"),
            ],
            className="fleet-standing",
        )
    ]
    if models:
        updates = data["updates"]
        rows = [
            _row(model, Updates.of(model, updates), zone, may_write=may_write) for model in models
        ]
        body.append(table(_COLUMNS, rows, name="Models"))
    else:
        body.append(nothing_here("trend", _missing(may_write=may_write)))
    known = {model["id"]: model for model in models}
    return Listing(body, known, page["endCursor"] if page["hasNextPage"] else None)


_COLUMNS: Final = (
    "Version", "Standing", "Trained through", "Beside the weekday mean", "MASE", "Pinball", "Bias",
    "Coverage", "",
)  # fmt: skip
MOST_LISTED: Final = 12


@dataclass(frozen=True, slots=True)
class Updates:
    """What a trained model learned on since, the newest first; `is_more`: not all are known."""

    nodes: tuple[Mapping[str, Any], ...]
    is_more: bool

    @classmethod
    def of(cls, model: Mapping[str, Any], found: Mapping[str, Any]) -> Updates:
        """Return those of a model; where the list ends among them there may be more."""
        own = tuple(one for one in found["nodes"] if one["rootId"] == model["id"])
        ends = found["pageInfo"]["hasNextPage"] and found["nodes"][-1]["rootId"] == model["id"]
        return cls(own, bool(ends))

    @property
    def champion(self) -> Mapping[str, Any] | None:
        """Return the one that forecasts; None: none of them does."""
        return next((one for one in self.nodes if one["status"] == "CHAMPION"), None)


def _missing(*, may_write: bool) -> str:
    text = "No model was trained yet: a few days with sales are enough."
    return f"{text} Press “Train”." if may_write else f"{text} An analyst or an owner trains one."


def _head_buttons(models: Sequence[Mapping[str, Any]]) -> list[Component]:
    if not models:
        return [ask_button("train", "Train", kind="primary")]
    has_earlier = len(models) > 1 and any(model["status"] == "RETIRED" for model in models)
    back = [ask_button("roll-back", "Roll back", symbol="return")] if has_earlier else []
    return [*back, ask_button("retrain", "Train anew", symbol="refresh")]


def _run(run: Mapping[str, Any], zone: str) -> Component:
    """Return what a run does and how far it is; a finished one in a word."""
    word, kind, symbol = RUNS[run["status"]]
    is_going = run["status"] in {"WAITING", "RUNNING"}
    percent = round(run["progress"] * 100)
    said = [f"{RUN_KINDS[run['kind']]}, because {REASONS[run['reason']]}"]
    said += [f", {run['step']}" if is_going and run["step"] else ""]
    said += [f": {_verdict(run)}" if not is_going and _verdict(run) else ""]
    bar = html.Progress(value=str(percent), max="100", **attributes(aria_label="How far it is"))
    return html.P(
        [
            sign(f"{word} {percent} %" if is_going else word, kind, symbol),
            html.Span("".join(said)),
            *([bar] if is_going else []),
            moment(run["endedAt"] or run["startedAt"] or run["requestedAt"], zone),
        ],
        className="forecast-run",
        **attributes(data_run=run["id"], data_status=run["status"].lower()),
    )


def _verdict(run: Mapping[str, Any]) -> str:
    if run["errorMessage"]:
        return run["errorMessage"]
    promoted = {True: "its model forecasts now", False: "its model was not promoted"}
    words = [promoted.get(run["promoted"], ""), verdict_words(run["verdict"])]
    return ", ".join(filter(None, words))


def _row(model: Mapping[str, Any], updates: Updates, zone: str, *, may_write: bool) -> list[Any]:
    """Return a trained model; what it learned on since lies folded under it."""
    is_forecasting = updates.champion is not None
    status = "CHAMPION" if is_forecasting else model["status"]
    word, kind, symbol = STATUSES[status]
    of = f"{FAMILIES[model['family']]}, {ORIGINS[model['origin']]}; {model['series']:,} series"
    may_promote = status in {"RETIRED", "REJECTED"}
    promote = ask_button(
        "promote", "Promote", key=model["id"], name=f"Promote version {model['version']}"
    )
    last = updates.nodes[0]["trainedThrough"] if updates.nodes else model["trainedThrough"]
    return [
        html.Div([two_lines(f"{model['version']}", of), *_folded(model, updates, zone)]),
        two_lines(sign(word, kind, symbol), verdict_words(model["verdict"])),
        moment(last, zone),
        _compared(model),
        *[_measure(model, name) for name in ("mase", "pinball", "bias", "coverage90")],
        buttons(promote) if may_write and may_promote else "",
    ]


def _folded(model: Mapping[str, Any], updates: Updates, zone: str) -> list[Component]:
    """Return the updates of a model as a line that opens."""
    if not updates.nodes:
        return []
    count = f"{len(updates.nodes):,}{' or more' if updates.is_more else ''}"
    times = "time" if count == "1" else "times"
    lines = [
        html.Li(
            [
                f"Version {one['version']}, through ",
                moment(one["trainedThrough"], zone),
                *([html.Strong(": forecasts")] if one["status"] == "CHAMPION" else []),
            ]
        )
        for one in updates.nodes[:MOST_LISTED]
    ]
    rest = len(updates.nodes) - len(lines)
    if rest > 0:
        lines.append(html.Li(f"and {rest:,} before"))
    return [
        html.Details(
            [html.Summary(f"Learned on {count} {times} since"), html.Ul(lines)],
            className="model-updates",
            **attributes(data_fold=model["id"]),
        )
    ]


def _compared(model: Mapping[str, Any]) -> Component | str:
    """Return how much less it misses than the weekday mean, and under it what both miss."""
    mine = (model["metrics"] or {}).get("wape")
    if mine is None:
        return "–"
    mean = (model["baselines"] or {}).get("weekday_mean", {}).get("wape")
    words = better(mine, mean, "it").removesuffix(" than it") or "–"
    beside = "" if mean is None else f", it {written('wape', mean)}"
    return two_lines(f"{words[:1].upper()}{words[1:]}", f"WAPE {written('wape', mine)}{beside}")


def _measure(model: Mapping[str, Any], name: str) -> Component | str:
    """Return a measure, and under it what the weekday mean would have had."""
    mine = (model["metrics"] or {}).get(name)
    if mine is None:
        return "–"
    mean = (model["baselines"] or {}).get("weekday_mean", {}).get(name)
    if name == "coverage90":
        return two_lines(written(name, mine), "goal 90 %")
    beside = "" if mean is None else f"weekday mean {written(name, mean)}"
    return two_lines(written(name, mine), beside)


async def _ask_train(_: Session, __: Mapping[str, Any]) -> Question:
    return Question(
        "Train a model",
        [html.P("A worker learns from all that was sold. It takes seconds to minutes, and goes on"
                " when this page is closed. The model forecasts only if it beats the weekday mean.",
                className="field-hint")],
        "Train",
    )  # fmt: skip


async def _train(session: Session, _: Mapping[str, Any], __: Mapping[str, Any]) -> Outcome:
    await session.execute(TRAIN)
    return Outcome("Training was asked for.")


async def _retrain(session: Session, _: Mapping[str, Any], __: Mapping[str, Any]) -> Outcome:
    await session.execute(RETRAIN)
    return Outcome("Training anew was asked for.")


async def _ask_promote(_: Session, model: Mapping[str, Any]) -> Question:
    verdict = verdict_words(model.get("verdict"))
    said = f" When it was judged: {verdict}." if verdict else ""
    return Question(
        f"Let version {model['version']} forecast",
        [html.P(f"All forecasts are made anew by it, whatever was thought of it.{said}",
                className="field-hint")],
        "Promote",
        is_dangerous=model["status"] == "REJECTED",
    )  # fmt: skip


async def _promote(session: Session, model: Mapping[str, Any], _: Mapping[str, Any]) -> Outcome:
    await session.execute(PROMOTE, {"input": {"id": model["id"]}})
    return Outcome(f"Version {model['version']} forecasts; its forecasts are being made.")


async def _ask_roll_back(_: Session, __: Mapping[str, Any]) -> Question:
    return Question(
        "Go back to the model before",
        [html.P("The model that forecast before does so again; its forecasts are made anew.",
                className="field-hint")],
        "Roll back",
        is_dangerous=True,
    )  # fmt: skip


async def _roll_back(session: Session, _: Mapping[str, Any], __: Mapping[str, Any]) -> Outcome:
    await session.execute(ROLL_BACK)
    return Outcome("The model before forecasts again.")


def _is_for(person: Person) -> bool:
    return person.may(READS)


MODELS: Final = RecordPage(
    key=KEY,
    title="Models",
    lead="",
    symbol="trend",
    is_for=_is_for,
    load=load,
    actions={
        "train": Action(_ask_train, _train),
        "retrain": Action(_ask_train, _retrain),
        "promote": Action(_ask_promote, _promote),
        "roll-back": Action(_ask_roll_back, _roll_back),
    },
)
"""What stands in a panel of the page of forecasts."""
