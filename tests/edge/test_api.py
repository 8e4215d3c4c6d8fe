"""How the agent asks its backend: signed in by secret or key, compressed, over TLS and proxies."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses

import httpx2
import pytest

from edge_agent.api import Api
from edge_agent.client_key import ClientKey, new_client_key, read_client_key
from edge_agent.clock import Stamp, SystemClock
from edge_agent.errors import UplinkUnauthorised
from edge_agent.http_client import (
    MAX_ANSWER_BYTES,
    Answer as HttpAnswer,
    HttpClient,
    retry_after_s,
)
from edge_agent.skew import SkewEstimator
from tests.edge.certificates import Authority
from tests.edge.conftest import a_read, running, some_reads, uplink_to
from tests.edge.fake_backend import Answer
from tests.edge.in_between import Http2Backend, Proxy
from tests.edge.test_uplink import delivered
from tests.edge.waiting import eventually


@pytest.fixture
def key_settings(uplink_settings, backend):
    """Those of a client that has a key, known to the backend."""
    key = new_client_key()
    backend.keys.append(key.public_jwk())
    return dataclasses.replace(uplink_settings, client_secret="", key=key)


async def test_a_key_of_our_own_takes_the_place_of_a_secret(outbox, key_settings, backend):
    await outbox.append([a_read()])

    async with uplink_to(key_settings, outbox) as uplink, running(uplink):
        await delivered(outbox)

    assert (backend.tokens, len(backend.ledger), len(backend.assertions)) == (1, 1, 1)


async def test_a_key_the_backend_does_not_know_keeps_the_reads(outbox, key_settings, backend):
    backend.keys[:] = [new_client_key().public_jwk()]
    await outbox.append([a_read()])

    async with uplink_to(key_settings, outbox) as uplink, running(uplink):
        await eventually(lambda: "invalid_client" in (uplink.counters.last_error or ""))

    assert (await outbox.depth(), backend.batches) == (1, [])


class SlowClock:
    """A clock that was never set: it starts in 1970, as on a small machine without a battery."""

    def now(self):
        stamp = SystemClock().now()
        return Stamp(stamp.boot_id, stamp.mono_ms, stamp.mono_ms)


@pytest.mark.parametrize("offset_s", [-86_400, 86_400, 30 * 86_400])
async def test_a_clock_that_is_days_off_is_corrected_by_the_first_refusal(
    key_settings, backend, offset_s
):
    backend.clock_offset_s = offset_s

    async with Api(key_settings, SystemClock(), SkewEstimator()) as api:
        await api.sign_in()

    assert len(backend.assertions) == 2


async def test_a_clock_that_was_never_set_can_sign_in(key_settings, backend):
    async with Api(key_settings, SlowClock(), SkewEstimator()) as api:
        await api.sign_in()

    assert backend.tokens == 1


async def test_a_wrong_secret_is_asked_about_once(uplink_settings, backend):
    wrong = dataclasses.replace(uplink_settings, client_secret="wrong")
    asked = []
    answer = backend.answer
    backend.answer = lambda path, headers, body: asked.append(path) or answer(path, headers, body)

    async with Api(wrong, SystemClock(), SkewEstimator()) as api:
        with pytest.raises(UplinkUnauthorised):
            await api.sign_in()

    assert asked == ["/oauth/token"]


def test_a_key_is_read_back_as_it_was_made(tmp_path):
    file = tmp_path / "key.pem"
    key = new_client_key()
    file.write_bytes(key.pem)
    file.chmod(0o600)

    assert read_client_key(file).public_jwk() == key.public_jwk()
    assert "PRIVATE" not in repr(key)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_may_read_is_not_used(tmp_path, mode):
    file = tmp_path / "key.pem"
    file.write_bytes(new_client_key().pem)
    file.chmod(mode)

    with pytest.raises(ValueError, match="chmod 600"):
        read_client_key(file)


def test_what_is_no_key_is_told_apart():
    with pytest.raises(ValueError, match=r"."):
        ClientKey(b"-----BEGIN PRIVATE KEY-----\n").check()


async def test_bodies_are_compressed_once_the_backend_says_that_it_takes_them(
    outbox, uplink, backend
):
    async with running(uplink):
        for count in (300, 300, 1):
            await outbox.append(some_reads(count))
            await delivered(outbox)

    assert len(backend.ledger) == 601
    assert backend.encodings == ["", "gzip", ""]


async def test_a_backend_that_says_nothing_of_it_gets_plain_bodies(outbox, uplink, backend):
    backend.takes_gzip = False
    await outbox.append(some_reads(600))

    async with running(uplink):
        await delivered(outbox)

    assert backend.encodings == ["", ""]


async def test_a_backend_that_takes_compressed_bodies_no_more_gets_the_same_batch_plain(
    outbox, uplink, backend
):
    await outbox.append(some_reads(500))
    async with running(uplink):
        await delivered(outbox)
        await outbox.append(some_reads(300))
        await delivered(outbox)
        assert backend.encodings[-1] == "gzip"
        backend.takes_gzip = False
        await outbox.append(some_reads(300))
        await delivered(outbox)

    assert backend.encodings[-2:] == ["gzip", ""]
    assert uplink.counters.last_error is None


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "ca")


@pytest.fixture
async def tls_backend(backend, authority):
    """The backend, moved to TLS under a certificate nobody knows."""
    await backend.stop()
    backend.tls = authority.server_context()
    await backend.start()
    return backend


def at(settings, backend, **changes):
    return dataclasses.replace(settings, url=backend.url, token_url=backend.token_url, **changes)


async def test_a_certificate_of_ones_own_is_trusted_where_the_settings_name_it(
    outbox, uplink_settings, tls_backend, authority
):
    await outbox.append([a_read()])
    known = at(uplink_settings, tls_backend, ca_file=authority.ca_file)

    async with uplink_to(known, outbox) as uplink, running(uplink):
        await delivered(outbox)

    assert len(tls_backend.ledger) == 1


async def test_a_certificate_nobody_vouches_for_keeps_the_reads(
    outbox, uplink_settings, tls_backend
):
    await outbox.append([a_read()])

    unknown = at(uplink_settings, tls_backend)
    async with uplink_to(unknown, outbox) as uplink, running(uplink):
        await eventually(lambda: "CERTIFICATE" in (uplink.counters.last_error or "").upper())

    assert (await outbox.depth(), tls_backend.tokens) == (1, 0)


async def test_a_handshake_given_up_half_way_leaves_no_connection_behind(uplink_settings):
    begun, closed = asyncio.Event(), asyncio.Event()

    async def say_nothing(reader, writer):
        await reader.readexactly(1)
        begun.set()
        with contextlib.suppress(OSError):
            await reader.read()
        closed.set()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent:
        url = f"https://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
        async with HttpClient(uplink_settings, SystemClock(), SkewEstimator()) as client:
            asking = asyncio.create_task(client.post(url, b"{}", {}))
            async with asyncio.timeout(5):
                await begun.wait()
                asking.cancel()
                await closed.wait()
        with pytest.raises(asyncio.CancelledError):
            await asking


@pytest.fixture
async def proxy():
    async with Proxy() as started:
        yield started


async def test_reads_go_through_a_proxy_that_asks_for_a_password(
    outbox, uplink_settings, tls_backend, authority, proxy
):
    await outbox.append([a_read()])
    through = at(
        uplink_settings, tls_backend,
        ca_file=authority.ca_file, proxy=f"http://shop:hunter2@127.0.0.1:{proxy.port}",
    )  # fmt: skip

    async with uplink_to(through, outbox) as uplink, running(uplink):
        await delivered(outbox)

    assert set(proxy.tunnels) == {f"127.0.0.1:{tls_backend.port}"}
    assert len(tls_backend.ledger) == 1


async def test_the_password_of_a_proxy_is_never_told(
    outbox, uplink_settings, tls_backend, authority, proxy, caplog
):
    caplog.set_level("DEBUG")
    wrong = at(
        uplink_settings, tls_backend,
        ca_file=authority.ca_file, proxy=f"http://shop:letmein@127.0.0.1:{proxy.port}",
    )  # fmt: skip

    async with uplink_to(wrong, outbox) as uplink, running(uplink):
        await eventually(lambda: "407" in (uplink.counters.last_error or ""))

    told = caplog.text + (uplink.counters.last_error or "") + repr(wrong)
    assert "letmein" not in told
    assert base64.b64encode(b"shop:letmein").decode() not in told


@pytest.fixture
async def http2_backend(backend, authority):
    await backend.stop()
    async with Http2Backend(backend, authority) as started:
        yield started
    backend.tls = None
    await backend.start()


async def test_http_2_is_spoken_where_it_is_offered_over_one_connection(
    outbox, uplink_settings, http2_backend, authority
):
    reads = [read for n in range(8) for read in some_reads(50, device=f"till-{n}")]
    await outbox.append(reads)
    settings = at(uplink_settings, http2_backend.backend, ca_file=authority.ca_file)

    async with uplink_to(settings, outbox) as uplink, running(uplink):
        await delivered(outbox)

    assert len(http2_backend.backend.ledger) == 400
    assert set(http2_backend.versions) == {"2"}
    assert len(http2_backend.clients) == 1


async def test_a_request_that_hangs_in_http_2_does_not_take_the_others_along(
    outbox, uplink_settings, http2_backend, authority
):
    http2_backend.hangs = 2
    await outbox.append(some_reads(5) + some_reads(5, device="till-2"))
    settings = at(uplink_settings, http2_backend.backend, ca_file=authority.ca_file, timeout_s=0.3)

    async with uplink_to(settings, outbox) as uplink, running(uplink):
        await delivered(outbox)

    assert len(http2_backend.backend.ledger) == 10
    assert (await outbox.counts()).parked == 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "Thu, 26 Nov 2026 10:00:30 GMT",
          "Date": "Thu, 26 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"Retry-After": "Thu, 26 Nov 2026 09:00:00 GMT",
          "Date": "Thu, 26 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"Retry-After": "Thu, 26 Nov 2026 10:00:30 GMT"}, None),
        ({"Retry-After": "Thu, 26 Nov 2026 10:00:30 GMT", "Date": "today"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "१"}, None),
        ({}, None),
    ],
    ids=["seconds", "date", "past", "no date of the server", "no sense in it", "words", "minus",
         "other digits", "none"],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date_on_the_servers_own_clock(headers, seconds):
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]

    assert retry_after_s(HttpAnswer(503, httpx2.Headers(encoded), b"")) == seconds


async def test_an_answer_without_end_is_not_kept(outbox, uplink, backend, caplog):
    backend.script.append(Answer(200, b" " * (MAX_ANSWER_BYTES + 1)))
    await outbox.append([a_read()])

    async with running(uplink):
        await delivered(outbox)

    assert "an answer of more" in caplog.text
    assert len(backend.ledger) == 1
