"""Signing in and out: what a browser holds, and whom the dashboard believes."""

import httpx2
import pytest

from dashboard.app import create_app
from dashboard.client import BackendClient
from dashboard.sign_in import challenge_of, own_path
from tests.dashboard.signing_in import begin, finish, sign_in
from tests.dashboard.token_endpoint import TokenEndpoint

OWN = "http://localhost:8050"
CSRF = "shelfcast_csrf_8050"
CALLBACK = {"output": "x.data", "inputs": [], "changedPropIds": []}


@pytest.fixture
def endpoint():
    return TokenEndpoint()


@pytest.fixture
def new_browser(dashboard_settings, endpoint):
    """Browsers in front of one dashboard, each without cookies."""
    app = create_app(dashboard_settings, BackendClient(dashboard_settings, transport=endpoint))
    return lambda: httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=OWN)


@pytest.fixture
def browser(new_browser):
    return new_browser()


def token_of(browser):
    return {"X-CSRFToken": browser.cookies[CSRF], "Origin": OWN}


async def test_somebody_unknown_is_sent_to_sign_in_and_back_to_where_they_were(browser):
    response = await browser.get("/users?x=1")

    assert response.status_code == 303
    assert response.headers["location"] == "/login?next=%2Fusers%3Fx%3D1"
    assert (await sign_in(browser, "/users?x=1")).headers["location"] == "/users?x=1"


@pytest.mark.parametrize("path", ["/_dash-layout", "/_dash-dependencies", "/live/ticket"])
async def test_parts_of_pages_are_for_those_who_signed_in(browser, path):
    response = await browser.get(path)

    assert (response.status_code, response.json()) == (401, {"code": "SIGNED_OUT"})


async def test_the_browser_holds_a_random_id_that_no_script_can_read(browser):
    cookies = (await sign_in(browser)).headers.get_list("set-cookie")

    (session,) = [cookie for cookie in cookies if cookie.startswith("shelfcast_session_8050=")]
    assert "HttpOnly" in session
    assert "SameSite=lax" in session
    assert "access-1" not in str(cookies)
    assert "refresh-1" not in str(cookies)


async def test_under_https_cookies_belong_to_this_host_alone(dashboard_settings, endpoint):
    settings = dashboard_settings.model_copy(update={"dashboard_url": "https://wall.example"})
    app = create_app(settings, BackendClient(settings, transport=endpoint))
    browser = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="https://wall.example"
    )

    cookies = (await sign_in(browser)).headers.get_list("set-cookie")

    assert all(cookie.startswith("__Host-") for cookie in cookies)
    assert all("Secure" in cookie and "Path=/" in cookie for cookie in cookies)


async def test_each_sign_in_has_another_state_and_the_code_goes_with_its_verifier(
    browser, endpoint
):
    response = await browser.get("/login")
    challenge = httpx2.URL(response.headers["location"]).params["code_challenge"]
    state = httpx2.URL(response.headers["location"]).params["state"]

    await finish(browser, state)

    assert challenge_of(endpoint.grants[0]["code_verifier"]) == challenge
    assert await begin(browser) != state


async def test_a_sign_in_begun_by_somebody_else_is_refused(new_browser, endpoint):
    attacker, victim = new_browser(), new_browser()
    state = await begin(attacker)
    await begin(victim)

    response = await finish(victim, state)

    assert response.status_code == 400
    assert endpoint.grants == []


async def test_a_state_is_good_once(browser):
    state = await begin(browser)
    await finish(browser, state)

    assert (await finish(browser, state)).status_code == 400


@pytest.mark.parametrize("issuer", ["https://evil.example", None], ids=["another", "none"])
async def test_an_answer_of_another_issuer_is_refused(browser, endpoint, issuer):
    response = await finish(browser, await begin(browser), iss=issuer)

    assert response.status_code == 400
    assert endpoint.grants == []


async def test_an_error_of_the_backend_is_explained_and_not_repeated(browser):
    response = await finish(browser, await begin(browser), code=None, error="<script>alert(1)")

    assert response.status_code == 400
    assert "<script>alert" not in response.text
    assert "You were not signed in" in response.text


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/users?x=1", "/users?x=1"),
        (None, "/"),
        ("", "/"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/login?next=/", "/"),
    ],
)
def test_nobody_is_led_anywhere_else(wanted, path):
    assert own_path(wanted) == path


async def test_who_opens_another_name_of_this_machine_signs_in_at_the_set_one(browser):
    response = await browser.get("http://127.0.0.1:8050/login?next=/users")

    assert response.headers["location"] == "http://localhost:8050/login?next=%2Fusers"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (httpx2.ConnectError("no"), 503),
        (httpx2.Response(401, json={"error": "invalid_client"}), 502),
        (httpx2.Response(400, json={"error": "invalid_grant"}), 400),
    ],
)
async def test_a_sign_in_that_fails_says_so_and_leaves_nobody_signed_in(
    browser, endpoint, answer, status
):
    state = await begin(browser)
    endpoint.answers["/oauth/token"] = answer

    response = await finish(browser, state)

    assert response.status_code == status
    assert (await browser.get("/")).status_code == 303


async def test_a_change_from_our_page_is_let_through(browser):
    await sign_in(browser)

    response = await browser.post("/logout", headers=token_of(browser))

    assert response.json() == {"location": "/signed-out"}


@pytest.mark.parametrize("path", ["/logout", "/_dash-update-component"])
@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"X-CSRFToken": None}, id="no token"),
        pytest.param({"X-CSRFToken": "x"}, id="a wrong token"),
        pytest.param({"Origin": None}, id="no origin"),
        pytest.param({"Origin": "http://evil.example"}, id="another origin"),
        pytest.param({"Origin": "http://localhost:8051"}, id="another port"),
        pytest.param({"Origin": "null"}, id="a sandboxed frame"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="another site"),
    ],
)
async def test_a_change_from_elsewhere_is_refused(browser, path, changed):
    await sign_in(browser)
    headers = {**token_of(browser), **changed}

    response = await browser.post(
        path, json=CALLBACK, headers={k: v for k, v in headers.items() if v is not None}
    )

    assert (response.status_code, response.json()) == (403, {"code": "NOT_FROM_OWN_PAGE"})
    assert (await browser.get("/")).status_code == 200


async def test_the_token_of_another_session_is_no_good(new_browser):
    one, other = new_browser(), new_browser()
    await sign_in(one)
    await sign_in(other)

    response = await one.post("/logout", headers=token_of(other))

    assert response.status_code == 403


async def test_signing_out_ends_the_session_at_the_backend_too(browser, endpoint):
    await sign_in(browser)

    await browser.post("/logout", headers=token_of(browser))

    assert endpoint.asked[-2:] == ["/graphql", "/oauth/revoke"]
    assert (await browser.get("/")).status_code == 303


async def test_a_session_that_ended_elsewhere_is_sent_to_sign_in(browser, endpoint):
    await sign_in(browser)
    endpoint.refused_access.add("access-1")
    endpoint.answers["/oauth/token"] = httpx2.Response(400, json={"error": "invalid_grant"})

    response = await browser.get("/")

    assert response.headers["location"] == "/login?next=%2F"


async def test_a_backend_that_is_away_does_not_take_the_wall_from_the_screen(browser, endpoint):
    await sign_in(browser)
    endpoint.answers["/graphql"] = httpx2.ConnectError("no")

    assert (await browser.get("/")).status_code == 200


async def test_signing_in_anew_ends_the_session_before(browser):
    await sign_in(browser)
    former = browser.cookies["shelfcast_session_8050"]
    await sign_in(browser)

    response = await browser.get(
        "/_dash-layout", headers={"Cookie": f"shelfcast_session_8050={former}"}
    )

    assert response.status_code == 401
