"""Chromium for tests: the system's, else Playwright's own."""

import shutil

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


async def launch(playwright):
    """Return a running Chromium that asks nobody outside."""
    return await playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=list(FLAGS)
    )
