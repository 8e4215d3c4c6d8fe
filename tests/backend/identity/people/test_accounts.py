import asyncio
from datetime import timedelta

import pytest

from backend.core.ids import new_id
from backend.core.roles import Role
from backend.identity.people import accounts
from backend.identity.people.accounts import UserChange
from backend.identity.people.errors import (
    EmailTaken,
    InvalidEmail,
    InvalidReach,
    LastOwner,
    RoleTooHigh,
    SignInRefused,
    UserNotFound,
)
from backend.identity.people.rules import Reach
from tests.backend.identity.people.conftest import PASSWORD
from tests.world import add_organisation, principal_with, run_sql

WEEK = timedelta(days=7)
PLACE = ("192.0.2.1", "a browser")
ACCESS = "select items::text from event_log where kind = 'AccessChanged' order by seq"


async def invite(acting, email="clerk@shop.example", role=Role.CLERK, reach=None, who=None):
    return await acting(accounts.invite, email, "Kim Doe", role, reach, lifetime=WEEK, who=who)


async def test_who_is_invited_cannot_sign_in_yet(acting, people):
    user, _ = await invite(acting, " Clerk@Shop.example ")

    assert (user.email, user.has_password) == ("clerk@shop.example", False)
    with pytest.raises(SignInRefused):
        await people.sign_in("clerk@shop.example", PASSWORD, *PLACE)


async def test_an_address_is_taken_once_among_all_organisations(acting, owner_url):
    await invite(acting)
    other = principal_with(await add_organisation(owner_url, "other"))

    with pytest.raises(EmailTaken):
        await invite(acting, "CLERK@shop.example", who=other)


@pytest.mark.parametrize("email", ["", "kim", "@shop", "a@b@c", "a b@c.example", "x" * 65 + "@a.b"])
async def test_what_is_no_address_is_refused(acting, email):
    with pytest.raises(InvalidEmail):
        await invite(acting, email)


@pytest.mark.parametrize(
    ("role", "reach"),
    [
        (Role.OWNER, Reach(channel="ONLINE")),
        (Role.OWNER, Reach(location_ids=frozenset({new_id()}))),
        (Role.PARTNER, Reach()),
        (Role.CLERK, Reach(channel="ONLINE")),
    ],
)
async def test_limits_must_go_with_the_role(acting, role, reach):
    with pytest.raises(InvalidReach):
        await invite(acting, role=role, reach=reach)


@pytest.mark.parametrize("own", [Role.ADMIN, Role.MANAGER, Role.AUDITOR, Role.CLERK])
async def test_nobody_gives_a_role_above_their_own(acting, add_user, person, own):
    who = person(await add_user("me@shop.example", own))

    with pytest.raises(RoleTooHigh):
        await invite(acting, role=Role.OWNER, who=who)


@pytest.mark.parametrize(
    "verb",
    [
        accounts.disable_user,
        accounts.enable_user,
        lambda work, user: accounts.make_reset_link(work, user, lifetime=WEEK),
        lambda work, user: accounts.change_user(work, user, UserChange(role=Role.CLERK)),
        lambda work, user: accounts.change_user(work, user, UserChange(name="Mine")),
    ],
    ids=["disable", "enable", "reset", "lower", "rename"],
)
async def test_an_admin_does_nothing_to_an_owner(acting, add_user, person, verb):
    owner = await add_user("owner@shop.example")
    admin = person(await add_user("admin@shop.example", "ADMIN"))

    with pytest.raises(RoleTooHigh):
        await acting(verb, owner, who=admin)


async def test_nobody_gives_more_locations_than_they_have(acting, add_user, person):
    store = new_id()
    limited = person(await add_user("admin@shop.example", "ADMIN"))
    object.__setattr__(limited, "locations", frozenset({store}))

    with pytest.raises(RoleTooHigh):
        await invite(acting, who=limited)


@pytest.mark.parametrize(
    "verb",
    [
        accounts.disable_user,
        lambda work, user: accounts.change_user(work, user, UserChange(role=Role.ADMIN)),
    ],
    ids=["disable", "lower"],
)
async def test_one_owner_who_can_sign_in_must_stay(acting, add_user, verb):
    owner = await add_user("owner@shop.example")
    await add_user("invited@shop.example", password=None)

    with pytest.raises(LastOwner):
        await acting(verb, owner)


async def test_two_owners_cannot_step_down_at_the_same_moment(acting, add_user):
    owners = [await add_user(f"owner{n}@shop.example") for n in range(2)]

    results = await asyncio.gather(
        *(acting(accounts.disable_user, owner) for owner in owners), return_exceptions=True
    )

    assert sorted(type(one).__name__ for one in results) == ["LastOwner", "UserDetails"]


async def test_who_is_disabled_is_out_at_once(acting, add_user, people, owner_url, audit):
    await add_user("owner@shop.example")
    clerk = await add_user("clerk@shop.example", "CLERK")
    cookie = await people.sign_in("clerk@shop.example", PASSWORD, *PLACE)

    await acting(accounts.disable_user, clerk)

    assert await people.resolve(cookie) is None
    told = [row[0] for row in await run_sql(owner_url, ACCESS)]
    assert f'"key":"{clerk}"' in told[-1]
    assert '"subject":"USER","change":"REVOKED"' in told[-1]
    assert (await audit())[-2:] == ["SESSIONS_ENDED", "USER_DISABLED"]


async def test_who_is_enabled_again_signs_in_anew(acting, add_user, people):
    await add_user("owner@shop.example")
    clerk = await add_user("clerk@shop.example", "CLERK")
    before = await people.sign_in("clerk@shop.example", PASSWORD, *PLACE)
    await acting(accounts.disable_user, clerk)

    await acting(accounts.enable_user, clerk)

    assert await people.resolve(before) is None
    assert await people.sign_in("clerk@shop.example", PASSWORD, *PLACE)


async def test_a_change_of_role_and_limits_is_told_to_all(acting, add_user, owner_url):
    await add_user("owner@shop.example")
    clerk = await add_user("clerk@shop.example", "CLERK")
    reach = Reach(location_ids=frozenset({new_id()}))

    changed = await acting(
        accounts.change_user, clerk, UserChange(role=Role.MANAGER, locations=reach.location_ids)
    )

    assert (changed.role, changed.reach, changed.version) == (Role.MANAGER, reach, 2)
    told = [row[0] for row in await run_sql(owner_url, ACCESS)]
    assert '"subject":"USER","change":"CHANGED"' in told[-1]


async def test_what_is_left_out_of_a_change_stays(acting, add_user):
    owner = await add_user("owner@shop.example")

    changed = await acting(accounts.change_user, owner, UserChange(name="Robin"))

    assert (changed.name, changed.role, changed.reach) == ("Robin", Role.OWNER, Reach())


async def test_a_person_of_another_organisation_is_not_there(acting, add_user, owner_url):
    user = await add_user("clerk@shop.example", "CLERK")
    other = principal_with(await add_organisation(owner_url, "other"))

    for verb in (accounts.disable_user, accounts.enable_user, accounts.find_user):
        with pytest.raises(UserNotFound):
            await acting(verb, user, who=other)
