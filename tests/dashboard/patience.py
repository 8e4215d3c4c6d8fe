"""Pages draw their elements anew at any time: what is measured is looked at until it is there."""

import asyncio
import contextlib

from playwright.async_api import Error

LONGEST_S = 60
PAUSE_S = 0.1


async def box_of(locator):
    """Return where an element lies, as soon as it is drawn."""
    async with asyncio.timeout(LONGEST_S):
        while True:
            with contextlib.suppress(Error):
                if box := await locator.bounding_box():
                    return box
            await asyncio.sleep(PAUSE_S)


async def comes_to(look, expected):
    """Wait until what is looked at is what is expected; the last look is told where it never is."""
    seen = None
    try:
        async with asyncio.timeout(LONGEST_S):
            while (seen := await look()) != expected:
                await asyncio.sleep(PAUSE_S)
    except TimeoutError:
        assert seen == expected
