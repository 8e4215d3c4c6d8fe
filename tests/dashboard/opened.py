"""Pages in a browser in which somebody is signed in already, as one is in the morning."""

from contextlib import asynccontextmanager

from playwright.async_api import expect

from tests.dashboard import staff

SIZES = {"wall": (1920, 1080), "laptop": (1280, 800), "phone": (390, 844), "tall": (1280, 1500)}
SHOWN = ".records, .facts, .nothing-here, #wall, .not-found, #analysis"


class Opener:
    """`await opener(email, path)` opens a page; each person signs in once for all tests."""

    def __init__(self, chromium, stack):
        self._chromium = chromium
        self._stack = stack
        self._states = {}
        self._contexts = []
        self._own = (f"http://localhost:{stack.dashboard_port}/", "blob:", "data:")
        self.faults = []
        """What went wrong on the pages, requests to anybody else among it."""
        self.errors = []
        """What the pages wrote to the console as errors; a backend that was killed makes some."""

    async def __call__(
        self, email=None, path="", *, size="laptop", theme="dark", is_fresh=False, until=SHOWN
    ):
        """`is_fresh`: with a session of its own; without an e-mail address: with none."""
        is_shared = email is not None and not is_fresh
        page = await self._page(size, theme, await self._state(email) if is_shared else None)
        if is_shared:
            page.on("request", lambda asked: self._note_stranger(asked.url))
            await page.goto(self._stack.wall_url + path)
            await expect(page.locator(until).first).to_be_visible()
        elif email is not None:
            await staff.sign_in(page, self._stack, email, path)
        return page

    async def close(self):
        """Close all pages."""
        for context in self._contexts:
            await context.close()
        self._contexts.clear()

    async def _page(self, size, theme, state):
        width, height = SIZES[size]
        context = await self._chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, storage_state=state
        )
        context.set_default_timeout(60_000)
        self._contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self._note_said(said))
        return page

    async def _state(self, email):
        if email not in self._states:
            page = await self._page("laptop", "dark", None)
            await staff.sign_in(page, self._stack, email, "sessions")
            self._states[email] = await page.context.storage_state()
        return self._states[email]

    def _note_said(self, said):
        if "Policy" in said.text:
            self.faults.append(said.text)
        if said.type == "error":
            self.errors.append(said.text)

    def _note_stranger(self, url):
        # Signing in anew, after a restart, leads through the backend.
        is_own = url.startswith(self._own) or f":{self._stack.backend_port}/" in url
        if not is_own:
            self.faults.append(url)


@asynccontextmanager
async def opening(opener):
    """Open pages until the block ends; a fault in one fails the test."""
    yield opener
    await opener.close()
    # A dashboard that was killed under a page is no fault of the page.
    faults = [fault for fault in opener.faults if "fetch" not in fault]
    opener.faults.clear()
    assert faults == []
