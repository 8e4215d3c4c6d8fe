import pytest
from starlette.websockets import WebSocket

from backend.infra.api.view import GraphQLView


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer abc", "bearer a.b.c"]
)
async def test_nobody_is_served_without_a_good_token(client, header):
    headers = {} if header is None else {"Authorization": header}

    answer = await client.post("/graphql", json={"query": "{organisation{name}}"}, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_bad_body_of_a_stranger_says_nothing_but_who_are_you(client):
    answer = await client.post("/graphql", content=b"{")

    assert answer.status_code == 401


async def test_a_field_without_its_scope_is_refused(graphql):
    answer = await graphql("{ stockLevels { nodes { id } } }", None, "sales:read")

    assert answer["errors"][0]["extensions"] == {"code": "MISSING_SCOPE", "scope": "stock:read"}


async def test_a_browser_gets_a_page_that_loads_nothing_from_elsewhere(client):
    page = await client.get("/graphql", headers={"Accept": "text/html"})

    policy = page.headers["content-security-policy"]
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in policy
    assert "http" not in policy
    for path in ("/graphql/explorer.js", "/graphql/explorer.css", "/schema.graphql"):
        assert (await client.get(path)).status_code == 200
        assert path in page.text


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        ("http://localhost:8050", True),
        ("http://wall.lan:8050", True),
        ("http://wall.lan:9999", False),
        ("https://wall.lan:8050", False),
        ("http://evil.example:8050", False),
        ("http://evil.example", False),
        ("null", False),
    ],
)
def test_the_dashboard_may_open_sockets_under_any_name_of_this_host(app, origin, is_allowed):
    view = next(route.app for route in app.routes if isinstance(route.app, GraphQLView))
    scope = {"type": "websocket", "headers": [(b"host", b"wall.lan:8000")]}
    handshake = WebSocket(scope, receive=_unused, send=_unused)

    assert view.is_websocket_origin_allowed(handshake, origin) is is_allowed


async def _unused(*_):
    raise AssertionError("nothing is sent or received")
