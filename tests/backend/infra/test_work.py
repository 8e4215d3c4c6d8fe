"""What a unit of work finds once, and two things at a time."""

import asyncio

import pytest

from backend.infra.work import both


class Counting:
    """Answers with how often it was asked; the first `faults` times it fails."""

    def __init__(self, faults=0):
        self.asked = 0
        self.faults = faults

    async def __call__(self):
        self.asked += 1
        await asyncio.sleep(0)
        if self.asked <= self.faults:
            raise LookupError
        return self.asked


async def test_a_snapshot_answers_equal_questions_once(database, principal):
    find, other = Counting(), Counting()

    async with database.work(principal, read_only=True) as work:
        found = await asyncio.gather(*(work.once(("sum", 1), find) for _ in range(5)))
        await work.once(("sum", 2), other)
        found.append(await work.once(("sum", 1), find))

    assert found == [1] * 6
    assert other.asked == 1


async def test_what_failed_is_tried_by_who_asks_next(database, principal):
    find = Counting(faults=1)

    async with database.work(principal, read_only=True) as work:
        first, second = await asyncio.gather(
            *(work.once("sum", find) for _ in range(2)), return_exceptions=True
        )

    assert isinstance(first, LookupError)
    assert second == 2


async def test_work_that_writes_looks_every_time(database, principal):
    find = Counting()

    async with database.work(principal) as work:
        found = [await work.once("sum", find) for _ in range(2)]

    assert found == [1, 2]


async def test_another_unit_of_work_looks_for_itself(database, principal):
    find = Counting()

    for _ in range(2):
        async with database.work(principal, read_only=True) as work:
            await work.once("sum", find)

    assert find.asked == 2


async def test_where_one_of_both_fails_the_other_is_waited_for():
    done = []

    async def fail():
        raise KeyError("x")

    async def last():
        await asyncio.sleep(0.01)
        done.append("last")

    with pytest.raises(KeyError):
        await both(fail(), last())

    assert done == ["last"]
