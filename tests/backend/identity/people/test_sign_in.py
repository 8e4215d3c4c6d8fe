import asyncio
import time
from datetime import timedelta

import pytest

from backend.core.principal import program
from backend.identity.people import sessions
from backend.identity.people.errors import SignInRefused, TooManyAttempts
from backend.identity.people.users import People
from tests.backend.identity.people.conftest import PASSWORD
from tests.world import run_sql

OWNER = "owner@shop.example"
PLACE = ("192.0.2.1", "a browser")


async def test_whoever_gives_the_right_password_gets_a_session(people, add_user, org_id):
    user_id = await add_user(OWNER)

    cookie = await people.sign_in(" Owner@Shop.example ", PASSWORD, *PLACE)

    signed_in = await people.resolve(cookie)
    assert (signed_in.org_id, signed_in.user_id, signed_in.role) == (org_id, user_id, "OWNER")


async def test_the_database_holds_no_cookie(people, add_user, owner_url):
    await add_user(OWNER)

    cookie = await people.sign_in(OWNER, PASSWORD, *PLACE)

    rows = await run_sql(owner_url, "select sessions::text, digest from sessions")
    assert cookie not in rows[0]["sessions"]
    assert len(rows[0]["digest"]) == 32


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("update users set disabled_at = now()", id="disabled"),
        pytest.param("update users set password_hash = null", id="never accepted"),
        pytest.param("update users set email = 'other@shop.example'", id="unknown"),
        pytest.param("update organisations set closed_at = now()", id="organisation closed"),
    ],
)
async def test_who_is_shut_out_hears_the_same_as_who_mistypes(people, add_user, owner_url, change):
    await add_user(OWNER)
    await run_sql(owner_url, change)

    with pytest.raises(SignInRefused) as shut_out:
        await people.sign_in(OWNER, PASSWORD, *PLACE)
    with pytest.raises(SignInRefused) as mistyped:
        await people.sign_in(OWNER, "wrong password", *PLACE)

    assert str(shut_out.value) == str(mistyped.value)


@pytest.mark.alone
async def test_an_unknown_address_takes_as_long_as_a_wrong_password(people, add_user):
    await add_user(OWNER)
    await people.passwords.is_password("warm up", None)

    known = await _time_of_refusal(people, OWNER)
    unknown = await _time_of_refusal(people, "nobody@shop.example")

    assert unknown > known / 3


async def _time_of_refusal(people, email):
    times = []
    for _ in range(3):
        began = time.perf_counter()
        with pytest.raises(SignInRefused):
            await people.sign_in(email, "wrong password", *PLACE)
        times.append(time.perf_counter() - began)
    return min(times)


@pytest.mark.parametrize("email", [OWNER, "nobody@shop.example"])
async def test_guesses_at_one_address_are_slowed_down_even_all_at_once(people, add_user, email):
    await add_user(OWNER)

    results = await asyncio.gather(
        *(people.sign_in(email, "wrong password", f"192.0.2.{n}", "") for n in range(15)),
        return_exceptions=True,
    )

    assert sum(isinstance(one, SignInRefused) for one in results) == 10
    assert sum(isinstance(one, TooManyAttempts) for one in results) == 5


async def test_signing_in_rightly_all_day_is_never_slowed_down(people, add_user):
    await add_user(OWNER)

    for _ in range(12):
        assert await people.sign_in(OWNER, PASSWORD, *PLACE)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("update sessions set ended_at = now()", id="ended"),
        pytest.param("update sessions set expires_at = now()", id="its longest life is over"),
        pytest.param("update sessions set last_seen_at = now() - interval '13 h'", id="idle"),
        pytest.param("update users set disabled_at = now()", id="user disabled"),
        pytest.param("update organisations set closed_at = now()", id="organisation closed"),
    ],
)
async def test_a_session_that_is_over_stands_for_nobody(people, add_user, owner_url, change):
    await add_user(OWNER)
    cookie = await people.sign_in(OWNER, PASSWORD, *PLACE)

    await run_sql(owner_url, change)

    assert await people.resolve(cookie) is None


async def test_a_session_of_a_screen_that_is_one_no_more_lasts_no_longer(
    people, add_user, owner_url
):
    await add_user(OWNER, "SCREEN")
    cookie = await people.sign_in(OWNER, PASSWORD, *PLACE)
    await run_sql(owner_url, "update sessions set created_at = now() - interval '31 d'")
    as_screen = await people.resolve(cookie)

    await run_sql(owner_url, "update users set role = 'ADMIN'")

    assert as_screen is not None
    assert await people.resolve(cookie) is None


async def test_a_session_in_use_goes_on(people, add_user, owner_url):
    await add_user(OWNER)
    cookie = await people.sign_in(OWNER, PASSWORD, *PLACE)
    await run_sql(owner_url, "update sessions set last_seen_at = now() - interval '11 h'")

    await people.resolve(cookie)

    seen = await run_sql(owner_url, "select last_seen_at > now() - interval '1 min' from sessions")
    assert seen[0][0]


@pytest.mark.parametrize("cookie", ["", "x", "a" * 43, "é" * 43, "\x00" * 43, "a" * 5000])
async def test_a_made_up_cookie_stands_for_nobody(people, add_user, cookie):
    assert await people.resolve(cookie) is None


async def test_a_session_lasts_as_long_as_the_settings_say(database, settings, people, add_user):
    await add_user(OWNER)
    changed = settings.model_copy(update={"session_lifetime": timedelta(0)})

    async with People(database, changed) as short:
        cookie = await short.sign_in(OWNER, PASSWORD, *PLACE)

    assert await people.resolve(cookie) is None


async def test_ending_a_session_is_told_to_all_processes(people, add_user, database, owner_url):
    await add_user(OWNER)
    cookie = await people.sign_in(OWNER, PASSWORD, *PLACE)
    session = (await people.resolve(cookie)).session_id

    await people.sign_out(cookie)

    assert await people.resolve(cookie) is None
    told = await run_sql(owner_url, "select items::text from event_log where topic = 'ACCESS'")
    assert str(session) in told[-1][0]
    assert "REVOKED" in told[-1][0]


async def test_all_sessions_of_a_person_end_at_once(people, add_user, database, org_id):
    user_id = await add_user(OWNER)
    other = await add_user("clerk@shop.example", "CLERK")
    cookies = [await people.sign_in(OWNER, PASSWORD, *PLACE) for _ in range(2)]
    kept = await people.sign_in("clerk@shop.example", PASSWORD, *PLACE)

    async with database.work(program(org_id, "test")) as work:
        assert await sessions.end_sessions_of(work, user_id) == 2

    assert [await people.resolve(cookie) for cookie in cookies] == [None, None]
    assert (await people.resolve(kept)).user_id == other


async def test_sign_ins_and_failures_are_in_the_audit_log(people, add_user, audit, owner_url):
    user_id = await add_user(OWNER)

    with pytest.raises(SignInRefused):
        await people.sign_in(OWNER, "wrong password", *PLACE)
    await wait_for(audit, ["SIGN_IN_REFUSED"])
    await people.sign_out(await people.sign_in(OWNER, PASSWORD, *PLACE))

    assert await audit() == ["SIGN_IN_REFUSED", "SIGNED_IN", "SESSION_ENDED"]
    rows = await run_sql(owner_url, "select actor_kind, actor_id, address from audit_log")
    assert {row["address"] for row in rows} == {"192.0.2.1", None}
    assert ("USER", str(user_id)) in {(row["actor_kind"], row["actor_id"]) for row in rows}


async def wait_for(audit, actions):
    for _ in range(200):
        if await audit() == actions:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(await audit())
