"""Events of the tests, and followers that note what they get."""

import asyncio
from collections import defaultdict
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from backend.core.events import Event, Topic
from backend.events.rules import Beat, Gap, Item

QUICK = timedelta(milliseconds=100)
LONG = 20
"""Seconds after which a test gives up waiting."""


class Counted(Event, frozen=True):
    """A number of a key."""

    kind: ClassVar[str] = "Counted"
    topic: ClassVar[Topic] = Topic.STOCK

    key: str
    number: int

    def fact(self):
        """Return the number as its version."""
        return {"key": self.key, "occurredAt": datetime.now(UTC), "version": self.number}


async def write(database, principal, *numbers, key="k", location_id=None):
    """Append one entry with these numbers of one key."""
    async with database.work(principal) as work:
        work.gather(Counted(location_id, key, number) for number in numbers)


def numbers(steps):
    """Return key and number of the items among `steps`."""
    return [(step.key, step.fact["version"]) for step in steps if isinstance(step, Item)]


def gaps(steps):
    """Return the reasons of the gaps among `steps`."""
    return [step.reason for step in steps if isinstance(step, Gap)]


async def steps_until(following, is_last):
    """Return what a follower gets, up to and including the first step for which `is_last` holds."""
    got = []
    async with asyncio.timeout(LONG), aclosing(following):
        async for step in following:
            got.append(step)
            if is_last(step):
                break
    return got


async def items(following, count):
    """Return the steps up to the `count`-th item."""
    left = count

    def is_last(step):
        nonlocal left
        left -= isinstance(step, Item)
        return left == 0

    return await steps_until(following, is_last)


async def until_beat(following):
    """Return the steps up to the first beat."""
    return await steps_until(following, lambda step: isinstance(step, Beat))


def by_key(pairs):
    """Return the numbers of each key, in order."""
    found = defaultdict(list)
    for key, number in pairs:
        found[key].append(number)
    return dict(found)
