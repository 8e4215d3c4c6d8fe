"""What attackers try (RFC 9700), each refused."""

import pytest
from joserfc import jwt

from backend.identity.rules import ClientKind
from tests.backend.identity.oauth.conftest import CALLBACK, Browser, Pkce, answer_of
from tests.world import add_organisation, principal_with, run_sql

THIEF = "https://thief.example/callback"


async def is_alive(client, service, token):
    service.forget(lambda _: True)
    headers = {"Authorization": f"Bearer {token}"}
    answer = await client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    return answer.status_code == 200


@pytest.mark.parametrize(
    "uri",
    [
        THIEF,
        CALLBACK + "/",
        CALLBACK + "?next=1",
        CALLBACK + "#fragment",
        CALLBACK.upper(),
        "https://app.example:8443/callback",
        "https://app.example.thief.example/callback",
        "https://app.example@thief.example/callback",
        "http://app.example/callback",
        "//thief.example/callback",
        "javascript:alert(1)",
        "",
        None,
    ],
)
async def test_no_code_and_no_error_goes_where_the_client_did_not_register(
    public, browser, request_of, uri
):
    page = await browser.open(
        "/oauth/authorize", **request_of(public, Pkce(), redirect_uri=uri, response_type="x")
    )

    assert (page.status_code, page.is_redirect) == (400, False)
    assert "thief" not in page.text


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:80/other",
        "http://127.0.0.1.thief.example/callback",
        "http://localhost:80/callback",
        "https://127.0.0.1:80/callback",
        "http://thief@127.0.0.1/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:80/callback?x=1",
    ],
)
async def test_only_the_port_of_a_loopback_address_is_free(register, browser, request_of, uri):
    made = await register(kind=ClientKind.PUBLIC, uris=["http://127.0.0.1/callback"])

    page = await browser.open("/oauth/authorize", **request_of(made, Pkce(), redirect_uri=uri))

    assert page.status_code == 400


async def test_the_port_of_a_confidential_client_is_not_free(register, browser, request_of):
    made = await register(uris=["http://127.0.0.1/callback"])

    page = await browser.open(
        "/oauth/authorize", **request_of(made, Pkce(), redirect_uri="http://127.0.0.1:1/callback")
    )

    assert page.status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"code_challenge": "é" * 43},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", list(ClientKind))
async def test_pkce_cannot_be_left_out_or_weakened(register, browser, request_of, kind, changes):
    made = await register(kind=kind)

    page = await browser.open("/oauth/authorize", **request_of(made, Pkce(), **changes))

    assert answer_of(page)["error"] == "invalid_request"


@pytest.mark.parametrize("verifier", [None, "", "short", "x" * 43, "x" * 129])
async def test_a_code_without_its_verifier_is_worth_nothing(
    add_user, public, get_code, exchange, verifier
):
    await add_user()
    pkce = Pkce()
    code = await get_code(public, pkce)

    answer = await exchange(public, code, pkce, code_verifier=verifier)

    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_grant", "invalid_request"}


async def test_the_challenge_itself_is_no_verifier(add_user, public, get_code, exchange):
    await add_user()
    pkce = Pkce()
    code = await get_code(public, pkce)

    answer = await exchange(public, code, pkce, code_verifier=pkce.challenge)

    assert answer.json()["error"] == "invalid_grant"


async def test_a_code_used_twice_kills_the_tokens_it_gave(
    add_user, public, get_code, exchange, post, client, service
):
    await add_user()
    pkce = Pkce()
    code = await get_code(public, pkce)
    tokens = (await exchange(public, code, pkce)).json()
    assert await is_alive(client, service, tokens["access_token"])

    again = await exchange(public, code, pkce)

    assert again.json()["error"] == "invalid_grant"
    assert not await is_alive(client, service, tokens["access_token"])
    refreshed = await post(
        "token", public, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )
    assert refreshed.json()["error"] == "invalid_grant"


async def test_a_refresh_token_used_twice_kills_its_family(
    add_user, public, obtain, post, client, service
):
    await add_user()
    first = await obtain(public)
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = (await post("token", public, **refresh)).json()
    assert await is_alive(client, service, second["access_token"])

    again = await post("token", public, **refresh)

    assert again.json()["error"] == "invalid_grant"
    refresh["refresh_token"] = second["refresh_token"]
    assert (await post("token", public, **refresh)).json()["error"] == "invalid_grant"
    for tokens in (first, second):
        assert not await is_alive(client, service, tokens["access_token"])


async def test_a_code_is_good_for_a_minute_only(add_user, public, get_code, exchange, owner_url):
    await add_user()
    pkce = Pkce()
    code = await get_code(public, pkce)
    life = "select extract(epoch from expires_at - now()) as left from authorization_codes"
    ((left,),) = await run_sql(owner_url, life)
    await run_sql(owner_url, "update authorization_codes set expires_at = now()")

    answer = await exchange(public, code, pkce)

    assert 50 < left <= 60
    assert answer.json()["error"] == "invalid_grant"


async def test_the_code_of_another_client_is_worth_nothing(
    add_user, public, register, get_code, exchange
):
    await add_user()
    other, pkce = await register(kind=ClientKind.PUBLIC), Pkce()
    code = await get_code(public, pkce)

    stolen = await exchange(other, code, pkce)
    rightful = await exchange(public, code, pkce)

    assert stolen.json()["error"] == "invalid_grant"
    assert rightful.status_code == 200


async def test_the_code_of_a_client_of_another_organisation_is_worth_nothing(
    add_user, public, register, get_code, exchange, owner_url
):
    await add_user()
    stranger = principal_with(await add_organisation(owner_url, "other"), "admin")
    other, pkce = await register(kind=ClientKind.PUBLIC, principal=stranger), Pkce()
    code = await get_code(public, pkce)

    answer = await exchange(other, code, pkce)

    assert answer.json()["error"] == "invalid_grant"


async def test_a_code_is_exchanged_for_the_address_it_was_sent_to(
    add_user, register, get_code, exchange
):
    await add_user()
    made, pkce = await register(kind=ClientKind.PUBLIC, uris=[CALLBACK, THIEF]), Pkce()
    code = await get_code(made, pkce)

    answer = await exchange(made, code, pkce, redirect_uri=THIEF)

    assert answer.json()["error"] == "invalid_grant"


async def test_the_refresh_token_of_another_client_is_worth_nothing(
    add_user, public, register, obtain, post
):
    await add_user()
    other = await register(kind=ClientKind.PUBLIC)
    refresh = {"grant_type": "refresh_token"} | {
        "refresh_token": (await obtain(public))["refresh_token"]
    }

    stolen = await post("token", other, **refresh)
    rightful = await post("token", public, **refresh)

    assert stolen.json()["error"] == "invalid_grant"
    assert rightful.status_code == 200


async def test_no_token_stands_for_one_of_another_kind(
    add_user, public, obtain, post, exchange, client, service
):
    await add_user()
    tokens = await obtain(public)

    as_refresh = await post(
        "token", public, grant_type="refresh_token", refresh_token=tokens["access_token"]
    )
    as_code = await exchange(public, tokens["refresh_token"], Pkce())

    assert as_refresh.json()["error"] == "invalid_grant"
    assert as_code.json()["error"] == "invalid_grant"
    assert not await is_alive(client, service, tokens["refresh_token"])


@pytest.mark.parametrize(
    "claims", [{"aud": "https://other.example"}, {"iss": "https://other.example"}], ids=str
)
async def test_a_person_s_token_for_another_server_is_worth_nothing(
    add_user, public, obtain, client, service, claims
):
    await add_user()
    key = await service.keys.signing_key()
    genuine = jwt.decode((await obtain(public))["access_token"], key, algorithms=["ES256"])
    forged = jwt.encode(genuine.header, {**genuine.claims, **claims}, key, algorithms=["ES256"])

    assert not await is_alive(client, service, forged)


@pytest.mark.parametrize("claim", ["sub", "sid", "grant"])
async def test_a_token_cannot_be_made_to_rest_on_something_else(
    add_user, public, obtain, client, service, claim
):
    await add_user()
    key = await service.keys.signing_key()
    genuine = jwt.decode((await obtain(public))["access_token"], key, algorithms=["ES256"])
    other = "00000000-0000-4000-8000-000000000000"
    claims = {**genuine.claims, claim: other, "jti": "another"}
    forged = jwt.encode(genuine.header, claims, key, algorithms=["ES256"])

    assert not await is_alive(client, service, forged)


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": THIEF}, "request_uri_not_supported"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"scope": "nonsense"}, "invalid_scope"),
    ],
    ids=str,
)
async def test_every_refusal_names_who_refuses(
    public, browser, request_of, settings, parameters, error
):
    page = await browser.open("/oauth/authorize", **request_of(public, Pkce(), **parameters))

    answer = answer_of(page)
    assert (answer["error"], answer["iss"]) == (error, settings.origin)
    assert (answer["state"], page.headers["location"].startswith(CALLBACK)) == ("a-state", True)


async def test_a_parameter_sent_twice_is_refused(public, browser, request_of):
    await browser.open("/oauth/authorize", **request_of(public, Pkce()))
    url = f"{browser.page.request.url}&scope=admin"

    page = await browser.open(url)

    assert (page.status_code, page.is_redirect) == (400, False)


@pytest.mark.parametrize(
    "wanted", [THIEF, "//thief.example", "https:thief", "client_id=x&redirect_uri=" + THIEF]
)
async def test_signing_in_leads_nowhere_else(add_user, public, browser, request_of, wanted):
    await add_user()
    await browser.open("/oauth/authorize", **request_of(public, Pkce()))

    page = await browser.send(
        "/oauth/login",
        wanted=wanted,
        email="kim@shop.example",
        password="correct horse battery",
    )

    assert (page.status_code, page.is_redirect) == (400, False)
    assert not page.cookies


@pytest.mark.parametrize("csrf", [None, "", "0" * 64, "é"])
async def test_a_login_form_of_another_site_is_refused(add_user, public, browser, request_of, csrf):
    await add_user()
    await browser.open("/oauth/authorize", **request_of(public, Pkce()))

    page = await browser.send(
        "/oauth/login", csrf=csrf, email="kim@shop.example", password="correct horse battery"
    )

    assert page.status_code == 403
    assert not page.cookies


@pytest.mark.parametrize("csrf", [None, "", "0" * 64])
async def test_a_consent_form_of_another_site_is_refused(
    add_user, public, browser, request_of, csrf
):
    await add_user()
    await browser.open("/oauth/authorize", **request_of(public, Pkce()))
    await browser.sign_in()

    page = await browser.send("/oauth/consent", csrf=csrf, decision="allow")

    assert (page.status_code, page.is_redirect) == (403, False)


async def test_a_form_of_one_browser_is_worth_nothing_in_another(
    add_user, public, browser, client, request_of
):
    await add_user()
    attacker, victim = Browser(client), browser
    await attacker.open("/oauth/authorize", **request_of(public, Pkce()))
    await victim.open("/oauth/authorize", **request_of(public, Pkce()))
    await victim.sign_in()
    await attacker.sign_in()
    mark = 'name="csrf" value="'
    planted = attacker.page.text.partition(mark)[2].partition('"')[0]

    page = await victim.send("/oauth/consent", csrf=planted, decision="allow")

    assert page.status_code == 403


async def test_a_browser_s_word_that_another_site_sent_it_is_enough(
    add_user, public, browser, request_of
):
    await add_user()
    await browser.open("/oauth/authorize", **request_of(public, Pkce()))
    browser.http.headers["Sec-Fetch-Site"] = "cross-site"

    page = await browser.sign_in()

    assert page.status_code == 403


async def test_pages_run_no_script_and_cannot_be_framed(public, browser, request_of):
    page = await browser.open("/oauth/authorize", **request_of(public, Pkce()))

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert "<script" not in page.text


async def test_what_a_client_calls_itself_is_text(public, browser, request_of, owner_url):
    await run_sql(owner_url, "update clients set name = '<script>alert(1)</script>'")

    page = await browser.open("/oauth/authorize", **request_of(public, Pkce()))

    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_cookies_are_for_us_alone(add_user, public, browser, request_of):
    await add_user()
    await browser.open("/oauth/authorize", **request_of(public, Pkce()))
    page = await browser.send(
        "/oauth/login", email="kim@shop.example", password="correct horse battery"
    )

    cookie = page.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize("path", ["token", "introspect", "revoke", "ticket"])
async def test_no_secret_is_taken_over_plain_http_from_afar(client, path):
    answer = await client.post(
        f"/oauth/{path}", headers={"Host": "shop.example"}, data={"grant_type": "x"}
    )

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "https" in answer.json()["error_description"]


async def test_no_password_is_asked_for_over_plain_http_from_afar(public, client, request_of):
    answer = await client.get(
        "/oauth/authorize", params=request_of(public, Pkce()), headers={"Host": "shop.example"}
    )

    assert answer.status_code == 400
    assert "password" not in answer.text
