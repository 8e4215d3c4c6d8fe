"""Links that work for a while, and webhooks that go nowhere they should not."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from standardwebhooks.webhooks import Webhook

from backend.reports import links
from backend.reports.delivering import webhook
from backend.reports.delivering.parcel import Parcel
from backend.reports.errors import (
    DeliveryRefused,
    InvalidLink,
    InvalidWebhook,
    WebhookUnreachable,
)
from backend.reports.links import Link
from backend.reports.rules import ReportFormat
from tests.backend.reports.documents import full

KEY = b"k" * 32
NOW = datetime(2026, 11, 2, 7, tzinfo=UTC)
LINK = Link(UUID(int=1), UUID(int=2), ReportFormat.PDF, NOW + timedelta(hours=1))
FILES = {ReportFormat.PDF: {"size": 4, "digest": b"\x01" * 32}}


def parcel(now=None):
    return Parcel(
        UUID(int=1), UUID(int=2), "The week", full(), FILES, "https://shop.example", KEY,
        now or datetime.now(UTC),
    )  # fmt: skip


def test_a_link_says_what_it_is_for_until_it_expires():
    text = links.sealed(KEY, LINK)

    assert links.opened(KEY, text, NOW) == LINK
    with pytest.raises(InvalidLink):
        links.opened(KEY, text, NOW + timedelta(hours=1))


@pytest.mark.parametrize("place", [0, 20, 33, 40, 50, 70])
def test_a_link_with_one_letter_changed_is_not_ours(place):
    text = links.sealed(KEY, LINK)
    other = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]

    with pytest.raises(InvalidLink):
        links.opened(KEY, other, NOW)


@pytest.mark.parametrize("text", ["", "x", "é" * 40, "A" * 87, "../../etc/passwd"])
def test_what_is_no_link_is_not_ours(text):
    with pytest.raises(InvalidLink):
        links.opened(KEY, text, NOW)


def test_a_link_made_with_another_key_is_not_ours():
    with pytest.raises(InvalidLink):
        links.opened(b"x" * 32, links.sealed(KEY, LINK), NOW)


@asynccontextmanager
async def receiver(answer=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", *, waits=False):
    """A server that keeps what it is sent and answers as told."""
    got, served = [], asyncio.Event()

    async def serve(reader, writer):
        with suppress(OSError, asyncio.IncompleteReadError):
            await take(reader)
            writer.write(answer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        served.set()

    async def take(reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        headers = {name.lower(): value for name, value in headers.items()}
        content = await reader.readexactly(int(headers["content-length"]))
        got.append((head.split("\r\n")[0], headers, content))
        if waits:
            await reader.read()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/reports?shop=1", got
        await asyncio.wait_for(served.wait(), 5)


async def test_a_webhook_carries_the_report_and_a_signature_receivers_know():
    secret, sent = webhook.new_secret(), parcel()

    async with receiver() as (url, got):
        await webhook.post(sent, url, secret, ("127.0.0.1",))

    ((line, headers, content),) = got
    assert line == "POST /reports?shop=1 HTTP/1.1"
    assert headers["webhook-id"] == str(sent.run_id)
    body = Webhook(secret).verify(content, headers)
    assert body == json.loads(content)
    (file,) = body["data"]["files"]
    assert file["url"].startswith("https://shop.example/api/reports/files/")
    assert body["data"]["summary"][0]["sentences"] == ["Net sales were $1,234."]


async def test_every_attempt_at_one_report_has_the_same_id():
    async with receiver() as (url, got):
        for _ in range(2):
            await webhook.post(parcel(), url, webhook.new_secret(), ("127.0.0.1",))

    first, second = (headers["webhook-id"] for _, headers, _ in got)
    assert first == second


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("301 Moved\r\nLocation: http://127.0.0.1:1/", DeliveryRefused),
        ("400 Bad", DeliveryRefused),
        ("410 Gone", DeliveryRefused),
        ("429 Slow down", WebhookUnreachable),
        ("503 Busy", WebhookUnreachable),
    ],
    ids=["redirect", "bad", "gone", "slow down", "busy"],
)
async def test_what_a_receiver_answers_decides_whether_it_is_tried_again(status, error):
    answer = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()

    async with receiver(answer) as (url, got):
        with pytest.raises(error):
            await webhook.post(parcel(), url, webhook.new_secret(), ("127.0.0.1",))

    assert len(got) == 1


async def test_a_receiver_that_never_answers_is_given_up(monkeypatch):
    monkeypatch.setattr(webhook, "TIMEOUT", 0.2)

    async with receiver(waits=True) as (url, _):
        with pytest.raises(WebhookUnreachable):
            await webhook.post(parcel(), url, webhook.new_secret(), ("127.0.0.1",))


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/x",
        "ftp://shop.example/x",
        "https://user:password@shop.example/x",
        "https://shop.example/x#there",
        "https:///x",
        "https://[::1/x",
        "",
        "https://shop.example/" + "x" * 2000,
    ],
)
def test_an_address_that_is_not_plain_https_is_refused(url):
    with pytest.raises(InvalidWebhook):
        webhook.check_address(url, (), ["url"])


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "[::1]", "[fc00::1]", "[fe80::1]", "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "2130706433", "0x7f.1",
    ],
)  # fmt: skip
async def test_nothing_is_sent_into_a_private_network(host):
    with pytest.raises((InvalidWebhook, WebhookUnreachable)) as refused:
        await webhook.post(parcel(), f"https://{host}/x", webhook.new_secret())

    assert refused.value.code in ("INVALID_WEBHOOK", "WEBHOOK_UNAVAILABLE")
    if host[0].isdigit() and host.count(".") == 3:
        assert isinstance(refused.value, InvalidWebhook)


async def test_a_subject_says_the_days_and_what_kind_of_report_it_is():
    assert parcel().subject == "The week: 2017"
