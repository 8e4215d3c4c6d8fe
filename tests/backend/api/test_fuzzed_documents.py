"""Whatever document the schema admits is answered, with a code where it is refused.

A short run of what Schemathesis does for a quarter of an hour at a time (docs/dependencies.md).
"""

from datetime import UTC, datetime

import pytest
from graphql import FloatValueNode, IntValueNode, StringValueNode
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from hypothesis_graphql import strategies as documents

from backend import schema

SCHEMA = schema.build().as_str()
TEXTS = ["", "north", "TEA-1", "\u0000", "l1.x", "f1.0.0", "🦊", "a" * 5000]
TIMES = [datetime(2026, 1, 1, tzinfo=UTC), datetime.min.replace(tzinfo=UTC)]
SCALARS = {
    "Cursor": st.sampled_from(TEXTS).map(lambda text: StringValueNode(value=text)),
    "DateTime": st.sampled_from(TIMES).map(lambda time: StringValueNode(value=time.isoformat())),
    "Date": st.dates().map(lambda day: StringValueNode(value=day.isoformat())),
    "Decimal": st.decimals(allow_nan=False, allow_infinity=False).map(
        lambda number: StringValueNode(value=str(number))
    ),
    "Long": st.integers(-(2**64), 2**64).map(lambda number: IntValueNode(value=str(number))),
    "JSON": st.floats(allow_nan=False, allow_infinity=False).map(
        lambda number: FloatValueNode(value=repr(number))
    ),
}
SHORT = hypothesis_settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)


@pytest.fixture
def settings(settings):
    """Settings without limits of how often and how much."""
    return settings.model_copy(update={"query_cost_burst": 10**12, "row_burst": 10**9})


@pytest.fixture
async def send(client, token):
    """Sends a document as an administrator; returns the answer."""
    headers = {"Authorization": f"Bearer {await token()}"}

    async def run(document):
        return await client.post("/graphql", json={"query": document}, headers=headers)

    return run


def check(document, answer):
    """Fail unless the answer is one, or says why not."""
    assert answer.status_code < 500, (document, answer.text)
    codes = [error["extensions"]["code"] for error in answer.json().get("errors") or ()]
    assert "INTERNAL_ERROR" not in codes, (document, answer.text)


@SHORT
@given(document=documents.queries(SCHEMA, custom_scalars=SCALARS))
async def test_every_query_is_answered(send, document):
    check(document, await send(document))


@SHORT
@given(document=documents.mutations(SCHEMA, custom_scalars=SCALARS))
async def test_every_mutation_is_answered(send, document):
    check(document, await send(document))
