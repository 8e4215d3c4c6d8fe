"""How agents are told to run: configurations, checked and compared, on their way in waves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from dashboard.figures.field import checks_field, choice_field, code_field, field_id, text_field
from dashboard.figures.panel import attributes
from dashboard.figures.record import ask_button
from dashboard.fleet_queries import (
    AGENT_CONFIGURATION,
    CANCEL_ROLLOUT,
    CHECK_CONFIGURATION,
    FLEET,
    PAUSE_ROLLOUT,
    RESUME_ROLLOUT,
    ROLL_BACK_ROLLOUT,
    START_ROLLOUT,
)
from dashboard.pages.records import Action, Mistaken, Outcome, Preview, Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash.development.base_component import Component

    from dashboard.sessions import Session

KEY = "devices"
OPEN = frozenset({"RUNNING", "PAUSED"})
WAVES = {
    "10 100": "One first, then a tenth, then all",
    "100": "One first, then all",
    "10 50 100": "One first, then a tenth, half, all",
}
TRIALS = {"60": "A minute", "120": "Two minutes", "600": "Ten minutes"}
EMPTY = """\
# What stands here takes the place of the agent's own file, but for where it sends, who it is and
# where its files lie. Without [[devices]] each agent keeps the devices of its own file.
log_level = "INFO"
"""


def buttons_of(rollout: Mapping[str, Any]) -> list[Component]:
    """Return what can be done with a roll-out as it is."""
    key, state = rollout["id"], rollout["state"]
    name = f"configuration {rollout['configurationVersion']}"
    shown = []
    if state == "RUNNING":
        shown.append(ask_button("pause", "Pause", key=key, name=f"Pause {name}"))
    if state == "PAUSED":
        shown.append(ask_button("resume", "Go on", key=key, name=f"Go on with {name}"))
    if state in OPEN:
        shown.append(ask_button("cancel", "Cancel", key=key, name=f"Cancel {name}"))
    if state != "ROLLED_BACK":
        back = ask_button("back", "Roll back", key=key, kind="danger", name=f"Roll back {name}")
        shown.append(back)
    return shown


async def _ask_configuration(session: Session, agent: Mapping[str, Any]) -> Question:
    fleet = (await session.execute(FLEET))["agents"]["nodes"]
    chosen = [agent["id"]] if agent else [one["id"] for one in fleet if one["state"] == "REPORTING"]
    version = agent.get("wantedVersion") or 0
    document = (await _document(session, version)) if version else EMPTY
    name = agent["name"] if agent else "several agents"
    key = agent["id"] if agent else ""
    compare = html.Button(
        "Check and compare",
        className="button quiet compare",
        type="button",
        **attributes(data_action="confirm", data_ask="compare", data_key=key),
    )
    based_on = f"Based on version {version}." if version else "It begins empty."
    return Question(
        f"A configuration for {name}",
        [
            code_field(field_id(KEY, "document"), "Configuration (TOML)", value=document,
                       hint=f"{based_on} No secrets: they stay on the agent's machine."),
            html.Div(compare),
            text_field(field_id(KEY, "note"), "Why", hint="For whoever reads it later."),
            checks_field(
                field_id(KEY, "agents"),
                "For",
                options={one["id"]: one["name"] for one in fleet},
                value=chosen,
            ),
            choice_field(
                field_id(KEY, "waves"), "In waves", options=WAVES, value="10 100", is_compact=True
            ),
            choice_field(
                field_id(KEY, "trial"),
                "Each tries it for",
                options=TRIALS,
                value="120",
                hint="All go back as soon as one cannot use it or is not heard of.",
                is_compact=True,
            ),
        ],
        "Roll out",
    )  # fmt: skip


async def _document(session: Session, version: int) -> str:
    found = await session.execute(AGENT_CONFIGURATION, {"versions": [version]})
    nodes = found["agentConfigurations"]["nodes"]
    return nodes[0]["document"] if nodes else EMPTY


async def _compare(
    session: Session, agent: Mapping[str, Any], answers: Mapping[str, Any]
) -> Outcome:
    diff = await _checked(session, agent, answers)
    raise Preview(diff or "Nothing changes against the version it is based on.")


async def _start(session: Session, agent: Mapping[str, Any], answers: Mapping[str, Any]) -> Outcome:
    await _checked(session, agent, answers)
    wanted = {
        "agents": answers["agents"],
        "document": answers["document"],
        "note": (answers["note"] or "").strip() or None,
        "basedOn": agent.get("wantedVersion"),
        "wavePercents": list(map(int, answers["waves"].split())),
        "trialSeconds": int(answers["trial"]),
    }
    made = (await session.execute(START_ROLLOUT, {"input": wanted}))["startAgentRollout"]["rollout"]
    waves = f" in {made['waves']} waves" if made["waves"] > 1 else ""
    return Outcome(f"Configuration {made['configurationVersion']} is on its way{waves}.")


async def _checked(session: Session, agent: Mapping[str, Any], answers: Mapping[str, Any]) -> str:
    """Return what a configuration changes; what is wrong with it is told by line."""
    if not answers["agents"]:
        raise Mistaken("Tick for whom it is.")
    asked = {
        "document": answers["document"] or "",
        "agents": answers["agents"],
        "basedOn": agent.get("wantedVersion"),
    }
    check = (await session.execute(CHECK_CONFIGURATION, asked))["checkAgentConfiguration"]
    if check["problems"]:
        raise Mistaken("\n".join(map(problem_text, check["problems"])))
    return check["diff"]


def problem_text(problem: Mapping[str, Any]) -> str:
    """Return a problem as a line: where, what, why."""
    where = [f"Line {problem['line']}"] if problem["line"] else []
    where += [problem["key"]] if problem["key"] else []
    return f"{', '.join(where)}: {problem['message']}" if where else problem["message"]


def _steering(document: str, title: str, text: str, done: str, *, danger: bool = False) -> Action:
    """Return the action that does one thing with a roll-out."""

    async def ask(_: Session, rollout: Mapping[str, Any]) -> Question:
        name = f"configuration {rollout['configurationVersion']}"
        return Question(
            f"{title} {name}?", [html.P(text)], title.rpartition(" with")[0] or title,
            is_dangerous=danger,
        )  # fmt: skip

    async def run(session: Session, rollout: Mapping[str, Any], _: Mapping[str, Any]) -> Outcome:
        await session.execute(document, {"input": {"id": rollout["id"]}})
        return Outcome(f"Configuration {rollout['configurationVersion']} {done}.")

    return Action(ask, run)


ACTIONS = {
    "configure": Action(_ask_configuration, _start),
    "compare": Action(_ask_configuration, _compare),
    "pause": _steering(
        PAUSE_ROLLOUT,
        "Pause",
        "No further agent gets it until it goes on. One that cannot use it still ends it.",
        "is paused",
    ),
    "resume": _steering(RESUME_ROLLOUT, "Go on with", "The next agents get it.", "goes on"),
    "cancel": _steering(
        CANCEL_ROLLOUT,
        "Cancel",
        "No further agent gets it. Those that have it keep it.",
        "is cancelled",
    ),
    "back": _steering(
        ROLL_BACK_ROLLOUT,
        "Roll back",
        "All agents that have it go back to what they had before.",
        "is taken back",
        danger=True,
    ),
}
