"""A real mail server on loopback, and what it was given."""

import asyncio
from contextlib import asynccontextmanager
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP


class Inbox:
    """What a mail server was given; `answers` are what it says instead, one after the other.

    It lets who sends wait at a command that is in `holds` until `go_on` is set.
    """

    def __init__(self):
        self.envelopes = []
        self.answers = []
        self.port = 0
        self.holds = set()
        self.is_holding, self.go_on = asyncio.Event(), asyncio.Event()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        await self._hold("RCPT")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        await self._hold("DATA")
        if self.answers:
            return self.answers.pop(0)
        self.envelopes.append(envelope)
        return "250 OK"

    async def _hold(self, command):
        if command in self.holds:
            self.is_holding.set()
            await self.go_on.wait()

    @property
    def messages(self):
        return [message_from_bytes(one.content, policy=policy.default) for one in self.envelopes]


@asynccontextmanager
async def receiving():
    """Run a mail server in this loop until the block ends; nothing stays open after it."""
    inbox, opened = Inbox(), []

    def answer():
        opened.append(SMTP(inbox, hostname="localhost", data_size_limit=50_000_000))
        return opened[-1]

    server = await asyncio.get_running_loop().create_server(answer, "127.0.0.1", 0)
    inbox.port = server.sockets[0].getsockname()[1]
    yield inbox
    server.close()
    for connection in opened:
        if connection.transport is not None:
            connection.transport.abort()
    await asyncio.sleep(0)
