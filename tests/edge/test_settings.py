"""The configuration file, and what it says about its mistakes."""

from __future__ import annotations

import pytest

from edge_agent.client_key import new_client_key
from edge_agent.drivers import DRIVERS, SerialLine
from edge_agent.drivers.port import FlowControl, Parity
from edge_agent.errors import SettingsInvalid
from edge_agent.presence import ReportMode, TagSettings
from edge_agent.protocols import PROTOCOLS, LineFraming, Terminator
from edge_agent.protocols.llrp import LlrpOptions
from edge_agent.settings import load_settings
from tests.edge.certificates import Authority

GOOD = """
[uplink]
url = "https://shop.example/graphql"
client_id = "a"
client_secret = "hush"
[outbox]
path = "outbox.sqlite3"
[[devices]]
code = "till-1"
read_point = "checkout"
port = "/dev/serial/by-id/scanner"
"""


def load(tmp_path, text, environ=None):
    file = tmp_path / "agent.toml"
    file.write_text(text)
    return load_settings(file, environ or {})


def test_the_smallest_file_is_enough(tmp_path):
    settings = load(tmp_path, GOOD)

    assert settings.uplink.token_url == "https://shop.example/oauth/token"
    assert settings.outbox.path == tmp_path / "outbox.sqlite3"
    assert settings.devices[0].options == LineFraming()


def test_every_setting_of_a_scanner_is_understood(tmp_path):
    text = GOOD + (
        'terminator = "idle"\nidle_gap_ms = 80\nprefix = "\\u0002"\nsuffix = "\\u0003"\n'
        'baudrate = 115200\nprotocol = "lines"\ndriver = "serial"\n'
    )

    (device,) = load(tmp_path, text).devices

    assert device.line.baudrate == 115200
    assert device.options == LineFraming(Terminator.IDLE, b"\x02", b"\x03", 80)


def test_every_protocol_takes_settings_of_its_own(tmp_path):
    text = GOOD.replace("/dev/serial/by-id/scanner", "reader.local:5084") + (
        'protocol = "llrp"\nantennas = [1, 2]\nsession = 2\npower = 60\nkeepalive_s = 5\n'
        '[devices.antenna_points]\n1 = "dock"\n2 = "exit"\n'
        '[devices.tags]\nreport = "both"\nperiod_s = 30\nappear_count = 2\n'
        "appear_window_s = 0.5\nleave_s = 2.5\nmin_rssi = -70\n"
    )

    (device,) = load(tmp_path, text).devices

    assert (device.driver, device.port) == ("tcp", "reader.local:5084")
    assert device.options == LlrpOptions((1, 2), 2, 60, 5)
    assert device.antenna_points == {1: "dock", 2: "exit"}
    assert device.tags == TagSettings(ReportMode.BOTH, 30_000, 2, 500, 2_500, -70)


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_every_protocol_needs_nothing_but_its_name(tmp_path, protocol):
    port = "reader:5084" if PROTOCOLS[protocol].default_driver == "tcp" else "/dev/reader"
    text = GOOD.replace("/dev/serial/by-id/scanner", port) + f'protocol = "{protocol}"\n'

    (device,) = load(tmp_path, text).devices

    assert device.options == PROTOCOLS[protocol]()
    assert device.driver == PROTOCOLS[protocol].default_driver
    assert device.line.baudrate == PROTOCOLS[protocol].default_baudrate


def test_the_serial_line_is_set_by_the_file(tmp_path):
    text = GOOD + (
        'driver = "pyserial"\nbaudrate = 57600\ndata_bits = 7\nparity = "even"\n'
        'stop_bits = 2\nflow_control = "rtscts"\n'
    )

    (device,) = load(tmp_path, text).devices

    assert device.driver == "pyserial"
    assert device.line == SerialLine(57600, 7, Parity.EVEN, 2, FlowControl.RTSCTS)


def test_a_driver_whose_extra_is_missing_says_which(tmp_path, monkeypatch):
    monkeypatch.setitem(DRIVERS, "pyserial", "edge_agent.drivers.not_there")

    with pytest.raises(SettingsInvalid, match=r"shelfcast\[pyserial\]"):
        load(tmp_path, GOOD + 'driver = "pyserial"\n')


def test_the_environment_overrides_the_secret(tmp_path):
    settings = load(tmp_path, GOOD, {"SHELFCAST_EDGE_CLIENT_SECRET": "other"})

    assert settings.uplink.client_secret == "other"
    assert "other" not in repr(settings)


def test_credentials_may_lie_in_a_file_of_their_own(tmp_path):
    (tmp_path / "edge.json").write_text('{"client_id": "b", "client_secret": "c"}')
    text = GOOD.replace('client_id = "a"\nclient_secret = "hush"', 'client_file = "edge.json"')

    settings = load(tmp_path, text)

    assert (settings.uplink.client_id, settings.uplink.client_secret) == ("b", "c")


def test_a_client_file_may_name_the_key_that_lies_beside_it(tmp_path):
    (tmp_path / "client").mkdir()
    key_file = tmp_path / "client" / "edge.pem"
    key = new_client_key()
    key_file.write_bytes(key.pem)
    key_file.chmod(0o600)
    (tmp_path / "client" / "edge.json").write_text('{"client_id": "b", "key_file": "edge.pem"}')
    named = 'client_file = "client/edge.json"'

    settings = load(tmp_path, GOOD.replace('client_id = "a"\nclient_secret = "hush"', named))

    assert (settings.uplink.client_id, settings.uplink.key) == ("b", key)


def test_the_way_to_the_backend_may_be_named(tmp_path):
    authority = Authority(tmp_path / "ca")
    text = GOOD.replace(
        "[outbox]", 'proxy = "http://shop:hush@proxy:3128"\nca_file = "ca/ca.pem"\n[outbox]'
    )

    uplink = load(tmp_path, text).uplink

    assert uplink.proxy == "http://shop:hush@proxy:3128"
    assert uplink.ca_file == authority.ca_file
    assert "hush" not in repr(uplink)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('url = "https://shop.example/graphql"', "", "uplink.url"),
        ("https://shop.example/graphql", "shop.example", "uplink.url"),
        ("https://shop.example/graphql", "https://[", "uplink.url"),
        ('client_secret = "hush"', "", "uplink.client_secret"),
        ('client_secret = "hush"', "client_secret = 7", "uplink.client_secret"),
        ('client_id = "a"', 'client_file = "none.json"', "uplink.client_file"),
        ('client_id = "a"', 'client_idd = "a"', "uplink.client_id"),
        ("[outbox]", 'proxy = "shop:hush@proxy:1"\n[outbox]', "uplink.proxy"),
        ("[outbox]", 'proxy = "socks5://proxy"\n[outbox]', "uplink.proxy"),
        ("[outbox]", 'ca_file = "none.pem"\n[outbox]', "uplink.ca_file"),
        ("[outbox]", 'ca_file = "agent.toml"\n[outbox]', "uplink.ca_file"),
        ("https://shop.example/graphql", "https://a:hush@shop.example/graphql", "uplink.url"),
        ('client_secret = "hush"', 'key_file = "none.pem"', "uplink.key_file"),
        ('client_secret = "hush"', 'key_file = "agent.toml"', "uplink.key_file"),
        ("[outbox]", "[outbox]\nmax_rows = 0", "outbox.max_rows"),
        ("[outbox]", "[outbox]\nmax_rows = 1.5", "outbox.max_rows"),
        ("[outbox]", "[outbox]\nmax_age_h = -1", "outbox.max_age_h"),
        ("[outbox]", "[outbox]\nballast_bytes = 4096", "outbox.ballast_bytes"),
        ("[outbox]", '[outbox]\nmax_bytes = "1GB"', "outbox.max_bytes"),
        ('path = "outbox.sqlite3"', 'path = ""', "outbox.path"),
        ("[[devices]]", "[devices]", "devices"),
        ('code = "till-1"', "", "devices[0].code"),
        ("[[devices]]", '[[devices]]\nprotocol = "morse"', "devices[0].protocol"),
        ("[[devices]]", '[[devices]]\nterminator = "tab"', "devices[0].terminator"),
        ("[[devices]]", '[[devices]]\nprefix = "€"', "devices[0].prefix"),
        ("[[devices]]", "[[devices]]\nbaudrate = true", "devices[0].baudrate"),
        ("[[devices]]", "[[devices]]\nbaud = 9600", "devices[0].baud"),
        ("[[devices]]", '[[devices]]\ndriver = "usb"', "devices[0].driver"),
        ("[[devices]]", '[[devices]]\ndriver = "tcp"', "devices[0].port"),
        ("[[devices]]", '[[devices]]\nparity = "mark"', "devices[0].parity"),
        ("[[devices]]", "[[devices]]\naim = 1", "devices[0].aim"),
        ("[[devices]]", '[[devices]]\nprotocol = "a0"\nantennas = [1, 1]', "devices[0].antennas"),
        ("[[devices]]", '[[devices]]\nprotocol = "a0"\nantennas = [9]', "devices[0].antennas"),
        ("[[devices]]", '[[devices]]\nprotocol = "a0"\nantennas = 1.5', "devices[0].antennas"),
        ("[[devices]]", '[[devices]]\nprotocol = "bb"\nprefix = "x"', "devices[0].prefix"),
        ("[[devices]]", "[[devices]]\ntags = { leave_s = 0 }", "devices[0].tags.leave_s"),
        ("[[devices]]", "[[devices]]\ntags = { leave = 1 }", "devices[0].tags.leave"),
        ("[[devices]]", '[[devices]]\nantenna_points = { a = "x" }', "devices[0].antenna_points.a"),
        ("[uplink]", 'log_level = "LOUD"\n[uplink]', "log_level"),
        ("[uplink]", "colour = 1\n[uplink]", "colour"),
        ("[uplink]", "uplink = 3\n[x]", "uplink"),
        ("[uplink]", "[uplink", "file"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path, old, new, key):
    with pytest.raises(SettingsInvalid) as caught:
        load(tmp_path, GOOD.replace(old, new))

    assert caught.value.key == key
    assert "agent.toml" in caught.value.message
    assert "hush" not in caught.value.message


def test_one_port_cannot_belong_to_two_devices(tmp_path):
    with pytest.raises(SettingsInvalid, match="used twice"):
        load(tmp_path, GOOD + GOOD[GOOD.index("[[devices]]") :])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsInvalid, match="nowhere"):
        load_settings(tmp_path / "nowhere.toml", {})
