import tomllib

import pytest
from hypothesis import given, strategies as st

from backend.fleet.documents import MOST_BYTES, diff_of, problems_of

PLACES = {"pi-north": {"TILL-1": frozenset({"till"}), "DOCK-1": frozenset({"dock", "door"})}}
GOOD = """
log_level = "DEBUG"
[uplink]
max_batch = 200
[outbox]
max_rows = 1000
[[devices]]
code = "TILL-1"
read_point = "till"
port = "/dev/ttyUSB0"
[[devices]]
code = "DOCK-1"
port = "reader.local:5084"
protocol = "llrp"
[devices.antenna_points]
1 = "dock"
2 = "door"
"""


def found(text):
    return [(problem.line, problem.key) for problem in problems_of(text, PLACES)]


@pytest.mark.parametrize("text", ["", GOOD, "[metrics]\nport = 9000\n"])
def test_a_good_document_has_no_problems(text):
    assert found(text) == []


WRONG = {
    "not TOML": ("a = 1\nb = = 2\n", [(2, None)]),
    "unknown table": ("\n[mail]\nto = 1\n", [(2, "mail")]),
    "unknown key": ("speed = 1\n", [(1, "speed")]),
    "where it sends": ('[uplink]\nurl = "https://x"\n', [(2, "uplink.url")]),
    "who it is": ('[uplink]\nclient_secret = "x"\n', [(2, "uplink.client_secret")]),
    "through whom": ('[uplink]\nproxy = "http://x"\n', [(2, "uplink.proxy")]),
    "whom it trusts": ('[uplink]\nca_file = "/x"\n', [(2, "uplink.ca_file")]),
    "outbox path": ('[outbox]\nmax_rows = 1\npath = "/x"\n', [(3, "outbox.path")]),
    "log file": ('[log]\nfile = "/etc/passwd"\n', [(1, "log")]),
    "secret by name": ('[metrics]\napi_key = "x"\n', [(2, "metrics.api_key")]),
    "secret by look": (f'log_level = "scs_{"A" * 43}"\n', [(1, "log_level")]),
    "key": ('log_level = "-----BEGIN PRIVATE KEY-----"\n', [(1, "log_level")]),
    "address with password": ('log_level = "http://u:p@host/"\n', [(1, "log_level")]),
    "table as value": ("uplink = 1\n", [(1, "uplink")]),
    "value as table": ("[log_level]\na = 1\n", [(1, "log_level")]),
    "devices once": ("[devices]\ncode = 'x'\n", [(1, "devices")]),
    "unknown device": (
        '[[devices]]\ncode = "TILL-9"\nread_point = "till"\nport = "a"\n',
        [(2, "devices.0.code")],
    ),
    "unknown read point": (
        '[[devices]]\ncode = "TILL-1"\nport = "a"\nread_point = "dock"\n',
        [(4, "devices.0.read_point")],
    ),
    "unknown point of an antenna": (
        '[[devices]]\ncode = "DOCK-1"\nport = "a"\n[devices.antenna_points]\n7 = "roof"\n',
        [(5, "devices.0.antenna_points.7")],
    ),
    "a port twice": (
        GOOD.replace("reader.local:5084", "/dev/ttyUSB0"),
        [(13, "devices.1.port")],
    ),
    "no code, no port": (
        "[[devices]]\nread_point = 'x'\n",
        [(1, "devices.0.code"), (1, "devices.0.port")],
    ),
    "no read point": ('[[devices]]\ncode = "TILL-1"\nport = "a"\n', [(1, "devices.0.read_point")]),
    "too long": ("# " + "x" * MOST_BYTES, [(None, None)]),
    "what cannot be kept": ("a = '\x00'", [(None, None)]),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_by_line_and_key(text, expected):
    assert found(text) == expected


def test_a_device_must_be_where_every_one_of_the_agents_is():
    places = PLACES | {"pi-south": {}}

    messages = [problem.message for problem in problems_of(GOOD, places)]

    assert len(messages) == 2
    assert all("pi-south" in message for message in messages)


@given(st.text(max_size=200))
def test_whatever_is_typed_is_judged(text):
    problems = problems_of(text, PLACES)

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assert problems
    else:
        assert problems or set(values) <= {
            "log_level",
            "uplink",
            "outbox",
            "devices",
            "metrics",
        }


@given(st.lists(st.sampled_from(["a = 1", "b = 2", "[c]", "# d"])), st.lists(st.just("e = 5")))
def test_a_diff_is_empty_only_where_nothing_changed(before, more):
    one, other = "\n".join(before), "\n".join([*before, *more])

    assert (diff_of(one, other) == "") == (one.splitlines() == other.splitlines())


def test_a_diff_shows_what_goes_and_what_comes():
    assert diff_of("a = 1\nb = 2\n", "a = 1\nb = 3\n") == "@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+b = 3"
