"""Agents to test with: how one gets in and what it says of itself."""

import time
import uuid

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.backend.shop import now

CREATE_CODE = """
mutation ($input: CreateEnrolmentCodeInput!) {
  createEnrolmentCode(input: $input) { id code expiresAt url }
}"""
REPORT = """
mutation ($input: ReportAgentInput!) {
  reportAgent(input: $input) {
    heartbeatSeconds configuration { version document trialSeconds }
    userErrors { code message field }
  }
}"""
AGENTS = """
query ($filter: AgentFilter) {
  agents(filter: $filter) {
    nodes {
      id name clientId state troubles locations { code } heardAt softwareVersion hostname
      clockSkewMs outbox { depth refused dropped parked oldestAt }
      devices { code port state protocol reads garbage lastError }
      wantedVersion configuration { version state error } lastError version
    }
  }
}"""


def new_key():
    """Return a private key such as an agent makes for itself."""
    return ECKey.generate_key("P-256")


def metadata(key, **changes):
    """Return what an agent registers with."""
    return {
        "client_name": "pi-north",
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["client_credentials"],
        "jwks": {"keys": [key.as_dict(private=False)]},
        "software_id": "shelfcast-edge",
        "software_version": "0.1.0",
        **changes,
    }


async def register(http, code, key=None, **changes):
    """Register with a code; return the response."""
    headers = {"Authorization": f"Bearer {code}"} if code is not None else {}
    body = metadata(key or new_key(), **changes)
    return await http.post("/oauth/register", json=body, headers=headers)


def assertion(client_id, key, audience):
    """Return what proves a client that has a key (RFC 7523)."""
    moment = int(time.time())
    claims = {
        "iss": client_id, "sub": client_id, "aud": audience, "exp": moment + 60,
        "jti": uuid.uuid4().hex,
    }  # fmt: skip
    return jwt.encode({"alg": "ES256"}, claims, key)


async def token_of(http, client_id, key, endpoint):
    """Return an access token for an agent's client; None where it is refused."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion(client_id, key, endpoint),
    }
    return (await http.post("/oauth/token", data=form)).json().get("access_token")


class Agent:
    """An agent that was let in: asks GraphQL with its own token."""

    def __init__(self, http, token, client_id):
        self.http, self.token, self.client_id = http, token, client_id
        self.said = {}

    async def ask(self, query, variables):
        headers = {"Authorization": f"Bearer {self.token}"}
        body = {"query": query, "variables": variables}
        return (await self.http.post("/graphql", json=body, headers=headers)).json()

    async def report(self, **changes):
        answer = await self.ask(REPORT, {"input": said(**changes)})
        assert "errors" not in answer, answer
        return answer["data"]["reportAgent"]


async def let_in(graphql, http, location="north", **wanted):
    """Make a code at a location and let an agent in with it."""
    made = await graphql(CREATE_CODE, {"input": {"location": location, **wanted}})
    key = new_key()
    answer = (await register(http, made["data"]["createEnrolmentCode"]["code"], key)).json()
    token = await token_of(http, answer["client_id"], key, answer["token_endpoint"])
    return Agent(http, token, answer["client_id"])


def said(**changes):
    """Return a ReportAgentInput of an agent that is well."""
    return {
        "version": "0.1.0",
        "hostname": "pi-north",
        "bootId": "boot-1",
        "startedAt": "2026-01-01T08:00:00Z",
        "sentAt": now(),
        "clockSkewMs": 12,
        "outbox": outbox(),
        "devices": [device("north-1")],
        **changes,
    }


def outbox(**changes):
    return {"depth": 3, "bytes": 4096, "refused": 0, "dropped": 0, "parked": 1, **changes}


def device(code, **changes):
    return {
        "code": code, "port": "/dev/ttyUSB0", "state": "CONNECTED", "protocol": "lines",
        "reads": 7, "garbage": 0, **changes,
    }  # fmt: skip
