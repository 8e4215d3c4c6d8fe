import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.backend.merchandising.asking import APPLY, FACINGS, PLAN, SIZES, code_of, shop_with_shelf
from tests.backend.replenishment.supplying import ask
from tests.backend.replenishment.test_simulation import SIMULATION, open_tea_shop
from tests.backend.shop import TEA

OTHER = "query { locations(first: 1) { nodes { code } } }"


@pytest.fixture
def settings(settings):
    """One connection for all requests: who holds it lets nobody else be answered."""
    return settings.model_copy(update={"pool_size": 1, "pool_timeout": timedelta(seconds=30)})


class Asking(ThreadPoolExecutor):
    """Threads in which nothing is computed before somebody else's question was answered."""

    def __init__(self, graphql, other=OTHER, **variables):
        super().__init__(2)
        self._loop, self._graphql = asyncio.get_running_loop(), graphql
        self._other = other, variables
        self.answered = []

    def submit(self, call, /, *args, **kwargs):
        # asyncio.to_thread hands over partial(context.run, function, …).
        function = (*getattr(call, "args", ()), call)[0]

        def computed():
            document, variables = self._other
            asking = ask(self._graphql, document, **variables)
            other = asyncio.run_coroutine_threadsafe(asking, self._loop)
            other.result(60)
            self.answered.append(function.__module__)
            return call(*args, **kwargs)

        is_ours = function.__module__.startswith(("backend.replenishment", "backend.merchandising"))
        return super().submit(computed if is_ours else call, *(() if is_ours else args), **kwargs)


async def test_a_simulation_holds_no_connection_while_it_computes(graphql, owner_url, org_id):
    await open_tea_shop(owner_url, org_id)
    asyncio.get_running_loop().set_default_executor(threads := Asking(graphql))

    found = await ask(graphql, SIMULATION, products=["TEA"])

    assert found["series"] == 1
    assert threads.answered == ["backend.replenishment.trying"]


async def test_a_plan_of_a_shelf_holds_no_connection_while_it_is_solved(graphql):
    id_ = await shop_with_shelf(graphql)
    asyncio.get_running_loop().set_default_executor(threads := Asking(graphql))

    found = await ask(graphql, PLAN, shelf=id_)

    assert found["products"]
    assert threads.answered == ["backend.merchandising.service"]


async def test_a_plan_to_be_applied_holds_nothing_while_it_is_solved(graphql):
    id_ = await shop_with_shelf(graphql)
    asyncio.get_running_loop().set_default_executor(threads := Asking(graphql))

    done = await ask(graphql, APPLY, input={"shelf": id_})

    assert done["shelf"]["version"] == 2
    assert threads.answered == ["backend.merchandising.service"]


@pytest.mark.parametrize(
    ("change", "values", "code"),
    [
        (FACINGS, {"products": [{"sku": TEA, "facings": 3}]}, "STALE_SHELF"),
        (
            SIZES,
            {"sizes": [{"sku": TEA, "widthCm": "31", "heightCm": "9", "depthCm": "9"}]},
            "SHELF_PLAN_OUTDATED",
        ),
    ],
)
async def test_a_plan_is_not_applied_to_what_changed_meanwhile(graphql, change, values, code):
    id_ = await shop_with_shelf(graphql)
    wanted = values | ({"shelf": id_} if change is FACINGS else {})
    asyncio.get_running_loop().set_default_executor(Asking(graphql, change, input=wanted))

    refused = await code_of(graphql, APPLY, input={"shelf": id_})

    assert refused == code
