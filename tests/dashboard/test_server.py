"""What the dashboard answers over HTTP."""

import asyncio
from contextlib import asynccontextmanager

import httpx2
import pytest

from dashboard.app import create_app
from dashboard.client import BackendClient
from dashboard.people import WALL_SCOPES
from dashboard.security import content_security_policy
from tests.dashboard.signing_in import sign_in
from tests.dashboard.token_endpoint import ME, TokenEndpoint

PAGE = {"X-Shelfcast-Page": "1", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def endpoint():
    return TokenEndpoint()


@pytest.fixture
def serve(dashboard_settings, endpoint):
    """A browser's view of the dashboard, as `serve(base_url, **changed_settings)`."""

    def make(base_url="http://localhost:8050", **changed):
        settings = dashboard_settings.model_copy(update=changed)
        app = create_app(settings, BackendClient(settings, transport=endpoint))
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=base_url)

    return make


@pytest.fixture
def signed_in(serve):
    """The same, with somebody signed in at its own address."""

    async def make(base_url="http://localhost:8050", **changed):
        browser = serve(base_url, dashboard_url=base_url, **changed)
        await sign_in(browser)
        return browser

    return make


async def test_health_needs_no_backend(serve, endpoint):
    response = await serve().get("/healthz")

    assert response.json() == {"status": "ok"}
    assert endpoint.asked == []


async def test_a_page_gets_a_ticket_and_the_address_of_the_backend_but_no_token(signed_in):
    response = await (await signed_in()).get("/live/ticket", headers=PAGE)

    assert response.json() == {"ticket": "ticket-5", "url": "ws://localhost:8000/graphql"}
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("use", ["devices", "reports"])
async def test_a_page_gets_a_ticket_for_no_more_than_it_follows(signed_in, endpoint, use):
    await (await signed_in()).get(f"/live/ticket?for={use}", headers=PAGE)

    assert endpoint.tickets == [{"scope": [f"{use}:read"]}]


async def test_there_is_no_ticket_for_what_no_page_follows(signed_in, endpoint):
    response = await (await signed_in()).get("/live/ticket?for=admin", headers=PAGE)

    assert (response.status_code, response.json()) == (400, {"code": "UNKNOWN_USE"})
    assert endpoint.tickets == []


@pytest.mark.parametrize(
    ("base_url", "public_url", "expected"),
    [
        ("http://127.0.0.1:8050", None, "ws://127.0.0.1:8000/graphql"),
        ("https://localhost", None, "wss://localhost:8000/graphql"),
        ("http://[::1]:8050", None, "ws://[::1]:8000/graphql"),
        ("http://localhost:8050", "https://api.shop.example", "wss://api.shop.example/graphql"),
        ("http://localhost:8050", "http://shop.example/live", "ws://shop.example/live/graphql"),
    ],
)
async def test_the_backend_is_reached_under_the_pages_host_unless_set(
    signed_in, base_url, public_url, expected
):
    browser = await signed_in(base_url, public_url=public_url)

    response = await browser.get("/live/ticket", headers=PAGE)

    assert response.json()["url"] == expected


@pytest.mark.parametrize("path", ["/live/ticket", "/live/export", "/live/panels?page=sales"])
@pytest.mark.parametrize(
    ("host", "headers"),
    [
        pytest.param("localhost:8050", {}, id="no page of ours"),
        pytest.param("localhost:8050", PAGE | {"Sec-Fetch-Site": "same-site"}, id="other origin"),
        pytest.param("rebound.example:8050", PAGE, id="a host name we do not have"),
    ],
)
async def test_nobody_else_gets_a_ticket_or_an_export(signed_in, endpoint, host, headers, path):
    browser = await signed_in()
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar)

    response = await browser.get(f"http://{host}{path}", headers={**headers, "Cookie": cookies})

    assert response.status_code == 403
    assert not {"/oauth/ticket", "/api/organisation/export"} & set(endpoint.asked)


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (httpx2.ConnectError("no"), 503, "BACKEND_UNREACHABLE"),
        (httpx2.Response(401, json={"error": "invalid_client"}), 502, "CREDENTIALS_REFUSED"),
        (httpx2.Response(400, json={"error": "invalid_grant"}), 401, "SIGNED_OUT"),
    ],
)
async def test_a_missing_ticket_says_whom_to_ask(signed_in, endpoint, answer, status, code):
    browser = await signed_in()
    endpoint.refused_access.add("access-1")
    endpoint.answers["/oauth/token"] = answer

    response = await browser.get("/live/ticket", headers=PAGE)

    assert (response.status_code, response.json()) == (status, {"code": code})


async def test_there_are_no_panels_of_a_page_that_does_not_exist(signed_in, endpoint):
    browser = await signed_in()
    asked = len(endpoint.asked)

    response = await browser.get("/live/panels?page=attic&panel=box", headers=PAGE)

    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")
    assert len(endpoint.asked) == asked


async def test_every_answer_carries_the_security_headers(serve):
    browser = serve()

    for path in ["/", "/healthz", "/live/ticket", "/_dash-layout", "/assets/90-wall.js"]:
        headers = (await browser.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "content-security-policy" in headers


@asynccontextmanager
async def life_of(app):
    """Start and stop an application as a server does (the lifespan of ASGI)."""
    asked, answered = asyncio.Queue(), asyncio.Queue()
    life = asyncio.create_task(app({"type": "lifespan", "state": {}}, asked.get, answered.put))
    for phase in ("startup", "shutdown"):
        await asked.put({"type": f"lifespan.{phase}"})
        assert (await answered.get())["type"] == f"lifespan.{phase}.complete"
        if phase == "startup":
            yield
    await life


@pytest.fixture
async def cold(dashboard_settings, endpoint):
    """A browser's view of a dashboard that has just started, as a server starts it."""
    app = create_app(dashboard_settings, BackendClient(dashboard_settings, transport=endpoint))
    async with life_of(app):
        yield httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app), base_url="http://localhost:8050"
        )


@pytest.mark.parametrize("path", ["/", "/users", "/audit"])
async def test_the_first_page_after_a_start_has_its_scripts_whichever_it_is(cold, path):
    await sign_in(cold)

    page = (await cold.get(path)).text

    assert "/assets/72-dialogs.js" in page
    assert "_dashprivate_clientside_funcs" in page


async def test_a_script_is_answered_before_anybody_signed_in(cold):
    response = await cold.get(
        "/_dash-component-suites/dash/dash-renderer/build/dash_renderer.min.js"
    )

    assert response.status_code == 200


async def test_scripts_come_from_the_dashboard_only(signed_in):
    policy = (await (await signed_in()).get("/")).headers["content-security-policy"]

    (scripts,) = [part for part in policy.split("; ") if part.startswith("script-src")]
    assert scripts.startswith("script-src 'self' 'sha256-")
    assert "unsafe" not in scripts
    assert "connect-src 'self' ws://localhost:8000" in policy


async def test_a_forged_host_name_adds_nothing_to_the_policy(serve):
    response = await serve().get("/", headers={"Host": "x; script-src *"})

    assert "script-src *" not in response.headers["content-security-policy"]


def test_tiles_are_allowed_as_images_when_they_are_set():
    policy = content_security_policy(
        [], connect="ws://b", tile_url="https://{s}.tiles.example/{z}/{x}/{y}.png"
    )

    assert "img-src 'self' data: blob: https://*.tiles.example;" in policy


async def test_large_answers_are_compressed(signed_in):
    response = await (await signed_in()).get(
        "/_dash-dependencies", headers={"Accept-Encoding": "gzip"}
    )

    assert response.headers["content-encoding"] == "gzip"


async def test_the_navigation_shows_only_what_somebody_may_see(signed_in, endpoint):
    endpoint.me = ME | {"user": ME["user"] | {"role": "SCREEN"}, "scopes": sorted(WALL_SCOPES)}

    layout = (await (await signed_in()).get("/_dash-layout")).json()

    assert "rail" not in str(layout)
