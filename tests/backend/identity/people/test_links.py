import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from backend.core.roles import Role
from backend.identity.people import accounts
from backend.identity.people.errors import (
    LinkExpired,
    NoPerson,
    SignInRefused,
    TooManyAttempts,
    WeakPassword,
    WrongPassword,
)
from backend.identity.people.rules import LinkKind
from backend.identity.people.users import People
from backend.infra.mail import InvalidMailUrl
from tests.backend.identity.people.conftest import PASSWORD
from tests.inbox import receiving
from tests.world import run_sql

NEW = "another fine sentence"
PLACE = ("192.0.2.1", "a browser")
INVITATION, RESET = LinkKind.INVITATION, LinkKind.PASSWORD_RESET


@pytest.fixture
def invited(acting):
    """Returns the secret of an invitation: `await invited(timedelta(days=7))`."""

    async def make(lifetime=timedelta(days=7)):
        _, link = await acting(
            accounts.invite, "clerk@shop.example", "Kimberly", Role.CLERK, lifetime=lifetime
        )
        return link.secret

    return make


@pytest.fixture
async def inbox():
    """A real mail server on loopback."""
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def posting(database, settings, inbox):
    """People whose links are sent."""
    changed = {"smtp_url": f"smtp://127.0.0.1:{inbox.port}", "mail_from": "us@shop.example"}
    given = {**settings.model_dump(), **changed}
    async with People(database, type(settings).model_validate(given)) as opened:
        yield opened


async def test_who_accepts_an_invitation_can_sign_in(people, invited, audit):
    secret = await invited()

    assert (await people.open_link(INVITATION, secret)).name == "Kimberly"
    await people.set_password(INVITATION, secret, NEW, "192.0.2.5")

    assert await people.sign_in("clerk@shop.example", NEW, *PLACE)
    assert await audit() == ["USER_ADDED", "USER_INVITED", "PASSWORD_SET", "SIGNED_IN"]


async def test_a_link_works_once_even_all_at_once(people, invited):
    secret = await invited()

    results = await asyncio.gather(
        *(people.set_password(INVITATION, secret, NEW, "") for _ in range(4)),
        return_exceptions=True,
    )

    assert sum(isinstance(one, LinkExpired) for one in results) == 3


async def test_a_weak_password_does_not_use_the_link_up(people, invited):
    secret = await invited()

    with pytest.raises(WeakPassword):
        await people.set_password(INVITATION, secret, "kimberly kimberly", "")

    assert await people.open_link(INVITATION, secret)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("update one_time_links set expires_at = now()", id="expired"),
        pytest.param("update one_time_links set used_at = now()", id="used"),
        pytest.param("update users set disabled_at = now()", id="disabled"),
        pytest.param("update organisations set closed_at = now()", id="closed"),
        pytest.param("delete from one_time_links", id="gone"),
    ],
)
async def test_a_link_that_is_over_does_nothing(people, invited, owner_url, change):
    secret = await invited()
    await run_sql(owner_url, change)

    with pytest.raises(LinkExpired):
        await people.set_password(INVITATION, secret, NEW, "")


async def test_a_link_is_for_its_purpose_and_signed_by_us(people, invited):
    secret = await invited()

    for kind, tried in (
        (RESET, secret),
        (INVITATION, with_another(secret, 40)),
        (INVITATION, with_another(secret, 0)),
        (INVITATION, ""),
        (INVITATION, "é" * 75),
        (INVITATION, "\ud800" * 75),
    ):
        with pytest.raises(LinkExpired):
            await people.open_link(kind, tried)


async def test_a_new_link_ends_the_one_before(people, invited, acting):
    first = await invited()
    user = (await people.open_link(INVITATION, first)).user_id

    second = await acting(accounts.make_reset_link, user, lifetime=timedelta(hours=1))

    assert second.kind is INVITATION
    with pytest.raises(LinkExpired):
        await people.open_link(INVITATION, first)


async def test_a_reset_ends_all_sessions(people, add_user, acting):
    user = await add_user("owner@shop.example")
    cookie = await people.sign_in("owner@shop.example", PASSWORD, *PLACE)
    link = await acting(accounts.make_reset_link, user, lifetime=timedelta(hours=1))

    await people.set_password(RESET, link.secret, NEW, "")

    assert await people.resolve(cookie) is None
    with pytest.raises(SignInRefused):
        await people.sign_in("owner@shop.example", PASSWORD, *PLACE)


async def test_an_invitation_is_sent_and_its_link_works(posting, inbox, acting):
    _, link = await acting(
        accounts.invite, "clerk@shop.example", "Kim", Role.CLERK, lifetime=timedelta(days=7)
    )

    shown = await posting.letters.deliver(link)

    assert shown is None
    assert inbox.envelopes[0].rcpt_tos == ["clerk@shop.example"]
    assert await posting.open_link(INVITATION, token_in(inbox.envelopes[0]))


async def test_a_link_that_could_not_be_sent_is_shown_instead(posting, inbox, acting):
    _, link = await acting(
        accounts.invite, "clerk@shop.example", "Kim", Role.CLERK, lifetime=timedelta(days=7)
    )

    inbox.answers.append("550 no such mailbox")

    assert link.secret in await posting.letters.deliver(link)


async def test_whoever_forgot_their_password_is_sent_a_link(posting, inbox, add_user):
    await add_user("owner@shop.example")

    posting.request_reset(" Owner@Shop.example", "192.0.2.1")
    await arrived(inbox, 1)

    await posting.set_password(RESET, token_in(inbox.envelopes[0]), NEW, "")
    assert await posting.sign_in("owner@shop.example", NEW, *PLACE)


async def test_a_request_for_an_unknown_or_disabled_address_answers_the_same_and_sends_nothing(
    posting, inbox, add_user, owner_url
):
    await add_user("gone@shop.example")
    await run_sql(owner_url, "update users set disabled_at = now()")
    await add_user("owner@shop.example")

    for email in ("nobody@shop.example", "gone@shop.example", "\x00", "owner@shop.example"):
        assert posting.request_reset(email, "192.0.2.1") is None
    await arrived(inbox, 1)

    assert [one.rcpt_tos for one in inbox.envelopes] == [["owner@shop.example"]]


async def test_requests_for_one_address_are_slowed_down(posting):
    for _ in range(5):
        posting.request_reset("nobody@shop.example", "192.0.2.1")

    with pytest.raises(TooManyAttempts):
        posting.request_reset("nobody@shop.example", "192.0.2.2")


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://"])
def test_a_mail_url_that_cannot_be_read_is_refused_at_the_start(database, settings, url):
    given = {**settings.model_dump(), "smtp_url": url}

    with pytest.raises(InvalidMailUrl):
        People(database, type(settings).model_validate(given))


async def test_changing_one_s_password_ends_one_s_other_sessions(people, add_user, person):
    user = await add_user("owner@shop.example")
    here, elsewhere = [await people.sign_in("owner@shop.example", PASSWORD, *PLACE) for _ in "ab"]
    session = (await people.resolve(here)).session_id

    await people.change_password(person(user, session), PASSWORD, NEW, "192.0.2.1")

    assert await people.resolve(elsewhere) is None
    assert await people.resolve(here)
    assert await people.sign_in("owner@shop.example", NEW, *PLACE)


async def test_a_password_is_changed_by_its_person_alone(people, add_user, person, principal):
    user = await add_user("owner@shop.example")

    with pytest.raises(WrongPassword):
        await people.change_password(person(user), "a wrong password", NEW, None)
    with pytest.raises(WeakPassword):
        await people.change_password(person(user), PASSWORD, "short", None)
    with pytest.raises(NoPerson):
        await people.change_password(principal, PASSWORD, NEW, None)


def with_another(secret, at):
    """Return a secret with another character there."""
    return secret[:at] + ("B" if secret[at] == "A" else "A") + secret[at + 1 :]


def token_in(envelope):
    text = envelope.content.decode().replace("=\r\n", "").replace("=3D", "=")
    url = next(word for word in text.split() if word.startswith("http"))
    return parse_qs(urlsplit(url).query)["token"][0]


async def arrived(inbox, count):
    for _ in range(1500):
        if len(inbox.envelopes) >= count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("no mail")
