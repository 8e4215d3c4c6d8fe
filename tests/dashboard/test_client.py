"""The dashboard as an OAuth client."""

import asyncio
import json

import httpx2
import pytest

from dashboard.client import BackendClient, BackendUnreachable, CredentialsRefused
from tests.dashboard.token_endpoint import TokenEndpoint


class Clock:
    """A clock that goes when it is told to."""

    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def endpoint():
    return TokenEndpoint()


@pytest.fixture
def client(dashboard_settings, endpoint, clock):
    return BackendClient(dashboard_settings, transport=endpoint, clock=clock)


async def test_the_browsers_token_can_read_what_the_wall_shows_and_write_nothing(client, endpoint):
    await client.live_token()

    (scopes,) = endpoint.asked[0]["scope"]
    assert all(scope.endswith(":read") for scope in scopes.split())
    assert endpoint.asked[0]["grant_type"] == ["client_credentials"]
    assert endpoint.authorizations[0].startswith("Basic ")


async def test_a_token_is_asked_for_once_and_kept(client, endpoint):
    tokens = await asyncio.gather(*(client.live_token() for _ in range(20)))

    assert len({token.value for token in tokens}) == 1
    assert len(endpoint.asked) == 1


async def test_a_token_is_renewed_at_half_of_its_life(client, clock):
    first = await client.live_token()

    clock.now += 299
    assert await client.live_token() == first
    clock.now += 2
    assert (await client.live_token()).value != first.value


async def test_a_refused_token_is_not_given_out_again(client, clock):
    first = await client.live_token()
    clock.now += 10

    renewed = await client.live_token(renew=True)

    assert renewed.value != first.value


async def test_walls_refused_together_share_one_renewal(client, clock, endpoint):
    await client.live_token()
    clock.now += 10

    await asyncio.gather(*(client.live_token(renew=True) for _ in range(20)))

    assert len(endpoint.asked) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(httpx2.ConnectError("no"), BackendUnreachable, id="nobody listens"),
        pytest.param(httpx2.ReadTimeout("slow"), BackendUnreachable, id="too slow"),
        pytest.param(httpx2.Response(503), BackendUnreachable, id="starting"),
        pytest.param(httpx2.Response(200, text="<html>"), BackendUnreachable, id="not a token"),
        pytest.param(
            httpx2.Response(401, json={"error": "invalid_client"}),
            CredentialsRefused,
            id="unknown client",
        ),
        pytest.param(httpx2.Response(400, text="?"), CredentialsRefused, id="without a body"),
    ],
)
async def test_every_failure_is_either_passing_or_a_matter_of_settings(
    client, endpoint, answer, error
):
    endpoint.answer = answer

    with pytest.raises(error):
        await client.live_token()


async def test_a_failure_is_not_remembered(client, endpoint):
    endpoint.answer = httpx2.Response(503)
    with pytest.raises(BackendUnreachable):
        await client.live_token()

    endpoint.answer = None

    assert (await client.live_token()).value


async def test_credentials_that_appear_later_are_found(dashboard_settings, endpoint):
    settings = dashboard_settings.model_copy(
        update={"dashboard_client_id": None, "dashboard_client_secret": None}
    )
    client = BackendClient(settings, transport=endpoint)
    with pytest.raises(CredentialsRefused):
        await client.live_token()

    folder = settings.data_dir / "clients"
    folder.mkdir()
    credentials = {"client_id": "made-by-up", "client_secret": "s"}
    (folder / "dashboard.json").write_text(json.dumps(credentials))

    assert (await client.live_token()).value
