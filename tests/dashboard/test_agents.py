"""The figures of agents: equality on what people read."""

import json

import pytest

from dashboard.figures import agents
from dashboard.pages.devices import criteria, remedy
from dashboard.pages.rollouts import buttons_of, problem_text

ZONE = "Europe/Berlin"


def texts(component):
    """Return the texts of a component, in reading order."""
    if component is None or isinstance(component, str | int):
        return [] if component is None else [str(component)]
    if isinstance(component, list | tuple):
        return [text for one in component for text in texts(one)]
    return texts(getattr(component, "children", None))


def agent(**changes):
    return {
        "id": "1", "name": "pi-north", "state": "REPORTING", "troubles": [],
        "heardAt": "2026-01-01T12:00:00Z", "softwareVersion": "0.1.0", "hostname": "pi",
        "startedAt": None, "clockSkewMs": 12, "lastError": None, "wantedVersion": None,
        "locations": [{"code": "n", "name": "North"}],
        "outbox": {"depth": 1200, "bytes": 1, "refused": 2, "dropped": 3, "parked": 4,
                   "oldestAt": "2026-01-01T11:00:00Z"},
        "devices": [port()],
        "configuration": {"version": None, "state": "CONFIRMED", "error": None},
        **changes,
    }  # fmt: skip


def port(**changes):
    return {
        "code": "TILL-1", "port": "/dev/ttyUSB0", "state": "CONNECTED", "protocol": "lines",
        "reads": 1234, "garbage": 0, "lastReadAt": "2026-01-01T12:00:00Z", "lastError": None,
        **changes,
    }  # fmt: skip


def test_a_card_says_how_an_agent_is_in_words_and_with_the_zone():
    words = " ".join(
        texts(agents.agent_card(agent(state="SILENT", troubles=["CLOCK_WRONG"]), ZONE, []))
    )

    for expected in (
        "pi-north", "North", "Silent", "Clock wrong", "1,200", "2 refused, 3 dropped",
        "12 ms ahead", "Its own file", "CET",
    ):  # fmt: skip
        assert expected in words


def test_what_went_wrong_is_told_once_for_the_agent_and_its_configuration():
    told = {"version": 3, "state": "REJECTED", "error": "port: is missing"}

    words = texts(agents.agent_card(agent(lastError="no network", configuration=told), ZONE, []))

    assert "Last error: no network" in words
    assert "Configuration: port: is missing" in words
    assert "Version 3, rejected" in words


@pytest.mark.parametrize("state", agents.STATES)
def test_every_state_has_a_word_and_an_icon(state):
    word, _, symbol = agents.STATES[state]

    assert word
    assert symbol


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (None, "Not known"),
        (0, "Right"),
        (-40, "40 ms behind"),
        (61_000, "61.0 s ahead"),
        (-7_200_000, "120 min behind"),
    ],
)
def test_a_clock_is_told_in_words(milliseconds, text):
    assert agents.skew_text(milliseconds) == text


@pytest.mark.parametrize(
    ("told", "wanted", "text"),
    [
        (None, None, "Its own file, not told"),
        ({"version": None, "state": "CONFIRMED"}, 2, "Its own file; version 2 is on its way"),
        ({"version": 2, "state": "TRIAL"}, 2, "Version 2, on trial"),
        ({"version": 2, "state": "ROLLED_BACK"}, None, "Version 2, rolled back"),
    ],
)
def test_a_configuration_is_told_in_words(told, wanted, text):
    assert agents.configuration_text({"configuration": told, "wantedVersion": wanted}) == text


def test_a_grid_is_data_for_the_scripts_and_marks_states():
    place = agents.grid(
        ["State"], [[agents.cell("Open", sign=agents.PORTS["CONNECTED"])]], name="x"
    )

    content = json.loads(place.to_plotly_json()["props"]["data-table"])
    assert content["rows"] == [[{"text": "Open", "note": None, "kind": "good", "symbol": "check"}]]


def test_many_places_are_cut_short():
    found = [{"name": f"Store {number}"} for number in range(5)]

    assert agents.places(found) == "Store 0, Store 1 and 3 more"
    assert agents.places([]) == "Nowhere yet"


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        ({"show": "silent"}, {"states": ["SILENT"]}),
        ({"show": "revoked", "text": " pi "}, {"states": ["REVOKED"], "text": "pi"}),
        ({"show": "silent", "locations": "a, b"}, {"states": ["SILENT"], "locations": ["a", "b"]}),
    ],
)
def test_the_fields_choose_among_the_agents(chosen, wanted):
    assert criteria(chosen) == wanted


def test_what_to_do_about_a_code_depends_on_what_it_says():
    assert "04006381333931" in remedy({"gtin": "04006381333931"})
    assert "Scan" in remedy({"gtin": None})


def test_a_problem_names_line_and_key():
    problem = {"line": 3, "key": "uplink.url", "message": "is the agent's own"}

    assert problem_text(problem) == "Line 3, uplink.url: is the agent's own"
    assert problem_text({"line": None, "key": None, "message": "too long"}) == "too long"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("RUNNING", ["Pause", "Cancel", "Roll back"]),
        ("PAUSED", ["Go on", "Cancel", "Roll back"]),
        ("COMPLETED", ["Roll back"]),
        ("ROLLED_BACK", []),
    ],
)
def test_a_roll_out_offers_what_its_state_allows(state, words):
    rollout = {"id": "1", "state": state, "configurationVersion": 4}

    assert [texts(one)[0] for one in buttons_of(rollout)] == words
