"""The wall in Chromium, and what its badge said while something was killed."""

import contextlib

from playwright.async_api import expect

from backend.core.ids import new_id
from tests.dashboard import staff
from tests.dashboard.stack import browser

WATCH = """() => {
  const badge = document.getElementById("live-badge");
  window.badgeStates = [badge.dataset.state];
  new MutationObserver(() => window.badgeStates.push(badge.dataset.state))
    .observe(badge, { attributes: true, attributeFilter: ["data-state"] });
}"""


class Wall:
    """An open page of the dashboard."""

    def __init__(self, page):
        self._page = page
        self.faults = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    async def is_live(self):
        """Wait until the badge says so."""
        badge = self._page.locator("#live-badge")
        await expect(badge).to_have_attribute("data-state", "live", timeout=60_000)

    async def states(self):
        """Return what the badge has said, one after the other."""
        said = await self._page.evaluate("window.badgeStates")
        return [state for at, state in enumerate(said) if at == 0 or state != said[at - 1]]

    async def shows_orders(self, count):
        """Wait until the wall counts so many orders today; return what it says."""
        figure = self._page.locator("#panel-orders .figure-value")
        with contextlib.suppress(AssertionError):
            await expect(figure).to_have_text(f"{count:,}", timeout=15_000)
        return await figure.inner_text()

    async def watch(self):
        """Open the wall's eyes: from now on every state of the badge is noted."""
        await self._page.evaluate(WATCH)


@contextlib.asynccontextmanager
async def open_wall(installation):
    """Show the wall until the block ends; it begins once the wall is live."""
    email = await staff.add_user(installation.owner_url, "SCREEN", email=f"{new_id()}@wall.example")
    async with browser() as chromium:
        page = await chromium.new_page(viewport={"width": 800, "height": 600})
        wall = Wall(page)
        await page.goto(installation.wall_url)
        await staff.fill_in(page, email)
        await wall.is_live()
        await wall.watch()
        yield wall
