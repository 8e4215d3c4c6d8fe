"""docs/graphql.md is true: what it shows is run, top to bottom, and answered as it says."""

import asyncio
import contextlib
import json
import os
import re
import signal
from pathlib import Path

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from backend.core import attributes
from backend.core.limits import DEFAULTS
from backend.core.scopes import parse_scopes
from backend.identity import clients as identity
from backend.identity.authentication import Identity
from backend.infra.api import relay
from tests.backend.shop import RECORD_SALES, TEA, open_shop, sale
from tests.live import issue_token

GUIDE = (Path(__file__).parents[2] / "docs" / "graphql.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
LONG = 15


def alike(shown, got, path="answer"):
    """Compare an answer with the one shown: the same, but for figures and what has "…" in it."""
    assert type(shown) is type(got), (path, got)
    if isinstance(shown, dict):
        assert shown.keys() == got.keys(), path
        for key in shown:
            alike(shown[key], got[key], f"{path}.{key}")
    elif isinstance(shown, list):
        assert len(shown) == len(got), (path, got)
        for index, (one, other) in enumerate(zip(shown, got, strict=True)):
            alike(one, other, f"{path}.{index}")
    elif ".pulse." not in path and "…" not in str(shown):
        assert shown == got, path


class Reader:
    """Somebody who follows the guide: an OAuth client with a till."""

    def __init__(self, server, credentials):
        self.server = server
        self.credentials = credentials
        self.token = ""
        self.cursor = None
        self.sold = 0
        self.http = httpx2.AsyncClient(base_url=server.url, timeout=LONG)

    async def ask(self, query, variables=None):
        headers = {"Authorization": f"Bearer {self.token}"}
        body = {"query": query, "variables": variables}
        answer = await self.http.post("/graphql", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sell(self):
        self.sold += 1
        sold = {"input": {"sales": [sale(f"meanwhile-{self.sold}", (TEA, 2))]}}
        answer = await self.ask(RECORD_SALES.replace(" netSales profit", ""), sold)
        assert answer["data"]["recordSales"]["acceptedCount"] == 1, answer

    async def shell(self, script, is_enough):
        """Run a script until its output is enough; return that."""
        environment = dict(os.environ, SHELFCAST=self.server.url, TOKEN=self.token)
        process = await asyncio.create_subprocess_exec(
            "sh", "-c", script, env=environment | self.credentials,
            stdout=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        output = ""
        try:
            async with asyncio.timeout(LONG):
                while not is_enough(output):
                    part = await process.stdout.read(65_536)
                    assert part, f"ended after {output!r}"
                    output += part.decode()
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):  # it just ended by itself
                    os.killpg(process.pid, signal.SIGKILL)
            await process.communicate()
        return output

    async def talk(self, script):
        """Play the messages of a socket."""
        url = self.server.socket_url
        async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
            for line in script.splitlines():
                if line.startswith("→ "):
                    await socket.send(json.dumps(self.filled_in(json.loads(line[2:]))))
                elif line.startswith("← "):
                    got = await self.heard(socket)
                    alike(json.loads(line[2:]), got)
                    if got["type"] == "next":
                        self.cursor = got["payload"]["data"]["feed"]["cursor"]
                else:
                    await self.sell()

    def filled_in(self, message):
        payload = message.get("payload", {})
        if "authorization" in payload:
            payload["authorization"] = f"Bearer {self.token}"
        if payload.get("variables", {}).get("after"):
            payload["variables"]["after"] = self.cursor
        return message

    async def heard(self, socket):
        while True:
            message = json.loads(await asyncio.wait_for(socket.recv(), LONG))
            if "FeedHeartbeat" not in json.dumps(message):
                return message


@pytest.fixture
async def reader(server, principal):
    """Follows the guide in an open shop, with a client of the scopes it names."""
    service = server.app.state.services[Identity]
    (scopes,) = re.findall(r'client create .* --scope "(.*)"', GUIDE)
    async with service.database.work(principal) as work:
        made = await identity.create_client(work, "Till 4", parse_scopes(scopes))
    credentials = {"CLIENT_ID": str(made.client_id), "CLIENT_SECRET": made.client_secret}
    reader = Reader(server, credentials)
    reader.token = await issue_token(server.app, principal, ["admin"])
    await open_shop(reader.ask)
    reader.token = ""
    yield reader
    await reader.http.aclose()


async def test_everything_the_guide_shows_works_as_it_says(reader):
    blocks = list(BLOCKS)
    while blocks:
        kind, text = blocks.pop(0)
        assert kind in PLAYS, f"a block nobody runs: {text}"
        await PLAYS[kind](reader, text, blocks)


async def run_script(reader, text, blocks):
    shown = blocks.pop(0)[1]
    if "/oauth/token" in text:
        answer = json.loads(await reader.shell(text, lambda output: output.endswith("}")))
        reader.token = answer["access_token"]
        assert answer.keys() == json.loads(shown).keys()
        assert answer["expires_in"] == json.loads(shown)["expires_in"]
        return
    event, data = (await reader.shell(text, lambda output: "\r\n\r\n" in output)).split("\r\n")[:2]
    assert event == shown.splitlines()[0]
    alike(json.loads(shown.splitlines()[1][5:]), json.loads(data[5:]))


async def run_operation(reader, text, blocks):
    variables = json.loads(blocks.pop(0)[1]) if "$" in text else None
    answer = await reader.ask(text, variables)
    if blocks[0][0] == "json":
        answer.pop("extensions", None)  # what it cost stands in every answer
        alike(json.loads(blocks.pop(0)[1]), answer)
    else:
        assert "errors" not in answer, answer


async def run_messages(reader, text, _):
    await reader.talk(text)


async def leave_alone(*_):
    """Commands are run by the tests of the programs."""


PLAYS = {
    "console": leave_alone,
    "sh": run_script,
    "graphql": run_operation,
    "messages": run_messages,
}


@pytest.mark.parametrize(
    ("what", "most"),
    [
        ("levels of a document", DEFAULTS.max_document_depth),
        ("aliases in a document", DEFAULTS.max_document_aliases),
        ("fields in a document, fragments spread", DEFAULTS.max_document_fields),
        ("tokens in a document", DEFAULTS.max_document_tokens),
        ("characters in a document", DEFAULTS.max_document_length),
        ("rows of a page", relay.MOST_ROWS),
        ("rows of a batch", DEFAULTS.max_batch),
        ("bytes of a body", DEFAULTS.max_body_bytes),
        ("bytes of a socket's message", DEFAULTS.max_message_bytes),
        ("operations open on one socket", DEFAULTS.max_subscriptions),
        ("sockets and event streams of one client", DEFAULTS.max_connections),
        ("cost of an operation", DEFAULTS.max_query_cost),
        ("bytes of `attributes`", attributes.MOST_BYTES),
    ],
)
def test_the_limits_are_the_ones_of_the_code(what, most):
    assert f"| {what} | {most} |" in GUIDE
