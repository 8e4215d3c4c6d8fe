"""The pages behind the links."""

import html
import re

import pytest

from backend.identity.people.users import People
from tests.people import add_user, sign_in

NEW = "another fine sentence"
INVITE = """
mutation ($input: InviteUserInput!) { inviteUser(input: $input) { link user { id } } }
"""
KIM = {"email": "kim@shop.example", "name": "<Kimberly>", "role": "CLERK"}


@pytest.fixture
async def invitation(graphql, settings):
    """Path and query of an invitation."""
    made = (await graphql(INVITE, {"input": KIM}))["data"]["inviteUser"]
    return made["link"].removeprefix(settings.origin)


async def send(client, page, action, **fields):
    hidden = dict(re.findall(r'type="hidden" name="(\w+)"[^>]* value="([^"]*)"', page.text))
    form = {name: html.unescape(value) for name, value in hidden.items()} | fields
    return await client.post(action, data=form)


async def test_who_was_invited_chooses_a_password_and_is_led_to_sign_in(client, app, invitation):
    page = await client.get(invitation)
    assert "&lt;Kimberly&gt;" in page.text
    assert "script" not in page.text

    answer = await send(client, page, "/invitation", password=NEW)

    assert (answer.status_code, answer.headers["location"]) == (303, "/oauth/login")
    assert await app.state.services[People].sign_in("kim@shop.example", NEW, "", "")


async def test_a_weak_password_is_refused_on_the_page_and_the_link_still_works(client, invitation):
    page = await client.get(invitation)

    weak = await send(client, page, "/invitation", password="kimberly is fine")

    assert (weak.status_code, 'role="alert"' in weak.text) == (400, True)
    assert (await send(client, weak, "/invitation", password=NEW)).status_code == 303


@pytest.mark.parametrize("path", ["/invitation", "/invitation?token=x", "/reset?token=é"])
async def test_a_link_that_is_none_says_so(client, path):
    page = await client.get(path)

    assert page.status_code == 409
    assert "ask for a new one" in page.text


async def test_a_form_of_another_site_sets_no_password(client, invitation):
    page = await client.get(invitation)
    client.cookies.clear()

    assert (await send(client, page, "/invitation", password=NEW)).status_code == 403


async def test_an_invitation_is_no_reset(client, invitation):
    assert (await client.get(invitation.replace("invitation", "reset"))).status_code == 409


async def test_where_no_mail_is_sent_the_page_says_whom_to_ask(client):
    page = await client.get("/reset")

    assert "ask an administrator" in page.text
    assert "<form" not in page.text


async def test_a_reset_signs_out_everywhere(client, app, owner_url, principal, graphql, settings):
    user = await add_user(app, owner_url, principal.org_id, "kim@shop.example", "CLERK")
    bearer = await sign_in(app, principal, "kim@shop.example")
    reset = "mutation ($id: ID!) { resetPassword(input: {id: $id}) { link } }"
    link = (await graphql(reset, {"id": str(user)}))["data"]["resetPassword"]["link"]

    page = await client.get(link.removeprefix(settings.origin))
    answer = await send(client, page, "/reset", password=NEW)

    assert answer.status_code == 303
    headers = {"Authorization": f"Bearer {bearer}"}
    asked = await client.post("/graphql", json={"query": "{ me { clientId } }"}, headers=headers)
    assert asked.status_code == 401
