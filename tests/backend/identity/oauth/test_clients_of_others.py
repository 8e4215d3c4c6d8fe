"""Clients that others wrote complete every flow: Authlib's, and openid-client for Node."""

import asyncio
import json
import shutil
from pathlib import Path

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from joserfc.jwk import ECKey, RSAKey

from backend.core.ids import new_id
from backend.core.scopes import parse_scopes
from backend.identity import clients
from backend.identity.authentication import Identity
from backend.identity.people.users import People
from backend.identity.rules import ClientKind, ClientTraits
from tests.backend.identity.oauth.conftest import CALLBACK, INSERT, PASSWORD, Browser
from tests.world import run_sql

NODE = shutil.which("node")
OPENID_CLIENT = Path(__file__).with_name("openid_client")
needs_node = pytest.mark.skipif(
    NODE is None or not (OPENID_CLIENT / "node_modules").exists(),
    reason="openid-client is not installed: npm ci in tests/backend/identity/oauth/openid_client",
)


@pytest.fixture
def authlib(app, settings):
    """Makes Authlib's client for a client of ours."""

    def make(made, method="client_secret_basic", secret=None):
        return AsyncOAuth2Client(
            made.client_id,
            secret or made.client_secret,
            token_endpoint_auth_method=method,
            redirect_uri=CALLBACK,
            scope="sales:read",
            code_challenge_method="S256",
            transport=httpx2.ASGITransport(app),
            base_url=settings.origin,
        )

    return make


@pytest.fixture
def endpoint(settings):
    def at(name):
        return f"{settings.origin}/oauth/{name}"

    return at


async def test_authlib_finds_the_metadata_valid(client):
    answer = await client.get("/.well-known/oauth-authorization-server")

    metadata = AuthorizationServerMetadata(answer.json())

    # http, because these tests run on loopback: RFC 8414 asks for https elsewhere.
    for name in metadata.REGISTRY_KEYS:
        if name not in {"issuer", "jwks_uri"} and not name.endswith("_endpoint"):
            getattr(metadata, f"validate_{name}", lambda: None)()


@pytest.mark.parametrize("kind", list(ClientKind))
async def test_authlib_gets_a_code_tokens_and_new_ones(
    add_user, register, authlib, endpoint, browser, kind
):
    await add_user()
    made = await register(kind=kind)
    method = "none" if kind is ClientKind.PUBLIC else "client_secret_basic"
    async with authlib(made, method) as other:
        verifier = "v" * 64
        url, state = other.create_authorization_url(endpoint("authorize"), code_verifier=verifier)
        await browser.open(url)
        await browser.sign_in()
        await browser.send("/oauth/consent", decision="allow")

        first = await other.fetch_token(
            endpoint("token"),
            authorization_response=browser.page.headers["location"],
            state=state,
            code_verifier=verifier,
        )
        second = await other.refresh_token(endpoint("token"))
        revoked = await other.revoke_token(endpoint("revoke"), second["refresh_token"])

    assert first["scope"] == second["scope"] == "sales:read"
    assert first["refresh_token"] != second["refresh_token"]
    assert revoked.status_code == 200


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_authlib_gets_a_token_with_a_secret_and_asks_about_it(
    register, authlib, endpoint, method
):
    async with authlib(await register(), method) as other:
        token = await other.fetch_token(endpoint("token"), grant_type="client_credentials")

        about = await other.introspect_token(endpoint("introspect"), token["access_token"])

    assert about.json()["active"] is True


async def test_authlib_gets_a_token_with_a_key(register, authlib, endpoint):
    key = RSAKey.generate_key(2048, {"kid": "first"})
    made = await register(jwks={"keys": [key.as_dict(private=False)]})
    secret = key.as_pem(private=True).decode()
    async with authlib(made, "private_key_jwt", secret) as other:
        other.register_client_auth_method(
            PrivateKeyJWT(endpoint("token"), alg="RS256", headers={"kid": "first"})
        )

        token = await other.fetch_token(endpoint("token"), grant_type="client_credentials")

    assert token["scope"] == "sales:read"


class Live:
    """A server on loopback, with a person and clients."""

    def __init__(self, server, principal):
        self.server = server
        self.principal = principal
        self.issuer = server.url.replace("127.0.0.1", "localhost")
        self.services = server.app.state.services

    async def register(self, **traits):
        async with self.services[Identity].database.work(self.principal) as work:
            return await clients.create_client(
                work,
                "Node app",
                parse_scopes("sales:read"),
                traits=ClientTraits(redirect_uris=(CALLBACK,), **traits),
            )

    async def run(self, made, **wanted):
        """Run openid-client; returns what it says at the end."""
        arguments = {
            "issuer": self.issuer,
            "id": made.client_id,
            "secret": made.client_secret,
            "redirectUri": CALLBACK,
            "scope": "sales:read",
        } | wanted
        pipe = asyncio.subprocess.PIPE
        assert NODE is not None
        node = await asyncio.create_subprocess_exec(
            NODE, "flow.mjs", json.dumps(arguments), cwd=OPENID_CLIENT, stdin=pipe, stdout=pipe
        )
        assert node.stdin is not None
        assert node.stdout is not None
        async with asyncio.timeout(30):
            said = json.loads(await node.stdout.readline())
            if "open" in said:
                node.stdin.write(f"{await self._allow(said['open'])}\n".encode())
                said = json.loads(await node.stdout.readline())
            node.stdin.close()
            await node.wait()
        assert "done" in said, said
        return said["done"]

    async def _allow(self, url):
        async with httpx2.AsyncClient(base_url=self.issuer) as http:
            browser = Browser(http)
            await browser.open(url)
            await browser.sign_in()
            await browser.send("/oauth/consent", decision="allow")
            return browser.page.headers["location"]


@pytest.fixture
async def live(server, principal, owner_url, org_id):
    stored = await server.app.state.services[People].passwords.hash(PASSWORD)
    person = (org_id, new_id(), "kim@shop.example", "Kim Doe", "OWNER", stored)
    await run_sql(owner_url, INSERT, *person)
    return Live(server, principal)


@needs_node
@pytest.mark.parametrize("kind", list(ClientKind))
async def test_openid_client_gets_a_code_tokens_and_new_ones(live, kind):
    made = await live.register(kind=kind)

    done = await live.run(made, flow="code")

    assert done["first"]["refresh_token"] != done["second"]["refresh_token"]
    if kind is ClientKind.CONFIDENTIAL:
        assert (done["before"]["active"], done["after"]["active"]) == (True, False)


@needs_node
@pytest.mark.parametrize("post", [False, True], ids=["basic", "post"])
async def test_openid_client_gets_a_token_with_a_secret(live, post):
    done = await live.run(await live.register(), flow="client", post=post)

    assert done["first"]["scope"] == "sales:read"
    assert (done["before"]["active"], done["after"]["active"]) == (True, False)


@needs_node
async def test_openid_client_gets_a_token_with_a_key(live):
    key = ECKey.generate_key("P-256", {"kid": "first"})
    made = await live.register(jwks={"keys": [key.as_dict(private=False)]})

    done = await live.run(made, flow="client", jwk=key.as_dict(private=True))

    assert (done["before"]["active"], done["after"]["active"]) == (True, False)
