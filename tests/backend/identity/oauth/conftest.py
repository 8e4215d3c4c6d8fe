"""A person with a browser, and the clients that ask that person for access."""

import base64
import hashlib
import html
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
import pytest

from backend.core.ids import new_id
from backend.core.scopes import parse_scopes
from backend.identity import clients
from backend.identity.authentication import Identity
from backend.identity.people.users import People
from backend.identity.rules import ClientKind, ClientTraits
from tests.people import hash_of
from tests.world import run_sql

PASSWORD = "correct horse battery"
CALLBACK = "https://app.example/callback"
INSERT = """
insert into users (org_id, id, email, name, role, password_hash) values ($1, $2, $3, $4, $5, $6)
"""


@dataclass
class Pkce:
    """A verifier and its challenge."""

    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self):
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Browser:
    """Follows links and sends the forms of the pages it is shown; keeps cookies."""

    def __init__(self, http):
        self.http = http
        self.page = None

    async def open(self, url, **parameters):
        """Open an address; returns the response, not followed further."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        self.page = await self.http.get(url + query)
        return self.page

    async def send(self, action, **fields):
        """Send the page's form; `fields` are added to its hidden ones, None removes one."""
        assert f'action="{action}"' in self.page.text, self.page.text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.page.text))
        form = {name: html.unescape(value) for name, value in hidden.items()} | fields
        form = {name: value for name, value in form.items() if value is not None}
        self.page = await self.http.post(action, data=form)
        return self.page

    async def sign_in(self, email="kim@shop.example", password=PASSWORD):
        """Send the login page, then go on where it leads within our own site."""
        await self.send("/oauth/login", email=email, password=password)
        return await self.follow()

    async def follow(self):
        """Follow redirects as long as they stay here."""
        while self.page.is_redirect and self.page.headers["location"].startswith("/"):
            self.page = await self.http.get(self.page.headers["location"])
        return self.page

    async def decide(self, decision):
        """Answer the consent page; return what the client's address is called with."""
        await self.send("/oauth/consent", decision=decision)
        return answer_of(self.page)


def answer_of(response):
    """Return what a redirect to the client carries."""
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


@pytest.fixture
def service(app):
    return app.state.services[Identity]


@pytest.fixture
def add_user(app, owner_url, org_id):
    """Puts a person with PASSWORD there: `await add_user("MANAGER")`."""

    async def add(role="OWNER", email="kim@shop.example", *, org_id=org_id):
        user_id = new_id()
        stored = await hash_of(app.state.services[People], PASSWORD)
        await run_sql(owner_url, INSERT, org_id, user_id, email, "Kim Doe", role, stored)
        return user_id

    return add


@pytest.fixture
async def browser(app, settings):
    """A browser of its own, without cookies."""
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url=settings.origin) as http:
        yield Browser(http)


@pytest.fixture
def register(app, service, principal):
    """Makes a client: `await register("sales:read", kind=ClientKind.PUBLIC)`."""

    async def make(
        scopes="sales:read stock:read", *, uris=(CALLBACK,), principal=principal, **more
    ):
        traits = ClientTraits(redirect_uris=tuple(uris), **more)
        async with service.database.work(principal) as work:
            return await clients.create_client(
                work, "Till app", parse_scopes(scopes), traits=traits
            )

    return make


@pytest.fixture
async def public(register):
    """A public client."""
    return await register(kind=ClientKind.PUBLIC)


@pytest.fixture
def request_of():
    """Returns the parameters of an authorization request; None removes one."""

    def make(made, pkce, **changes):
        parameters = {
            "response_type": "code",
            "client_id": made.client_id,
            "redirect_uri": CALLBACK,
            "state": "a-state",
            "scope": "sales:read",
            "code_challenge": pkce.challenge,
            "code_challenge_method": "S256",
        } | changes
        return {name: value for name, value in parameters.items() if value is not None}

    return make


@pytest.fixture
def post(client):
    """Sends a form to an endpoint: `await post("token", made, grant_type=…)`."""

    async def send(endpoint, made, **fields):
        form = {"client_id": made.client_id} | fields
        if made.client_secret:
            form = {"client_secret": made.client_secret} | form
        form = {name: value for name, value in form.items() if value is not None}
        return await client.post(f"/oauth/{endpoint}", data=form)

    return send


@pytest.fixture
def get_code(browser, request_of):
    """Lets the person of `add_user` allow a client; returns the code."""

    async def run(made, pkce, **changes):
        await browser.open("/oauth/authorize", **request_of(made, pkce, **changes))
        if "/oauth/login" in browser.page.text:
            await browser.sign_in()
        return (await browser.decide("allow"))["code"]

    return run


@pytest.fixture
def exchange(post):
    """Exchanges a code; what is passed replaces form fields."""

    async def run(made, code, pkce, **changes):
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": pkce.verifier,
        }
        return await post("token", made, **(fields | changes))

    return run


@pytest.fixture
def obtain(get_code, exchange):
    """Runs the whole flow; returns what the token endpoint answered."""

    async def run(made, **changes):
        pkce = Pkce()
        return (await exchange(made, await get_code(made, pkce, **changes), pkce)).json()

    return run
