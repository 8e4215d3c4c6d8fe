"""Every read reaches the backend, whatever the network and the server do."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from datetime import datetime

import httpx2
import pytest

from edge_agent.clock import Stamp, SystemClock
from tests.edge.conftest import a_read, running, some_reads, uplink_to
from tests.edge.fake_backend import Answer, graphql_error
from tests.edge.waiting import eventually


async def delivered(outbox):
    async def is_empty():
        return await outbox.depth() == 0

    await eventually(is_empty)


async def test_reads_arrive_in_order_with_their_keys_and_numbers(outbox, uplink, backend):
    reads = some_reads(5)
    await outbox.append(reads)

    async with running(uplink):
        await delivered(outbox)

    assert list(backend.ledger) == [read.key for read in reads]
    assert [read["seq"] for read in backend.ledger.values()] == [1, 2, 3, 4, 5]
    (batch,) = backend.batches
    assert batch["device"] == "till-1"
    assert batch["clockSkewMs"] == 0
    assert batch["sentAt"].endswith("Z")


async def test_a_backlog_goes_out_in_full_batches_and_a_lone_read_alone(outbox, uplink, backend):
    await outbox.append(some_reads(1200))

    async with running(uplink):
        await delivered(outbox)
        await outbox.append([a_read()])
        await delivered(outbox)

    assert [len(batch["reads"]) for batch in backend.batches] == [500, 500, 200, 1]


async def test_a_device_never_has_two_requests_in_flight(outbox, uplink, backend):
    for _ in range(20):
        await outbox.append(some_reads(3) + some_reads(3, device="till-2"))

    async with running(uplink):
        await delivered(outbox)

    for device in ("till-1", "till-2"):
        numbers = [
            read["seq"]
            for batch in backend.batches
            if batch["device"] == device
            for read in batch["reads"]
        ]
        assert numbers == list(range(1, 61))


async def test_a_reply_lost_after_the_effect_leads_to_a_duplicate_not_a_second_read(
    outbox, uplink, backend
):
    # Two: the first is repeated at once, as if only an idle connection had been closed.
    backend.script.extend([Answer(is_applied=True, is_lost=True)] * 2)
    reads = some_reads(3)
    await outbox.append(reads)

    async with running(uplink):
        await delivered(outbox)

    assert list(backend.ledger) == [read.key for read in reads]
    assert [[r["key"] for r in b["reads"]] for b in backend.batches] == [list(backend.ledger)] * 3


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b"oops"),
        Answer(502, b"<html>bad gateway</html>"),
        Answer(503, b"{}", {"Retry-After": "0"}),
        Answer(200, b"<html>Welcome to Shop WiFi</html>"),
        Answer(200, b"{}"),
        Answer(200, b"[1]"),
        Answer(200, b'{"data":{"ingestReads":{"results":[]}}}'),
        Answer(302, b"", {"Location": "http://portal.example/"}),
        Answer(404, b"not here"),
        graphql_error("INTERNAL"),
        graphql_error("FORBIDDEN"),
        graphql_error("UNAVAILABLE"),
        graphql_error("THROTTLED"),
        graphql_error("SOMETHING_NEW"),
    ],
    ids=lambda answer: f"{answer.status} {answer.body[:20].decode()}",
)
async def test_an_answer_that_is_not_ours_keeps_the_reads(outbox, uplink, backend, answer):
    backend.script.append(answer)
    await outbox.append(some_reads(3))

    async with running(uplink):
        await delivered(outbox)

    assert len(backend.ledger) == 3
    assert (await outbox.counts()).parked == 0


async def test_retry_after_wins_over_the_back_off(outbox, uplink, backend):
    backend.script.append(Answer(429, b"{}", {"Retry-After": "1"}))
    await outbox.append([a_read()])
    loop = asyncio.get_running_loop()

    async with running(uplink):
        await eventually(lambda: backend.batches)
        refused_at = loop.time()
        await delivered(outbox)

    # Its back-off alone would have ended after 0.05 s at most.
    assert loop.time() - refused_at >= 0.9


async def test_a_backend_without_its_database_gets_the_same_batch_again_and_parks_nothing(
    outbox, uplink, backend
):
    before_anything_ran = {"errors": [{"extensions": {"code": "DATABASE_UNAVAILABLE"}}]}
    for _ in range(6):
        backend.script.append(graphql_error("DATABASE_UNAVAILABLE"))
        backend.script.append(Answer(503, json.dumps(before_anything_ran).encode()))
        backend.script.append(Answer(200, json.dumps(before_anything_ran).encode()))
    await outbox.append(some_reads(20))

    async with running(uplink):
        await delivered(outbox)

    assert {len(batch["reads"]) for batch in backend.batches} == {20}
    assert (await outbox.counts()).parked == 0


async def test_a_refused_token_is_renewed_once_and_the_batch_sent_again(outbox, uplink, backend):
    backend.script.append(Answer(401, b""))
    await outbox.append([a_read()])

    async with running(uplink):
        await delivered(outbox)

    assert backend.tokens == 2
    assert uplink._backoff.failures == 0


async def test_a_token_is_replaced_before_it_expires(outbox, uplink, backend):
    backend.expires_in = 0

    async with running(uplink):
        for _ in range(2):
            await outbox.append([a_read()])
            await delivered(outbox)

    assert backend.tokens == 3
    assert len(backend.batches) == 2


async def test_wrong_credentials_keep_the_reads_and_are_named(outbox, uplink_settings, backend):
    wrong = dataclasses.replace(uplink_settings, client_secret="wrong")
    await outbox.append([a_read()])

    async with uplink_to(wrong, outbox) as from_the_shop, running(from_the_shop):
        await eventually(lambda: "invalid_client" in (from_the_shop.counters.last_error or ""))

    assert await outbox.depth() == 1
    assert backend.batches == []


async def test_a_batch_too_large_is_halved_until_it_fits(outbox, uplink, backend):
    backend.refuse = lambda reads: Answer(413) if len(reads) > 100 else None
    await outbox.append(some_reads(600))

    async with running(uplink):
        await delivered(outbox)

    assert len(backend.ledger) == 600
    assert [len(batch["reads"]) for batch in backend.batches][:4] == [500, 250, 125, 62]


async def test_a_single_read_too_large_is_parked(outbox, uplink, backend):
    backend.refuse = lambda _reads: Answer(413)
    await outbox.append([a_read()])

    async with running(uplink):
        await delivered(outbox)

    assert (await outbox.counts()).parked == 1


@pytest.mark.parametrize(
    "refusal",
    [graphql_error("BAD_USER_INPUT"), Answer(400, b'{"errors":[{"message":"bad"}]}'),
     Answer(500, b"crash")],
    ids=["certain", "refused", "crashing the server"],
)  # fmt: skip
async def test_a_poison_read_is_found_and_parked_and_the_others_pass(
    outbox, uplink, backend, refusal
):
    reads = some_reads(40)
    poison = reads[17]
    backend.refuse = lambda sent: refusal if poison.key in {r["key"] for r in sent} else None
    await outbox.append(reads)

    async with running(uplink):
        await eventually(lambda: len(backend.ledger) == 39)
        # Its guilt is proven by the next read that passes.
        await outbox.append([a_read("next")])
        await delivered(outbox)

    assert (await outbox.counts()).parked == 1
    assert poison.key not in backend.ledger


@pytest.mark.parametrize("answer", [Answer(500, b"x"), Answer(400, b'{"errors":[{}]}')])
async def test_a_server_that_takes_nothing_for_a_while_parks_nothing(
    outbox, uplink, backend, answer
):
    is_down = True
    backend.refuse = lambda _reads: answer if is_down else None
    await outbox.append(some_reads(6))

    async with running(uplink):
        await eventually(lambda: len(backend.batches) > 40)
        is_down = False
        await delivered(outbox)

    assert len(backend.ledger) == 6
    assert (await outbox.counts()).parked == 0


async def test_rejected_reads_are_parked_and_undecoded_ones_are_done(outbox, uplink, backend):
    reads = some_reads(3)
    backend.reject = lambda read: "TOO_OLD" if read["key"] == reads[1].key else None
    await outbox.append(reads)

    async with running(uplink):
        await delivered(outbox)

    assert list(backend.ledger) == [reads[0].key, reads[2].key]
    assert uplink.counters.parked == (await outbox.counts()).parked == 1


async def test_reads_the_answer_does_not_name_stay_and_are_sent_again(outbox, uplink, backend):
    reads = some_reads(2)
    named = [{"key": reads[0].key, "status": "ACCEPTED", "userErrors": []}]
    partial = json.dumps({"data": {"ingestReads": {"results": named}}}).encode()
    backend.script.append(Answer(200, partial))
    await outbox.append(reads)

    async with running(uplink):
        await delivered(outbox)

    assert list(backend.ledger) == [reads[1].key]


async def test_one_failing_device_does_not_hold_up_the_others(outbox, uplink, backend):
    bad, good = some_reads(1), some_reads(30, device="till-2")
    backend.refuse = lambda sent: Answer(500, b"x") if sent[0]["key"] == bad[0].key else None
    await outbox.append(bad + good)

    async with running(uplink):
        await eventually(lambda: len(backend.ledger) == 30)

    assert set(backend.devices.values()) == {"till-2"}
    assert uplink._backoff.failures == 0


async def test_reads_of_a_device_the_backend_does_not_know_wait_until_it_does(
    outbox, uplink, backend
):
    is_known = False
    backend.refuse = lambda _reads: None if is_known else graphql_error("NOT_FOUND")
    await outbox.append(some_reads(6))

    async with running(uplink):
        await eventually(lambda: len(backend.batches) > 30)
        is_known = True
        await delivered(outbox)

    assert len(backend.ledger) == 6


async def test_a_device_whose_wait_ends_while_the_disk_is_slow_is_not_forgotten(
    outbox, uplink, backend
):
    look = outbox.oldest

    async def look_slowly(selection):
        batch = await look(selection)
        while any(hold.until > time.monotonic() for hold in uplink._holds.values()):
            await asyncio.sleep(0.005)
        return batch

    outbox.oldest = look_slowly
    backend.script.extend([graphql_error("NOT_FOUND")] * 3)
    await outbox.append([a_read()])

    async with running(uplink):
        await delivered(outbox)

    assert len(backend.batches) == 4


@pytest.mark.parametrize("years", [-50, 30])
async def test_a_clock_further_off_than_the_contract_can_say_still_tells_the_true_time(
    outbox, uplink, backend, years
):
    now = SystemClock().now()
    wrong = Stamp(now.boot_id, now.wall_ms + years * 365 * 86_400_000, now.mono_ms)
    await outbox.append([dataclasses.replace(a_read(), observed=wrong)])

    async with running(uplink):
        await delivered(outbox)

    (batch,) = backend.batches
    told = datetime.fromisoformat(batch["reads"][0]["observedAt"]).timestamp() * 1000
    assert abs(told - batch["clockSkewMs"] - now.wall_ms) < 2_000


async def test_a_backend_that_comes_up_later_gets_everything(outbox, uplink, backend):
    port = backend.port
    await backend.stop()
    await outbox.append(some_reads(10))

    async with running(uplink):
        await eventually(lambda: uplink.counters.last_error)
        await backend.start(port)
        await delivered(outbox)

    assert len(backend.ledger) == 10
    assert uplink.counters.last_error is None


async def test_a_clock_that_is_ahead_is_reported(outbox, uplink, backend):
    backend.clock_offset_s = -3600

    await outbox.append([a_read()])
    async with running(uplink):
        await delivered(outbox)

    assert abs(backend.batches[0]["clockSkewMs"] - 3_600_000) < 2_000


async def test_reads_from_before_the_clock_was_set_carry_the_skew_of_then(outbox, uplink, backend):
    now = SystemClock().now()
    an_hour_ago = Stamp(now.boot_id, now.wall_ms - 3_600_000, now.mono_ms)
    await outbox.append([dataclasses.replace(a_read(), observed=an_hour_ago)])

    async with running(uplink):
        await delivered(outbox)

    assert abs(backend.batches[0]["clockSkewMs"] + 3_600_000) < 2_000


async def test_a_read_is_written_the_same_way_however_often_it_is_sent(outbox, uplink, backend):
    backend.script.extend([Answer(500, b"x")] * 3)
    await outbox.append([a_read()])

    async with running(uplink):
        await delivered(outbox)

    first, *others = [batch["reads"] for batch in backend.batches]
    assert others == [first] * 3


def test_every_exception_of_the_http_library_is_translated_or_a_mistake_of_ours():
    ours = {"RequestNotRead", "ResponseNotRead", "StreamConsumed", "StreamClosed", "CookieConflict"}
    caught = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError)
    members = [getattr(httpx2, name) for name in dir(httpx2)]
    exceptions = [m for m in members if isinstance(m, type) and issubclass(m, Exception)]

    uncaught = {e.__name__ for e in exceptions if not issubclass(e, caught)}

    assert uncaught <= ours
