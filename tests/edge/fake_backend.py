"""The backend's side of the wire: tokens and mutations, over real HTTP on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import time
from collections import deque
from dataclasses import dataclass, field
from email.utils import formatdate
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

CLIENT_ID, CLIENT_SECRET = "shop-7", "s3cret"


@dataclass
class Answer:
    """One scripted reply to an ingest request."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    is_applied: bool = False
    is_lost: bool = False


def graphql_error(code: str, *, status: int = 200) -> Answer:
    error = {"message": "no", "extensions": {"code": code}, "path": ["ingestReads"]}
    return Answer(status, json.dumps({"data": None, "errors": [error]}).encode())


class FakeBackend:
    """A ledger that takes each key once; `script` holds the next replies, `refuse` a rule."""

    def __init__(self) -> None:
        self.ledger: dict[str, dict] = {}
        self.batches: list[dict] = []
        self.devices: dict[str, str] = {}
        self.seen_at: dict[str, float] = {}
        self.script: deque[Answer] = deque()
        self.refuse = lambda _reads: None
        self.reject = lambda _read: None
        self.tokens = 0
        self.expires_in = 600
        self.clock_offset_s = 0.0
        self.reports: list[dict] = []
        self.report_answer: Answer | None = None
        self.offered: dict | None = None
        self.heartbeat_s = 30
        self.takes_gzip = True
        self.encodings: list[str] = []
        self.keys: list[dict] = []
        self.assertions: set[str] = set()
        self.codes_for_agents: set[str] = set()
        self.registered: list[dict] = []
        self.shop = {"location": "north-1", "devices": []}
        self.tls = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self):
        await self.start()
        return self

    async def __aexit__(self, *_):
        await self.stop()

    @property
    def url(self) -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self.port}/graphql"

    @property
    def token_url(self) -> str:
        return self.url.replace("/graphql", "/oauth/token")

    @property
    def codes(self) -> list[str]:
        return [read["code"] for read in self.ledger.values()]

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        for writer in list(self._writers):
            writer.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await self._serve_one(reader, writer)
        self._writers.discard(writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _serve_one(self, reader, writer) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
        first, *lines = head.split("\r\n")
        pairs = (line.split(": ", 1) for line in lines if line)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers["content-length"]))
        answer = self.answer(first.split()[1], headers, body)
        if answer.is_lost:
            raise ConnectionResetError
        fields = {**self.fields(), "Content-Length": str(len(answer.body)), **answer.headers}
        writer.write(f"HTTP/1.1 {answer.status} X\r\n".encode())
        writer.write("".join(f"{k}: {v}\r\n" for k, v in fields.items()).encode() + b"\r\n")
        writer.write(answer.body)
        await writer.drain()

    def fields(self) -> dict[str, str]:
        date = formatdate(time.time() + self.clock_offset_s)
        return {"Date": date, **({"Accept-Encoding": "gzip"} if self.takes_gzip else {})}

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer a request, over whatever HTTP it came."""
        if path == "/oauth/token":
            return self._token(body)
        if path == "/oauth/register":
            return self._register(headers, body)
        self.encodings.append(headers.get("content-encoding", ""))
        if self.encodings[-1]:
            if not self.takes_gzip:
                return Answer(415)
            body = gzip.decompress(body)
        return self._ingest(headers, body)

    def _register(self, headers: dict[str, str], body: bytes) -> Answer:
        if self.script:
            return self.script.popleft()
        code = headers["authorization"].removeprefix("Bearer ").upper().replace("-", "")
        if code not in self.codes_for_agents:
            error = {"error": "invalid_token", "error_description": "the code is not good"}
            return Answer(401, json.dumps(error).encode())
        self.codes_for_agents.discard(code)
        self.registered.append(json.loads(body))
        self.keys += self.registered[-1]["jwks"]["keys"]
        told = {
            "client_id": CLIENT_ID,
            "client_id_issued_at": int(time.time()),
            "scope": "reads:write",
            "token_endpoint": self.token_url,
            "shelfcast": {"graphql_url": self.url, **self.shop},
        }
        return Answer(201, json.dumps(told).encode())

    def _token(self, body: bytes) -> Answer:
        form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
        if form["client_id"] != CLIENT_ID or not self._is_proven(form):
            return Answer(401, b'{"error":"invalid_client"}')
        self.tokens += 1
        token = {"access_token": f"t{self.tokens}", "token_type": "Bearer"}
        return Answer(200, json.dumps({**token, "expires_in": self.expires_in}).encode())

    def _is_proven(self, form: dict[str, str]) -> bool:
        if "client_secret" in form:
            return form["client_secret"] == CLIENT_SECRET
        keys = KeySet.import_key_set({"keys": self.keys})
        try:
            claims = jwt.decode(form["client_assertion"], keys, algorithms=["ES256"]).claims
        except (JoseError, ValueError):
            return False
        now = time.time() + self.clock_offset_s
        is_new = claims["jti"] not in self.assertions
        self.assertions.add(claims["jti"])
        is_ours = claims["iss"] == claims["sub"] == CLIENT_ID and claims["aud"] == self.token_url
        return is_new and is_ours and now < claims["exp"] <= now + 3600

    def _ingest(self, headers: dict[str, str], body: bytes) -> Answer:
        if headers.get("authorization") != f"Bearer t{self.tokens}":
            return Answer(401, b'{"errors":[{"message":"token"}]}')
        asked = json.loads(body)
        request = asked["variables"]["input"]
        if asked["operationName"] == "ReportAgent":
            return self._report(request)
        self.batches.append(request)
        for read in request["reads"]:
            self.seen_at.setdefault(read["code"], asyncio.get_running_loop().time())
        answer = self.script.popleft() if self.script else None
        answer = answer or self.refuse(request["reads"])
        if answer is None or answer.is_applied:
            applied = self._apply(request)
            return answer or Answer(200, json.dumps(applied).encode())
        return answer

    def _report(self, request: dict) -> Answer:
        self.reports.append(request)
        if self.report_answer is not None:
            return self.report_answer
        told = {"heartbeatSeconds": self.heartbeat_s, "configuration": self.offered}
        payload = {"reportAgent": {**told, "userErrors": []}}
        return Answer(200, json.dumps({"data": payload}).encode())

    def _apply(self, request: dict) -> dict:
        results = []
        for read in request["reads"]:
            if (code := self.reject(read)) is not None:
                error = {"code": code, "message": "no", "field": ["code"]}
                results.append({"key": read["key"], "status": "REJECTED", "userErrors": [error]})
                continue
            status = "DUPLICATE" if read["key"] in self.ledger else "ACCEPTED"
            self.ledger.setdefault(read["key"], read)
            self.devices.setdefault(read["key"], request["device"])
            results.append({"key": read["key"], "status": status, "userErrors": []})
        return {"data": {"ingestReads": {"results": results}}}
