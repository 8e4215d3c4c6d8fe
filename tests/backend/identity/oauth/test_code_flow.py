import asyncio
from datetime import timedelta

import pytest

from backend.core.scopes import Scope
from backend.identity.rules import ClientKind
from tests.backend.identity.oauth.conftest import Pkce, answer_of
from tests.world import add_organisation, run_sql

LOOPBACK = "http://127.0.0.1/callback"


async def test_a_person_lets_an_app_act_for_them(
    add_user, public, browser, request_of, exchange, service, settings
):
    user_id, pkce = await add_user(), Pkce()
    await browser.open("/oauth/authorize", **request_of(public, pkce))
    await browser.sign_in()

    answer = await browser.decide("allow")

    assert (answer["state"], answer["iss"]) == ("a-state", settings.origin)
    tokens = (await exchange(public, answer["code"], pkce)).json()
    assert (tokens["token_type"], tokens["scope"]) == ("Bearer", "sales:read")
    who = await service.authenticate(tokens["access_token"])
    assert (who.user_id, who.client_id) == (user_id, public.client_id)
    assert who.scopes == {Scope.SALES_READ}
    assert who.session_id is not None


async def test_a_confidential_client_proves_itself_as_well(add_user, register, get_code, exchange):
    made, pkce = await register(), Pkce()
    await add_user()
    code = await get_code(made, pkce)

    refused = await exchange(made, code, pkce, client_secret=None)
    granted = await exchange(made, code, pkce)

    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert granted.status_code == 200


async def test_nobody_is_asked_whether_our_own_dashboard_may(
    add_user, register, browser, request_of
):
    made = await register(is_first_party=True)
    await add_user()
    await browser.open("/oauth/authorize", **request_of(made, Pkce()))

    await browser.sign_in()

    assert "code" in answer_of(browser.page)


async def test_the_sign_in_page_on_its_own_may_lead_to_the_dashboard(add_user, browser, settings):
    await add_user()
    await browser.open("/oauth/login")
    policy = browser.page.headers["content-security-policy"]

    await browser.sign_in()

    assert browser.page.headers["location"] == settings.dashboard_url
    assert f"form-action 'self' {settings.dashboard_url};" in policy


async def test_an_app_that_claims_to_be_ours_is_looked_at_by_a_person(
    add_user, register, browser, request_of
):
    made = await register(is_first_party=True, kind=ClientKind.PUBLIC)
    await add_user()
    await browser.open("/oauth/authorize", **request_of(made, Pkce()))

    await browser.sign_in()

    assert "wants to use Shelfcast for you" in browser.page.text


async def test_a_person_may_refuse(add_user, public, browser, request_of, settings):
    await add_user()
    await browser.open("/oauth/authorize", **request_of(public, Pkce()))
    await browser.sign_in()

    answer = await browser.decide("deny")

    assert answer["error"] == "access_denied"
    assert (answer["state"], answer["iss"]) == ("a-state", settings.origin)


async def test_a_person_may_take_another_account(add_user, public, browser, request_of):
    await add_user()
    await browser.open("/oauth/authorize", **request_of(public, Pkce()))
    await browser.sign_in()
    await browser.send("/oauth/consent", decision="switch")

    await browser.follow()

    assert "Sign in" in browser.page.text
    assert "/oauth/login" in browser.page.text


async def test_a_token_never_carries_more_than_the_person_s_role(
    add_user, register, obtain, service
):
    await add_user("CLERK")
    made = await register("admin", kind=ClientKind.PUBLIC)

    tokens = await obtain(made, scope="admin")

    assert "admin" not in tokens["scope"].split()
    assert Scope.ANALYTICS_READ not in (await service.authenticate(tokens["access_token"])).scopes


async def test_a_role_that_has_none_of_the_scopes_gives_no_access(
    add_user, register, browser, request_of
):
    await add_user("DEVICE")
    made = await register(kind=ClientKind.PUBLIC)
    await browser.open("/oauth/authorize", **request_of(made, Pkce()))

    await browser.sign_in()

    assert answer_of(browser.page)["error"] == "access_denied"


async def test_somebody_of_another_organisation_is_asked_to_sign_in_as_somebody_of_this_one(
    add_user, register, browser, request_of, owner_url
):
    made = await register(is_first_party=True)
    await add_user(org_id=await add_organisation(owner_url, "other"))
    await browser.open("/oauth/authorize", **request_of(made, Pkce()))

    await browser.sign_in()

    assert browser.page.status_code == 403
    assert "belongs to another organisation" in browser.page.text
    assert 'name="password"' in browser.page.text


async def test_a_person_of_another_organisation_gets_no_access(
    add_user, public, browser, request_of, owner_url
):
    await add_user(org_id=await add_organisation(owner_url, "other"))
    await browser.open("/oauth/authorize", **request_of(public, Pkce()))

    await browser.sign_in()

    assert answer_of(browser.page)["error"] == "access_denied"


async def test_a_wrong_password_is_said_on_the_page(add_user, public, browser, request_of):
    await add_user()
    await browser.open("/oauth/authorize", **request_of(public, Pkce()))

    await browser.sign_in(password="a wrong password")

    assert browser.page.status_code == 401
    assert 'role="alert"' in browser.page.text


@pytest.mark.parametrize("port", ["", ":1", ":52341"])
async def test_the_port_of_an_app_on_loopback_is_free(register, browser, request_of, port):
    made = await register(kind=ClientKind.PUBLIC, uris=[LOOPBACK])
    uri = f"http://127.0.0.1{port}/callback"

    page = await browser.open("/oauth/authorize", **request_of(made, Pkce(), redirect_uri=uri))

    assert (page.status_code, "Sign in" in page.text) == (200, True)


async def test_what_a_person_allowed_ends_with_the_person(
    add_user, public, obtain, post, owner_url
):
    user_id = await add_user()
    tokens = await obtain(public)
    await run_sql(owner_url, "update users set disabled_at = now() where id = $1", user_id)

    answer = await post(
        "token", public, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )

    assert answer.json()["error"] == "invalid_grant"


async def test_a_refresh_token_gives_new_tokens(add_user, public, obtain, post, service):
    await add_user()
    tokens = await obtain(public, scope="sales:read stock:read")

    answer = await post(
        "token",
        public,
        grant_type="refresh_token",
        refresh_token=tokens["refresh_token"],
        scope="stock:read",
    )

    renewed = answer.json()
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert (await service.authenticate(renewed["access_token"])).scopes == {Scope.STOCK_READ}


async def test_a_refresh_token_never_gives_more_than_was_allowed(add_user, public, obtain, post):
    await add_user()
    tokens = await obtain(public, scope="sales:read")

    answer = await post(
        "token",
        public,
        grant_type="refresh_token",
        refresh_token=tokens["refresh_token"],
        scope="stock:read",
    )

    assert answer.json()["error"] == "invalid_scope"


async def test_of_two_who_exchange_a_code_at_once_neither_keeps_anything(
    add_user, public, get_code, exchange, client, service
):
    await add_user()
    pkce = Pkce()
    code = await get_code(public, pkce)

    answers = await asyncio.gather(*(exchange(public, code, pkce) for _ in range(2)))

    assert sorted(answer.status_code for answer in answers) == [200, 400]
    (tokens,) = [answer.json() for answer in answers if answer.status_code == 200]
    service.forget(lambda _: True)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    answer = await client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert answer.status_code == 401


async def test_the_database_holds_no_code_and_no_refresh_token(
    add_user, public, get_code, exchange, owner_url
):
    await add_user()
    pkce = Pkce()
    code = await get_code(public, pkce)
    tokens = (await exchange(public, code, pkce)).json()

    rows = await run_sql(owner_url, "select * from authorization_codes")
    rows += await run_sql(owner_url, "select * from refresh_tokens")

    kept = str([dict(row) for row in rows])
    assert code not in kept
    assert tokens["refresh_token"] not in kept


@pytest.fixture
def begin(add_user, register, browser, request_of, exchange):
    """Signs somebody in at our own dashboard; returns its client and a refresh token."""

    async def run(role="MANAGER"):
        await add_user(role)
        made, pkce = await register(is_first_party=True), Pkce()
        await browser.open("/oauth/authorize", **request_of(made, pkce))
        await browser.sign_in()
        tokens = await exchange(made, answer_of(browser.page)["code"], pkce)
        return made, tokens.json()["refresh_token"]

    return run


async def test_an_open_page_uses_its_session(begin, post, owner_url):
    made, token = await begin()
    await run_sql(owner_url, "update sessions set last_seen_at = now() - interval '11 h'")

    answer = await post("token", made, grant_type="refresh_token", refresh_token=token)

    (seen,) = await run_sql(owner_url, "select now() - last_seen_at as ago from sessions")
    assert (answer.status_code, seen["ago"] < timedelta(minutes=1)) == (200, True)


OVER = [
    pytest.param("last_seen_at = now() - interval '13 h'", id="idle"),
    pytest.param("expires_at = now()", id="its longest life is over"),
    pytest.param("ended_at = now()", id="ended"),
]


@pytest.mark.parametrize("change", OVER)
@pytest.mark.parametrize("role", ["MANAGER", "SCREEN"])
async def test_a_page_is_signed_out_when_its_session_is_over(begin, post, owner_url, role, change):
    made, token = await begin(role)
    await run_sql(owner_url, f"update sessions set {change}")

    answer = await post("token", made, grant_type="refresh_token", refresh_token=token)

    assert answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("change", OVER[:2])
async def test_an_app_goes_on_when_the_session_it_was_let_in_with_expires(
    add_user, public, obtain, post, owner_url, change
):
    await add_user()
    token = (await obtain(public))["refresh_token"]
    await run_sql(owner_url, f"update sessions set {change}")

    answer = await post("token", public, grant_type="refresh_token", refresh_token=token)

    assert answer.status_code == 200


@pytest.mark.parametrize(("role", "status"), [("SCREEN", 200), ("ADMIN", 400)])
async def test_a_wall_stays_signed_in_for_months_as_long_as_it_is_one(
    begin, post, owner_url, role, status
):
    made, token = await begin("SCREEN")
    (session,) = await run_sql(owner_url, "select expires_at - created_at as life from sessions")
    await run_sql(owner_url, "update sessions set created_at = now() - interval '31 d'")
    await run_sql(owner_url, "update users set role = $1", role)

    answer = await post("token", made, grant_type="refresh_token", refresh_token=token)

    assert (answer.status_code, session["life"]) == (status, timedelta(days=365))
