import asyncio

import pytest

from backend.identity.people.errors import TooBusy, WeakPassword
from backend.identity.people.passwords import Passwords, check_password


@pytest.fixture
def passwords():
    hashing = Passwords()
    yield hashing
    hashing.close()


def test_a_sentence_of_twelve_letters_is_accepted():
    check_password("short and no", ["Kim Doe", "kim@shop.example"])


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("eleven char", id="eleven characters"),
        pytest.param("x1y2z3" * 34, id="over 200 characters"),
        pytest.param("ababababababab", id="two letters"),
        pytest.param("1234567890qwerty", id="in the list"),
        pytest.param("1234567890QwertY", id="in the list, in capitals"),
        pytest.param("Password1234!", id="in the list, with figures"),
        pytest.param("dragondragondragon", id="in the list, repeated"),
        pytest.param("kimberly likes it", id="the name"),
        pytest.param("grand corner open", id="the address"),
        pytest.param("my shelfcast pass", id="the product"),
        pytest.param("half a pair \ud800", id="cannot be stored"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password):
    with pytest.raises(WeakPassword):
        check_password(password, ["Kimberly Doe", "kd@corner.example"])


async def test_a_password_is_kept_as_an_argon2id_hash_that_only_it_matches(passwords):
    stored = await passwords.hash("correct horse battery")

    assert stored.startswith("$argon2id$")
    assert await passwords.is_password("correct horse battery", stored)
    assert not await passwords.is_password("correct horse batterz", stored)
    assert not await passwords.is_password("nobody has this password", None)


async def test_more_than_a_bounded_number_at_once_is_refused_not_queued(passwords):
    results = await asyncio.gather(
        *(passwords.is_password("a guess", "no hash at all") for _ in range(70)),
        return_exceptions=True,
    )

    assert sum(isinstance(one, TooBusy) for one in results) == 6
    assert results.count(False) == 64
