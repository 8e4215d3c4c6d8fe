"""Subscriptions of others, while the victim sells: nothing of it arrives."""

import asyncio
import contextlib
import json

import pytest

from backend.identity.authentication import Identity
from backend.infra.api.context import Context
from backend.infra.api.sharing import Executions
from backend.infra.tasks import Tasks
from backend.schema import build
from tests.attack.arguments import variants
from tests.attack.victim import caller, sung, tokens_in
from tests.backend.screens.subscriber import Subscriber
from tests.contract import documents
from tests.contract.plenty import batches, moment

GRACE = 0.3
"""Seconds for which others listen on after the owner has heard it all."""
OWN = """
subscription { feed(snapshot: false) { __typename
  ... on FeedEvent { payload { ... on SaleRecorded { sale { soldBy } }
    ... on ProductChanged { product { name } } } } } }"""


@pytest.fixture
async def listen(app, victim):
    """Opens every subscription in several ways as a caller; returns what arrives while all is sold.

    It is over when the owner, who listens too, has heard it.
    """
    executions = Executions(build())
    service = app.state.services[Identity]

    def subscriber(principal, document, variables):
        context = Context(service.database, app.state.services)
        context.caller = principal
        return Subscriber(executions, document, variables, context, None)

    async def hear(principal, document, variables, heard):
        async with subscriber(principal, document, variables) as listener:
            with contextlib.suppress(StopAsyncIteration):
                while True:
                    heard.append(json.dumps(await listener.payload()))

    async def run(attacker, known, own):
        principal, heard = await service.authenticate(attacker.token), []
        owner = await service.authenticate(victim.admin.token)
        tasks = Tasks()
        async with subscriber(owner, OWN, {}) as mine:
            await mine.until(lambda item: item["__typename"] == "FeedHeartbeat")
            for name, field in documents.root_fields("Subscription").items():
                document = documents.operation("Subscription", name)
                for variables in [*variants(name, field, known, own)[:4], {}]:
                    tasks.start(hear(principal, document, variables, heard), name)
            await sell(victim)
            await mine.until(lambda item: "CANARY-Secret" in json.dumps(item))
        await asyncio.sleep(GRACE)
        await tasks.close()
        return heard

    yield run
    await executions.close()


async def sell(victim):
    """Let things happen of every kind that events tell of."""
    for name, sent in batches(1, "v"):
        if name == "recordSales":
            sent["sales"][0] |= {"idempotencyKey": f"v-{moment(0)}", "soldBy": "Secret"}
        if name == "upsertProducts":
            sent["products"][0]["name"] = f"Renamed {moment(0)}"
        if name != "recordReturns":
            document = documents.operation("Mutation", name)
            await victim.admin.send({"query": document, "variables": {"input": sung(sent, "v")}})


async def test_another_organisation_hears_nothing(victim, stranger, listen):
    heard = await listen(stranger.admin, victim.known, stranger.known)

    secrets = victim.known.secrets - stranger.known.secrets
    assert heard
    assert [text for text in heard if tokens_in(text) & secrets] == []
    assert not [text for text in heard if "CANARY-Secret" in text or "CANARY-Renamed" in text]


@pytest.mark.parametrize("limits", [{"locations": []}, {"channel": "MARKETPLACE"}], ids=str)
async def test_who_is_limited_hears_no_sale_of_the_rest(app, client, victim, listen, limits):
    attacker = await caller(app, client, victim.principal, "admin", **limits)

    heard = await listen(attacker, victim.known, victim.known)

    assert heard
    assert [text for text in heard if "CANARY-Secret" in text or "CANARY-v-C" in text] == []
