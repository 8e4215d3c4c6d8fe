import time
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from backend.core.ids import new_id
from backend.core.scopes import Scope
from backend.identity import clients
from backend.identity.errors import InvalidClient, InvalidKeySet
from backend.identity.oauth.forms import ASSERTION_TYPE
from backend.identity.oauth.rules import InvalidRedirectUri
from backend.identity.rules import ClientKind, ClientTraits

_MINUTE = timedelta(minutes=1)


@pytest.fixture
def key():
    return ECKey.generate_key("P-256", {"kid": "first"})


@pytest.fixture
async def keyed(register, key):
    """A client that proves itself with `key`."""
    return await register(jwks={"keys": [key.as_dict(private=False)]})


@pytest.fixture
def assertion(keyed, key, settings):
    """Makes the client's assertions; what is passed replaces claims, None removes them."""

    def make(signer=key, header=None, **changes):
        claims = {
            "iss": keyed.client_id,
            "sub": keyed.client_id,
            "aud": settings.origin,
            "exp": int(time.time()) + 60,
            "jti": str(new_id()),
        } | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(header or {"alg": "ES256", "kid": "first"}, kept, signer)

    return make


@pytest.fixture
def prove(client):
    """Asks for a token with an assertion."""

    async def send(signed, **fields):
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": signed,
        }
        return await client.post("/oauth/token", data=form | fields)

    return send


@pytest.mark.parametrize("audience", ["issuer", "endpoint", "both"])
async def test_a_key_proves_a_client(keyed, assertion, prove, settings, audience):
    endpoint = f"{settings.origin}/oauth/token"
    named = {"issuer": settings.origin, "endpoint": endpoint, "both": ["x", endpoint]}[audience]

    answer = await prove(assertion(aud=named))

    assert answer.status_code == 200, answer.text


async def test_an_assertion_proves_once(keyed, assertion, prove):
    signed = assertion()

    answers = [await prove(signed) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 401]


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example"},
        {"aud": None},
        {"iss": "somebody"},
        {"sub": "somebody"},
        {"jti": None},
        {"jti": ""},
        {"exp": None},
        {"exp": 1},
        {"exp": 9_999_999_999},
        {"nbf": 9_999_999_999},
    ],
    ids=str,
)
async def test_an_assertion_with_a_wrong_part_proves_nothing(keyed, assertion, prove, changes):
    answer = await prove(assertion(**changes))

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_an_assertion_of_another_key_or_of_none_proves_nothing(keyed, assertion, prove):
    foreign = assertion(ECKey.generate_key("P-256", {"kid": "first"}))
    unsigned = "eyJhbGciOiJub25lIn0." + assertion().split(".")[1] + "."

    for signed in (foreign, unsigned, "nonsense", "a.b.c", ""):
        assert (await prove(signed)).status_code in {400, 401}


async def test_a_client_with_a_key_has_no_secret(keyed, post):
    answer = await post("token", keyed, grant_type="client_credentials", client_secret="guess")

    assert (keyed.client_secret, answer.status_code) == ("", 401)


async def test_a_client_proves_itself_in_one_way_only(keyed, assertion, prove):
    answer = await prove(assertion(), client_secret="guess")

    assert answer.json()["error"] == "invalid_request"


async def test_a_public_client_gets_no_token_for_itself(public, post):
    answer = await post("token", public, grant_type="client_credentials")

    assert answer.json()["error"] == "unauthorized_client"


async def test_a_confidential_client_cannot_pass_for_a_public_one(register, post):
    made = await register()

    answer = await post("token", made, grant_type="client_credentials", client_secret=None)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_token_s_client_learns_what_it_is_worth(register, post, settings):
    made = await register("sales:read")
    token = (await post("token", made, grant_type="client_credentials")).json()["access_token"]

    answer = (await post("introspect", made, token=token)).json()

    assert answer["active"] is True
    assert (answer["scope"], answer["client_id"]) == ("sales:read", made.client_id)
    assert (answer["sub"], answer["iss"]) == (made.client_id, settings.origin)


async def test_others_learn_nothing_of_a_token_but_administrators_do(register, post):
    made, other, admin = await register(), await register(), await register("admin")
    token = (await post("token", made, grant_type="client_credentials")).json()["access_token"]

    answers = [(await post("introspect", who, token=token)).json() for who in (other, admin)]

    assert answers[0] == {"active": False}
    assert answers[1]["active"] is True


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "scr_" + "x" * 43])
async def test_what_is_no_token_is_not_active(register, post, token):
    answer = await post("introspect", await register(), token=token)

    assert answer.json() == {"active": False}


async def test_a_public_client_cannot_ask_about_tokens(public, post):
    assert (await post("introspect", public, token="x")).status_code == 401


async def test_a_revoked_access_token_stops_working_in_every_process(
    register, post, service, client
):
    made = await register()
    token = (await post("token", made, grant_type="client_credentials")).json()["access_token"]

    answer = await post("revoke", made, token=token)

    service.forget(lambda _: True)
    assert answer.status_code == 200
    headers = {"Authorization": f"Bearer {token}"}
    refused = await client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert refused.status_code == 401
    assert (await post("introspect", made, token=token)).json() == {"active": False}


async def test_introspection_knows_of_a_revocation_before_the_feed_does(
    register, post, service, monkeypatch
):
    monkeypatch.setattr(service, "forget", lambda _: None)
    made = await register()
    token = (await post("token", made, grant_type="client_credentials")).json()["access_token"]
    before = (await post("introspect", made, token=token)).json()

    await post("revoke", made, token=token)

    assert before["active"] is True
    assert (await post("introspect", made, token=token)).json() == {"active": False}


async def test_revoking_a_refresh_token_ends_all_that_was_allowed(
    add_user, register, obtain, post, service, client
):
    await add_user()
    made = await register()
    tokens = await obtain(made)
    before = (await post("introspect", made, token=tokens["refresh_token"])).json()

    await post("revoke", made, token=tokens["refresh_token"])

    service.forget(lambda _: True)
    assert before["active"] is True
    for token in (tokens["refresh_token"], tokens["access_token"]):
        assert (await post("introspect", made, token=token)).json() == {"active": False}


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_nobody_revokes_a_token_of_another_client(
    add_user, register, obtain, post, service, kind
):
    await add_user()
    made, other = await register(), await register()
    tokens = await obtain(made)

    answer = await post("revoke", other, token=tokens[kind])

    service.forget(lambda _: True)
    assert answer.status_code == 200
    assert (await post("introspect", made, token=tokens[kind])).json()["active"] is True


async def test_a_replaced_secret_is_good_for_the_grace_that_was_given(
    register, post, service, principal
):
    made = await register()
    credentials = {"grant_type": "client_credentials"}
    async with service.database.work(principal) as work:
        new = await clients.rotate_client_secret(work, made.client_id, grace=_MINUTE)
    both = [await post("token", one, **credentials) for one in (made, new)]
    async with service.database.work(principal) as work:
        newest = await clients.rotate_client_secret(work, made.client_id)

    last = [await post("token", one, **credentials) for one in (made, new, newest)]

    assert [answer.status_code for answer in both] == [200, 200]
    assert [answer.status_code for answer in last] == [401, 401, 200]


@pytest.mark.parametrize(
    ("traits", "error"),
    [
        (ClientTraits(kind=ClientKind.PUBLIC), InvalidClient),
        (ClientTraits(redirect_uris=("http://shop.example/",)), InvalidRedirectUri),
        (ClientTraits(redirect_uris=("https://a.example/#x",)), InvalidRedirectUri),
        (ClientTraits(redirect_uris=("https://me@a.example/",)), InvalidRedirectUri),
        (ClientTraits(redirect_uris=("https://a.example/ x",)), InvalidRedirectUri),
        (ClientTraits(redirect_uris=("/callback",)), InvalidRedirectUri),
        (ClientTraits(redirect_uris=("javascript:alert(1)",)), InvalidRedirectUri),
        (ClientTraits(redirect_uris=("com.example.app:/x",)), InvalidRedirectUri),
        (
            ClientTraits(kind=ClientKind.PUBLIC, redirect_uris=("myapp:/x",)),
            InvalidRedirectUri,
        ),
        (ClientTraits(redirect_uris=("https://a.example/",) * 21), InvalidRedirectUri),
        (ClientTraits(jwks={}), InvalidKeySet),
        (ClientTraits(jwks={"keys": []}), InvalidKeySet),
        (ClientTraits(jwks={"keys": "x"}), InvalidKeySet),
        (ClientTraits(jwks={"keys": [{"kty": "oct", "k": "c2VjcmV0" * 4}]}), InvalidKeySet),
        (
            ClientTraits(jwks={"keys": [ECKey.generate_key("P-256").as_dict(private=True)]}),
            InvalidKeySet,
        ),
    ],
    ids=range(15),
)
async def test_a_client_that_could_be_abused_is_not_made(service, principal, traits, error):
    async with service.database.work(principal) as work:
        with pytest.raises(error):
            await clients.create_client(
                work, "An app", frozenset({Scope.SALES_READ}), traits=traits
            )


async def test_an_app_may_have_a_scheme_of_its_own(register):
    made = await register(kind=ClientKind.PUBLIC, uris=["com.example.app:/callback"])

    assert made.client_id.startswith("sc_")


@pytest.mark.filterwarnings("ignore:Key size")
async def test_a_client_cannot_prove_itself_with_a_short_key(register):
    short = RSAKey.generate_key(1024).as_dict(private=False)

    with pytest.raises(InvalidKeySet):
        await register(jwks={"keys": [short]})


@pytest.mark.parametrize("scope", [None, "sales:read"])
async def test_the_secret_of_our_own_pages_alone_gives_no_token(register, post, scope):
    made = await register("admin", is_first_party=True)

    answer = await post("token", made, grant_type="client_credentials", scope=scope)

    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
