import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.backend.replenishment.supplying import SUGGESTIONS, ask, open_supplied_shop
from tests.backend.replenishment.test_surplus import MARKDOWNS, TRANSFERS


class Watched(ThreadPoolExecutor):
    """Threads in which nothing is computed before the event loop has answered somebody else."""

    def __init__(self, loop):
        super().__init__(2)
        self._loop, self.modules = loop, set()

    def submit(self, call, /, *args, **kwargs):
        # asyncio.to_thread hands over partial(context.run, function, …).
        function = (*getattr(call, "args", ()), call)[0]
        self.modules.add(function.__module__)

        def answered():
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop).result(10)
            return call(*args, **kwargs)

        return super().submit(answered)


@pytest.mark.parametrize(
    ("document", "module"),
    [(SUGGESTIONS, "service"), (TRANSFERS, "surplus"), (MARKDOWNS, "surplus")],
    ids=["orders", "transfers", "markdowns"],
)
async def test_others_are_answered_while_it_is_computed(graphql, document, module):
    await open_supplied_shop(graphql)
    loop = asyncio.get_running_loop()
    loop.set_default_executor(watched := Watched(loop))

    await ask(graphql, document)

    computed = {f"backend.replenishment.{name}" for name in ("positions", module)}
    assert computed <= watched.modules
