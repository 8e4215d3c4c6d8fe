"""People who read and make reports, for tests through GraphQL."""

from tests.people import add_user, sign_in


async def enter(client, app, owner_url, principal, role, name=None):
    """Sign somebody of a role in; return what runs their operations."""
    email = f"{name or role}@shop.example".lower()
    await add_user(app, owner_url, principal.org_id, email, role)
    headers = {"Authorization": f"Bearer {await sign_in(app, principal, email)}"}

    async def run(document, values=None):
        body = {"query": document, "variables": values}
        return (await client.post("/graphql", json=body, headers=headers)).json()

    return run


def code(answer):
    """Return the code of the first error."""
    return answer["errors"][0]["extensions"]["code"]
