import asyncio
import logging
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from backend.core.limits import Limits
from backend.infra.api.boundary import Boundary
from backend.infra.metrics import Metrics

LIMITS = Limits(max_body_bytes=10, body_timeout=timedelta(milliseconds=100))


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
async def http(metrics):
    async def fails(_):
        raise RuntimeError("a secret of ours")

    async def echoes(request):
        return PlainTextResponse(await request.body())

    routes = [Route("/fails", fails), Route("/echoes", echoes, methods=["POST"])]
    boundary = Middleware(Boundary, limits=LIMITS, metrics=metrics)
    app = Starlette(routes=routes, middleware=[boundary])
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_what_fails_inside_is_not_told_outside(http):
    answer = await http.get("/fails")

    assert answer.status_code == 500
    assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert "secret" not in answer.text


@pytest.mark.parametrize(("size", "status"), [(10, 200), (11, 413)])
async def test_the_limit_of_a_body_is_inclusive(http, size, status):
    assert (await http.post("/echoes", content=b"x" * size)).status_code == status


async def test_a_body_beyond_the_limit_is_counted(http, metrics):
    await http.post("/echoes", content=b"x" * 11)

    assert 'shelfcast_limits_total{limit="body_size"} 1' in metrics.text()


async def test_a_body_that_trickles_in_is_refused(http, metrics):
    async def trickle():
        for _ in range(3):
            yield b"x"
            await asyncio.sleep(0.06)

    answer = await http.post("/echoes", content=trickle())

    assert answer.status_code == 408
    assert answer.json()["errors"][0]["extensions"]["code"] == "BODY_TOO_SLOW"
    assert 'shelfcast_limits_total{limit="body_timeout"} 1' in metrics.text()


async def test_a_request_keeps_its_id(http):
    kept = await http.post("/echoes", headers={"X-Request-Id": "till-7"})
    replaced = await http.post("/echoes", headers={"X-Request-Id": "a b"})

    assert kept.headers["x-request-id"] == "till-7"
    assert replaced.headers["x-request-id"] not in {"a b", ""}


async def test_an_answer_tells_the_second_it_was_made_in(http):
    before = int(time.time())

    answer = await http.get("/nowhere")

    assert before <= parsedate_to_datetime(answer.headers["date"]).timestamp() <= time.time()


async def test_every_answer_has_security_headers(http):
    answer = await http.get("/nowhere")

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"


async def test_query_strings_and_tokens_do_not_get_into_the_log(http, caplog):
    with caplog.at_level(logging.INFO):
        await http.post("/echoes?token=hunter2", headers={"Authorization": "Bearer hunter2"})

    ours = [record.getMessage() for record in caplog.records if record.name[:7] == "backend"]
    assert "/echoes" in ours[0]
    assert "hunter2" not in "".join(ours)


async def test_requests_are_counted(http, metrics):
    await http.post("/echoes")

    text = metrics.text()
    assert 'shelfcast_http_requests_total{path="other",status="200"} 1' in text
    assert 'shelfcast_http_request_seconds_bucket{path="other",le="+Inf"} 1' in text
