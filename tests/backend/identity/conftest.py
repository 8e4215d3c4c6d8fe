import pytest

from backend.core.scopes import parse_scopes
from backend.identity import clients as identity
from backend.identity.authentication import Identity


@pytest.fixture
def service(app):
    return app.state.services[Identity]


@pytest.fixture
def create(app, service, principal):
    """Makes a client: `await create("sales:read stock:read", locations=None)`."""

    async def make(scopes="sales:read stock:read", *, locations=None):
        async with service.database.work(principal) as work:
            return await identity.create_client(work, "a till", parse_scopes(scopes), locations)

    return make


@pytest.fixture
def ask(client):
    """Asks the token endpoint; what is passed replaces or adds form fields, None removes them."""

    async def post(made, *, auth=None, headers=None, **fields):
        form = {
            "grant_type": "client_credentials",
            "client_id": made.client_id,
            "client_secret": made.client_secret,
        } | fields
        form = {name: value for name, value in form.items() if value is not None}
        return await client.post("/oauth/token", data=form, auth=auth, headers=headers)

    return post
