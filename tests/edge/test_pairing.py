"""A one-time code makes the agent a client, or leaves everything as it was."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import sys
import tomllib

import pytest

from edge_agent.__main__ import main
from edge_agent.client_key import read_client_key
from edge_agent.settings import load_settings
from tests.edge.certificates import Authority
from tests.edge.conftest import a_read, running, uplink_to
from tests.edge.fake_backend import CLIENT_ID, Answer
from tests.edge.test_uplink import delivered

CODE = "ABCD-EFGH-JKLM"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "edge"
    made.mkdir()
    return made


@pytest.fixture
def config(folder):
    return folder / "edge.toml"


@pytest.fixture
def pair(config, backend, capsys):
    """Runs the command against the backend; gives its exit code and what it said."""
    backend.codes_for_agents.add("ABCDEFGHJKLM")

    async def run(code=CODE, *options, server=True):
        named = ["--server", backend.url.removesuffix("/graphql")] if server else []
        words = ["pair", code, "--config", str(config), *named, *options]
        exit_code = await asyncio.to_thread(main, words)
        return exit_code, "".join(capsys.readouterr())

    return run


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


async def test_a_code_makes_a_client_with_a_key_of_its_own(pair, folder, backend):
    code, _ = await pair()

    assert code == 0
    (metadata,) = backend.registered
    (jwk,) = metadata["jwks"]["keys"]
    assert metadata["token_endpoint_auth_method"] == "private_key_jwt"
    assert metadata["grant_types"] == ["client_credentials"]
    assert (jwk["kty"], jwk["crv"], jwk["alg"], jwk["use"]) == ("EC", "P-256", "ES256", "sig")
    assert "d" not in jwk
    client = json.loads((folder / "edge.json").read_text())
    assert client["client_id"] == CLIENT_ID
    assert read_client_key(folder / client["key_file"]).public_jwk() == jwk


async def test_nobody_else_may_read_what_pairing_wrote(pair, folder):
    usual = os.umask(0)

    await pair()

    os.umask(usual)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {0o600}


async def test_what_pairing_wrote_is_enough_to_deliver(pair, config, outbox, backend):
    await pair()
    settings = load_settings(config, {})
    await outbox.append([a_read()])

    async with uplink_to(settings.uplink, outbox) as uplink, running(uplink):
        await delivered(outbox)

    assert len(backend.ledger) == 1


async def test_the_first_configuration_names_the_devices_of_the_place(pair, config, backend):
    backend.shop = {
        "location": "north-1",
        "devices": [
            {"code": "TILL-1", "name": "Till 1", "readPoints": [{"code": "CHECKOUT"}]},
            {"code": 'odd "one"', "name": "x\nurl = 'evil'", "readPoints": ["A", "B\n[evil]"]},
        ],
    }

    await pair()

    text = config.read_text()
    assert set(tomllib.loads(text)) == {"uplink", "outbox"}
    bare = "\n".join(line.removeprefix("# ") for line in text.splitlines() if "port" not in line)
    devices = tomllib.loads(bare[bare.index("[[devices]]") :])["devices"]
    assert [(one["code"], one["read_point"]) for one in devices] == [
        ("TILL-1", "CHECKOUT"),
        ('odd "one"', "A"),
    ]


async def test_a_second_pairing_takes_the_place_of_the_first(pair, config, folder, backend):
    await pair()
    before = config.read_text()
    backend.codes_for_agents.add("SECOND")

    code, said = await pair("second", server=False)

    assert (code, len(backend.registered)) == (0, 2)
    assert config.read_text() == before
    assert "again" in said
    client = json.loads((folder / "edge.json").read_text())
    assert names_in(folder) == sorted(["edge.json", "edge.toml", client["key_file"]])


@pytest.mark.parametrize(
    "answer",
    [
        Answer(401, b'{"error": "invalid_token", "error_description": "no"}'),
        Answer(400, b'{"error": "invalid_client_metadata"}'),
    ],
    ids=["401", "400"],
)
async def test_a_code_that_is_refused_leaves_nothing(pair, folder, backend, answer):
    backend.script.append(answer)

    code, said = await pair()

    assert code == 2
    assert said.startswith("PAIRING_REFUSED")
    assert names_in(folder) == []


@pytest.mark.parametrize(
    "answer",
    [
        Answer(429, b'{"error": "temporarily_unavailable"}', {"Retry-After": "30"}),
        Answer(503, b"<html>"),
        Answer(200, b"<html>Welcome to Shop WiFi</html>"),
        Answer(201, b"{}"),
        Answer(201, b'{"client_id": "x", "shelfcast": {"graphql_url": "http://shop.example/"}}'),
        Answer(is_lost=True),
    ],
    ids=["429", "503", "captive portal", "not ours", "plain http", "lost"],
)
async def test_after_an_answer_that_decides_nothing_the_same_key_is_tried_again(
    pair, folder, backend, answer
):
    backend.script.append(answer)

    code, _ = await pair()
    (pending,) = names_in(folder)
    key = read_client_key(folder / pending)
    again, _ = await pair()

    assert (code, again) == (2, 0)
    assert backend.registered[-1]["jwks"]["keys"] == [key.public_jwk()]
    assert pending not in names_in(folder)


async def test_a_reply_that_was_lost_after_the_effect_is_hinted_at(pair, backend):
    backend.script.append(Answer(is_lost=True))
    await pair()
    backend.codes_for_agents.clear()

    code, said = await pair()

    assert code == 2
    assert "interrupted" in said


async def test_a_refused_code_leaves_an_earlier_pairing_as_it_was(pair, folder):
    await pair()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    code, _ = await pair("no-such-code")

    assert code == 2
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    "server",
    [
        "http://shop.example",
        "ftp://shop.example",
        "https://a:b@shop.example",
        "https://",
        "http://[",
    ],
)
async def test_a_server_that_a_code_is_not_sent_to_is_refused(config, server, capsys):
    assert main(["pair", CODE, "--config", str(config), "--server", server]) == 2
    assert "PAIRING_REFUSED" in capsys.readouterr().err
    assert not config.exists()


def test_without_a_file_the_server_has_to_be_said(config, capsys):
    assert main(["pair", CODE, "--config", str(config)]) == 2
    assert "--server" in capsys.readouterr().err


async def test_a_file_with_credentials_of_its_own_is_not_paired_beside_them(
    pair, config, backend, folder
):
    config.write_text(f'[uplink]\nurl = "{backend.url}"\nclient_id = "a"\nclient_secret = "hush"\n')

    code, said = await pair(server=False)

    assert code == 2
    assert "client_file" in said
    assert "hush" not in said
    assert names_in(folder) == ["edge.toml"]


async def test_pairing_trusts_the_certificates_it_is_told_to(pair, config, backend, tmp_path):
    authority = Authority(tmp_path / "ca")
    await backend.stop()
    backend.tls = authority.server_context()
    await backend.start()

    refused, _ = await pair()
    code, _ = await pair(CODE, "--ca-file", str(authority.ca_file))

    assert (refused, code) == (2, 0)
    assert load_settings(config, {}).uplink.ca_file == authority.ca_file


@pytest.mark.parametrize("delay_s", [0.0, 0.05, 0.1, 0.2, 0.4])
async def test_killed_at_any_moment_the_agent_is_paired_or_it_is_not(
    config, folder, backend, delay_s
):
    backend.codes_for_agents.add("ABCDEFGHJKLM")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge_agent", "pair", CODE, "--config", str(config),
        "--server", backend.url.removesuffix("/graphql"), stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await asyncio.sleep(delay_s + 0.5)
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)
    await process.wait()

    if (folder / "edge.json").exists():
        client = json.loads((folder / "edge.json").read_text())
        read_client_key(folder / client["key_file"])
    if config.exists():
        assert load_settings(config, {}).uplink.key is not None
