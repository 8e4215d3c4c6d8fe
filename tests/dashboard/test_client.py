"""The dashboard as an OAuth client."""

import json
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from dashboard.client import (
    SOCKET_SCOPES,
    BackendClient,
    BackendUnreachable,
    CredentialsRefused,
    Refused,
    SignedOut,
)
from tests.dashboard.token_endpoint import TokenEndpoint


@pytest.fixture
def endpoint():
    return TokenEndpoint()


@pytest.fixture
def client(dashboard_settings, endpoint):
    return BackendClient(dashboard_settings, transport=endpoint)


def exchange(client):
    return client.exchange("code", verifier="v" * 64, redirect_uri="http://localhost:8050/back")


async def test_the_browser_is_sent_to_the_backend_with_a_challenge_and_a_state(client):
    url = await client.authorization_url(
        redirect_uri="http://localhost:8050/back", state="s", challenge="c"
    )

    assert url.startswith("http://backend.example:8000/oauth/authorize?")
    assert parse_qs(urlsplit(url).query) == {
        "response_type": ["code"],
        "client_id": ["wall"],
        "redirect_uri": ["http://localhost:8050/back"],
        "state": ["s"],
        "code_challenge": ["c"],
        "code_challenge_method": ["S256"],
    }


async def test_a_code_is_exchanged_with_its_verifier_and_the_clients_secret(client, endpoint):
    tokens = await exchange(client)

    assert endpoint.grants == [
        {
            "grant_type": "authorization_code",
            "code": "code",
            "code_verifier": "v" * 64,
            "redirect_uri": "http://localhost:8050/back",
        }
    ]
    assert endpoint.authorizations[0].startswith("Basic ")
    assert (tokens.access, tokens.refresh) == ("access-1", "refresh-1")


@pytest.mark.parametrize("use", SOCKET_SCOPES)
async def test_a_ticket_is_asked_for_that_only_reads(client, endpoint, use):
    await client.ticket("access-1", use)

    (form,) = endpoint.tickets
    assert all(scope.endswith(":read") for scope in form["scope"][0].split())


async def test_tokens_are_not_printed(client):
    assert "access-1" not in repr(await exchange(client))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(httpx2.ConnectError("no"), BackendUnreachable, id="nobody listens"),
        pytest.param(httpx2.ReadTimeout("slow"), BackendUnreachable, id="too slow"),
        pytest.param(httpx2.Response(503), BackendUnreachable, id="starting"),
        pytest.param(httpx2.Response(200, text="<html>"), BackendUnreachable, id="not a token"),
        pytest.param(
            httpx2.Response(400, json={"error": "invalid_grant"}), SignedOut, id="used up"
        ),
        pytest.param(
            httpx2.Response(401, json={"error": "invalid_client"}),
            CredentialsRefused,
            id="unknown client",
        ),
        pytest.param(httpx2.Response(400, text="?"), CredentialsRefused, id="without a body"),
    ],
)
async def test_every_failure_passes_or_means_signing_in_again_or_looking_at_the_settings(
    client, endpoint, answer, error
):
    endpoint.answers["/oauth/token"] = answer

    with pytest.raises(error):
        await exchange(client)


async def test_a_failure_is_not_remembered(client, endpoint):
    endpoint.answers["/oauth/token"] = httpx2.Response(503)
    with pytest.raises(BackendUnreachable):
        await exchange(client)

    endpoint.answers.clear()

    assert (await exchange(client)).access


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(httpx2.Response(401), SignedOut, id="token refused"),
        pytest.param(
            httpx2.Response(
                200,
                json={"errors": [{"message": "no", "extensions": {"code": "UNAUTHENTICATED"}}]},
            ),
            SignedOut,
            id="token refused by a field",
        ),
        pytest.param(httpx2.Response(502, text="<html>"), BackendUnreachable, id="proxy"),
        pytest.param(httpx2.ConnectError("no"), BackendUnreachable, id="nobody listens"),
    ],
)
async def test_an_operation_that_got_no_answer_says_what_to_do(client, endpoint, answer, error):
    endpoint.answers["/graphql"] = answer

    with pytest.raises(error):
        await client.execute("access-1", "{ me { scopes } }")


async def test_a_refused_operation_keeps_its_code(client, endpoint):
    error = {"message": "no", "extensions": {"code": "EMAIL_TAKEN"}}
    endpoint.answers["/graphql"] = httpx2.Response(200, json={"data": None, "errors": [error]})

    with pytest.raises(Refused) as caught:
        await client.execute("access-1", "mutation { x }")

    assert caught.value.code == "EMAIL_TAKEN"


async def test_credentials_that_appear_later_are_found(dashboard_settings, endpoint):
    settings = dashboard_settings.model_copy(
        update={"dashboard_client_id": None, "dashboard_client_secret": None}
    )
    client = BackendClient(settings, transport=endpoint)
    with pytest.raises(CredentialsRefused):
        await exchange(client)

    folder = settings.data_dir / "clients"
    folder.mkdir()
    credentials = {"client_id": "made-by-up", "client_secret": "s"}
    (folder / "dashboard.json").write_text(json.dumps(credentials))

    assert (await exchange(client)).access
