"""A wall outlives its tokens: it renews them in time, without a gap that anybody sees."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.conftest import SECRET_KEY
from tests.dashboard import retailer, staff
from tests.dashboard.stack import browser, running
from tests.world import add_organisation

pytestmark = pytest.mark.asyncio(loop_scope="module")
once = pytest_asyncio.fixture(scope="module", loop_scope="module")

TOKEN_SECONDS = 12


@once
async def stack(databases, tmp_path_factory):
    """A retailer whose tokens live for some seconds."""
    owner_url = await databases.take()
    await add_organisation(owner_url, "corner")
    await staff.add_user(owner_url, "SCREEN")
    folder = tmp_path_factory.mktemp("renewal")
    async with running(owner_url, folder, SECRET_KEY, token_seconds=TOKEN_SECONDS) as started:
        await retailer.set_up(started)
        yield started
    await databases.give_back(owner_url)


@pytest.mark.alone
async def test_a_wall_goes_on_past_the_end_of_its_tokens_and_misses_nothing(stack):
    async with browser() as chromium:
        page = await chromium.new_page()
        sockets = []
        page.on("websocket", lambda socket: sockets.append(socket.url))
        await staff.sign_in(page, stack, "screen@corner.example")
        badge = page.locator("#live-badge")
        await expect(badge).to_have_attribute("data-state", "live")
        await page.evaluate(
            """() => {
                window.states = [];
                const badge = document.getElementById("live-badge");
                new MutationObserver(() => window.states.push(badge.dataset.state))
                    .observe(badge, { attributes: true, attributeFilter: ["data-state"] });
            }"""
        )

        for second in range(2 * TOKEN_SECONDS):
            await stack.sign_in(stack.own)
            await retailer.sell(stack, f"sale-{second}", "TEA", "BOI", 1)
            await page.wait_for_timeout(1_000)

        await expect(page.locator("#panel-orders .figure-value")).to_have_text(
            str(2 * TOKEN_SECONDS)
        )
        await expect(page.locator("#sales-list li")).to_have_count(2 * TOKEN_SECONDS)
        assert len(sockets) > 2
        assert await page.evaluate("window.states") == []
