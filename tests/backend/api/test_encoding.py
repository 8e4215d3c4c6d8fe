import gzip
import json
import tracemalloc
import zlib

import httpx2
import pytest
from hypothesis import given, strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from backend.core.limits import Limits
from backend.infra.api.boundary import Boundary
from backend.infra.api.encoding import BodyMalformed, Inflater
from backend.infra.metrics import Metrics

LIMIT = 100_000


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
async def http(metrics):
    async def tells(request):
        body = await request.body()
        named = [name for name in request.headers if name.startswith("content-")]
        return JSONResponse({"size": len(body), "crc": zlib.crc32(body), "headers": named})

    routes = [Route("/", tells, methods=["POST", "GET"])]
    limits = Limits(max_body_bytes=LIMIT)
    boundary = Middleware(Boundary, limits=limits, metrics=metrics)
    transport = httpx2.ASGITransport(Starlette(routes=routes, middleware=[boundary]))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def post(http, content, encoding="gzip"):
    return await http.post("/", content=content, headers={"Content-Encoding": encoding})


async def in_pieces(data, size):
    for start in range(0, len(data), size):
        yield data[start : start + size]


def code_of(answer):
    return answer.json()["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_a_compressed_body_is_the_body_it_holds(http, encoding, size):
    body = json.dumps(list(range(10_000))).encode()

    told = (await post(http, in_pieces(gzip.compress(body), size), encoding)).json()

    assert (told["size"], told["crc"]) == (len(body), zlib.crc32(body))
    assert not {"content-encoding", "content-length"} & set(told["headers"])


@pytest.mark.parametrize(("size", "status"), [(LIMIT, 200), (LIMIT + 1, 413)])
async def test_the_limit_is_that_of_what_a_body_holds(http, metrics, size, status):
    answer = await post(http, gzip.compress(b"x" * size))

    assert answer.status_code == status
    assert ('{limit="body_size"} 1' in metrics.text()) == (status == 413)


async def test_a_bomb_is_refused_without_being_inflated(http):
    bomb = gzip.compress(b"\0" * 90_000_000)
    tracemalloc.start()

    answer = await post(http, bomb)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status_code, code_of(answer)) == (413, "BODY_TOO_LARGE")
    assert peak < 10 * LIMIT


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        gzip.compress(b"{}")[:-1],
        gzip.compress(b"{}") + b"x",
        gzip.compress(b"{}") * 2,
        gzip.compress(b"{}")[:-8] + b"\0" * 8,
        zlib.compress(b"{}"),
    ],
    ids=["empty", "plain", "cut off", "more behind", "two members", "wrong sum", "zlib"],
)
async def test_what_is_not_one_whole_gzip_member_is_malformed(http, content):
    answer = await post(http, content)

    assert (answer.status_code, code_of(answer)) == (400, "BODY_MALFORMED")


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "nonsense"])
async def test_another_encoding_is_refused_and_says_which_is_taken(http, encoding):
    answer = await post(http, b"{}", encoding)

    assert (answer.status_code, code_of(answer)) == (415, "UNSUPPORTED_ENCODING")
    assert answer.headers["Accept-Encoding"] == "gzip"


async def test_answers_to_what_had_a_body_say_what_it_may_be_compressed_with(http):
    assert (await http.post("/", content=b"{}")).headers["Accept-Encoding"] == "gzip"
    assert "Accept-Encoding" not in (await http.get("/")).headers


async def test_reads_and_tokens_may_come_compressed(client, token):
    headers = {"Authorization": f"Bearer {await token()}", "Content-Type": "application/json"}
    query = json.dumps({"query": "{ organisation { name } }"}).encode()

    answer = await client.post(
        "/graphql", content=gzip.compress(query), headers={**headers, "Content-Encoding": "gzip"}
    )

    assert answer.json()["data"]["organisation"]["name"]


@given(st.binary(max_size=300), st.integers(1, 50))
def test_noise_never_inflates_to_more_than_the_limit(noise, size):
    inflater = Inflater(20)
    data = gzip.compress(noise) if len(noise) % 2 else noise

    inflated = b""
    try:
        for start in range(0, len(data), size):
            inflated += inflater.feed(data[start : start + size], is_last=False)
            if inflater.is_beyond_limit:
                break
    except BodyMalformed:
        pass

    assert len(inflated) <= 21
