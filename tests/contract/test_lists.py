"""Every list is filtered, sorted either way and walked page by page."""

import pytest
from graphql import GraphQLEnumType, get_named_type

from tests.contract.documents import fields_of, lists
from tests.contract.plenty import add_agents, add_forecasts, add_people, add_reports, fill

ROWS = 4


@pytest.fixture
async def ask(client, token):
    """Runs an operation as one admin and returns its data."""
    headers = {"Authorization": f"Bearer {await token()}"}

    async def run(document, values=None):
        body = {"query": document, "variables": values}
        answer = (await client.post("/graphql", json=body, headers=headers)).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"], None

    return run


def orders(field):
    """Return the values by which a list can be sorted."""
    kind = get_named_type(fields_of(field.args["sort"].type)["by"].type)
    assert isinstance(kind, GraphQLEnumType)
    return list(kind.values)


@pytest.mark.parametrize("name", lists())
def test_every_list_has_a_filter_and_a_sort(name):
    assert lists()[name].args.keys() == {"first", "after", "filter", "sort"}


async def test_pages_of_every_list_in_every_order_make_up_the_whole(ask, owner_url, org_id):
    await fill(ask, ROWS, "a")
    await add_people(owner_url, org_id, ROWS, "a")
    await add_agents(owner_url, org_id, ROWS, "a")
    await add_reports(owner_url, org_id, ROWS, "a")
    await add_forecasts(owner_url, org_id, ROWS)

    for name, field in lists().items():
        for by in orders(field):
            forth = await walked(ask, name, {"by": by, "direction": "ASC"})
            back = await walked(ask, name, {"by": by, "direction": "DESC"})
            assert len(set(forth)) == len(forth) >= ROWS, (name, by)
            assert back == forth[::-1], (name, by)


async def walked(ask, name, sort):
    """Return what identifies the rows of a list, fetched three by three."""
    marks = fields_of(fields_of(lists()[name].type)["nodes"].type)
    mark = next(one for one in ("id", "clientId", "code") if one in marks)
    document = f"""
    query ($after: Cursor, $sort: {lists()[name].args["sort"].type}) {{
      page: {name}(first: 3, after: $after, sort: $sort) {{
        nodes {{ {mark} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    found, after, has_next = [], None, True
    while has_next:
        answer, _ = await ask(document, {"after": after, "sort": sort})
        found += [node[mark] for node in answer["page"]["nodes"]]
        info = answer["page"]["pageInfo"]
        after, has_next = info["endCursor"], info["hasNextPage"]
    return found
