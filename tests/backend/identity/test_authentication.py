import base64
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from backend.core.ids import new_id
from backend.core.scopes import Scope, parse_scopes
from backend.identity import clients as identity
from backend.identity.authentication import Identity
from backend.identity.errors import InvalidToken
from backend.infra.database import Database
from backend.infra.work import Reactions


@pytest.fixture
def issue(service, create):
    """Makes a client and returns a token of its own."""

    async def make(scopes="sales:read stock:read", **options):
        made = await create(scopes, **options)
        token = await service.issue_token(made.client_id, made.client_secret, None, "here")
        return made, token.access_token

    return make


@pytest.fixture
def forge(service, issue):
    """Returns a token of ours with parts exchanged, by default signed with our own key."""

    async def make(*, header=None, key=None, **claims):
        _, genuine = await issue()
        own = await service.keys.signing_key()
        decoded = jwt.decode(genuine, own, algorithms=["ES256"])
        content = {**decoded.claims, **claims}
        content = {name: value for name, value in content.items() if value is not None}
        changed = {**decoded.header, **(header or {})}
        return jwt.encode(changed, content, key or own, algorithms=[changed["alg"]])

    return make


def encoded(header):
    return base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")


async def test_a_bearer_is_known_with_organisation_and_scopes(service, issue, org_id):
    made, token = await issue("sales:read")

    principal = await service.authenticate(token)

    assert (principal.org_id, principal.client_id) == (org_id, made.client_id)
    assert principal.scopes == {Scope.SALES_READ}
    assert principal.locations is None
    assert principal.expires_at > datetime.now(UTC)


async def test_a_client_of_one_location_sees_that_location_only(service, issue):
    place = new_id()
    _, token = await issue(locations=[place])

    assert (await service.authenticate(token)).locations == {place}


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example"},
        {"aud": None},
        {"iss": "https://other.example"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"sub": None},
        {"client_id": None},
        {"jti": None},
        {"scope": "sales:read nonsense"},
        {"org": "nobody"},
        {"org": None},
        {"header": {"typ": "JWT"}},
        {"header": {"kid": "unknown"}},
    ],
    ids=lambda changes: json.dumps(changes),
)
async def test_a_token_with_a_wrong_part_is_refused(service, forge, changes):
    token = await forge(**changes)

    with pytest.raises(InvalidToken):
        await service.authenticate(token)


async def test_a_token_for_another_organisation_than_its_client_s_is_refused(service, forge):
    token = await forge(org=str(new_id()))

    with pytest.raises(InvalidToken):
        await service.authenticate(token)


async def test_a_token_signed_by_another_key_is_refused(service, forge):
    token = await forge(key=ECKey.generate_key("P-256"))

    with pytest.raises(InvalidToken):
        await service.authenticate(token)


async def test_a_token_without_signature_is_refused(service, issue):
    _, genuine = await issue()
    header = {"alg": "none", "typ": "at+jwt", "kid": (await service.keys.signing_key()).kid}

    for signature in ("", genuine.split(".")[2]):
        with pytest.raises(InvalidToken):
            await service.authenticate(f"{encoded(header)}.{genuine.split('.')[1]}.{signature}")


async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(service, issue):
    _, genuine = await issue()
    key = await service.keys.signing_key()
    header = {"alg": "HS256", "typ": "at+jwt", "kid": key.kid}
    signed = f"{encoded(header)}.{genuine.split('.')[1]}"
    # By hand: the library refuses to make such a token.
    digest = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
    signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")

    with pytest.raises(InvalidToken):
        await service.authenticate(f"{signed}.{signature}")


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "é.é.é", "x" * 10_000, "W10.W10.W10", "e30.e30.e30", "[" * 2_000],
    ids=range(9),
)
async def test_what_is_no_token_is_refused(service, token):
    with pytest.raises(InvalidToken):
        await service.authenticate(token)


async def test_an_expired_token_is_refused_although_it_was_good_before(
    settings, owner_url, principal
):
    brief = settings.model_copy(update={"token_lifetime": timedelta(seconds=0)})
    async with Database(brief, owner_url, Reactions()) as database:
        service = Identity(database, brief)
        async with database.work(principal) as work:
            made = await identity.create_client(work, "a till", parse_scopes("sales:read"))
        token = await service.issue_token(made.client_id, made.client_secret, None, "here")

        with pytest.raises(InvalidToken):
            await service.authenticate(token.access_token)


async def test_a_revoked_client_s_token_stops_working_once_the_feed_tells(
    service, issue, principal
):
    made, token = await issue()
    await service.authenticate(token)
    async with service.database.work(principal) as work:
        await identity.revoke_client(work, made.client_id)

    service.forget(lambda who: who.client_id == made.client_id)

    with pytest.raises(InvalidToken):
        await service.authenticate(token)


async def test_a_token_loses_the_scopes_its_client_loses(service, issue, principal):
    made, token = await issue("sales:read stock:read")
    async with service.database.work(principal) as work:
        await identity.update_client(work, made.client_id, scopes=parse_scopes("stock:read"))
    service.forget(lambda who: who.client_id == made.client_id)

    assert (await service.authenticate(token)).scopes == {Scope.STOCK_READ}


async def test_a_token_is_good_in_every_process(service, issue, settings, owner_url):
    _, token = await issue()

    async with Database(settings, owner_url, Reactions()) as database:
        principal = await Identity(database, settings).authenticate(token)

    assert principal.scopes == {Scope.SALES_READ, Scope.STOCK_READ}


async def test_a_process_with_another_secret_key_cannot_read_the_signing_key(
    service, issue, settings, owner_url
):
    _, token = await issue()
    other = settings.model_copy(update={"secret_key": type(settings.secret_key)("another")})

    async with Database(other, owner_url, Reactions()) as database:
        with pytest.raises(InvalidToken):
            await Identity(database, other).authenticate(token)
