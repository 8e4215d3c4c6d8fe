"""A dashboard, and Chromium in which somebody is signed in there."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from playwright.async_api import Page, async_playwright

from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.identity.rules import ClientTraits
from benchmarks import instance
from benchmarks.programs import serving

PASSWORD: Final = "correct horse battery"
FLAGS: Final = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run")
VIEWPORT: Final[tuple[int, int]] = (1920, 1080)


@asynccontextmanager
async def dashboard(
    owner_url: str, org_id: UUID, backend_url: str, port: int
) -> AsyncGenerator[None]:
    """Run a dashboard until the block ends."""
    traits = ClientTraits(
        redirect_uris=(f"http://localhost:{port}/login/callback",), is_first_party=True
    )
    client_id, secret = await instance.make_client(
        owner_url, org_id, f"dashboard-{port}", Scope.ADMIN, traits=traits
    )
    environment = {
        "SHELFCAST_DASHBOARD_CLIENT_ID": client_id,
        "SHELFCAST_DASHBOARD_CLIENT_SECRET": secret,
        "SHELFCAST_BACKEND_URL": backend_url,
        "SHELFCAST_DASHBOARD_URL": f"http://localhost:{port}",
        "SHELFCAST_LOG_LEVEL": "WARNING",
    }
    words = ["dashboard", "--port", str(port)]
    async with serving(words, environment, f"http://127.0.0.1:{port}/healthz"):
        yield


@asynccontextmanager
async def signed_in(owner_url: str, org_id: UUID, port: int, role: Role) -> AsyncGenerator[Page]:
    """Open the dashboard as somebody of this role."""
    email = f"{role.value.lower()}-{port}@benchmark.example"
    await instance.add_person(owner_url, org_id, email, PASSWORD, role)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(FLAGS)
        )
        width, height = VIEWPORT
        page = await chromium.new_page(viewport={"width": width, "height": height})
        await page.goto(f"http://localhost:{port}/")
        await page.get_by_label("E-mail address").fill(email)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_selector('#live-badge[data-state="live"]', timeout=60_000)
        yield page
        await chromium.close()
