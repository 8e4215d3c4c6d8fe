"""Turns at what one can use at a time."""

import asyncio

import pytest

from backend.infra.turns import Turns


@pytest.fixture
def turns():
    return Turns()


@pytest.fixture
def done():
    return []


@pytest.fixture
def use(turns, done):
    """`use(name)` takes a turn, and another while it lasts is a fault."""
    now = []

    async def use(name, *, is_ahead=False):
        async with turns.take(is_ahead=is_ahead):
            assert not now
            now.append(name)
            try:
                await asyncio.sleep(0)
            finally:
                now.remove(name)
            done.append(name)

    return use


async def test_who_came_first_goes_first(use, done):
    await asyncio.gather(*(use(name) for name in "abcd"))

    assert done == ["a", "b", "c", "d"]


async def test_those_ahead_go_before_all_that_wait_but_interrupt_nobody(use, done):
    await asyncio.gather(use("a"), use("b"), use("c", is_ahead=True), use("d", is_ahead=True))

    assert done == ["a", "c", "d", "b"]


async def test_who_gives_up_waiting_holds_nobody_up(use, done):
    tasks = [asyncio.create_task(use(name)) for name in "abc"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert done == ["a", "c"]


@pytest.mark.parametrize("moments", range(6))
async def test_who_gives_up_at_any_moment_passes_the_turn_on(use, done, moments):
    tasks = [asyncio.create_task(use(name)) for name in "abc"]
    for _ in range(moments):
        await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
    await asyncio.wait_for(use("later"), 5)

    assert done[0] == "a"
    assert done[-2:] == ["c", "later"]


async def test_a_fault_ends_the_turn(turns, use, done):
    with pytest.raises(KeyError):
        async with turns.take():
            raise KeyError("x")
    await asyncio.wait_for(use("a"), 5)

    assert done == ["a"]
