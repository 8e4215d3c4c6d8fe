"""Every field of the schema, sent with every set of arguments."""

from tests.attack.arguments import variants
from tests.contract import documents

ROOTS = ("Query", "Mutation")


def fields():
    """Return the root fields that are asked by request, as (root, name, field)."""
    return [
        (root, name, field) for root in ROOTS for name, field in documents.root_fields(root).items()
    ]


async def attacks(attacker, known, own):
    """Send every field with every set of arguments; yield field, request and answer."""
    for root, name, field in fields():
        document = documents.operation(root, name)
        for variables in variants(name, field, known, own):
            body = {"query": document, "variables": variables}
            response = await attacker.send(body)
            assert response.status_code < 500, (name, variables, response.text)
            assert "INTERNAL_ERROR" not in response.text, (name, variables, response.text)
            yield name, body, response
