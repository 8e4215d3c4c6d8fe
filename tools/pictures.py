"""Take pictures of every page at every size in both themes, and a sheet that shows them all.

    make pictures ARGS="--import superstore.csv --query 'from=2017-01-01&to=2017-12-31'"

Starts a demo retailer of its own on free ports, in a folder that goes with it.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import TimeoutError as TooLong, async_playwright

from dashboard.pages.all_pages import ANALYSIS_PAGES, RECORD_PAGES
from tests.dashboard.browser import launch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Browser, Page, StorageState

SIZES = {"wall": (1920, 1080), "laptop": (1280, 800), "phone": (390, 844)}
THEMES = ("dark", "light")
PAGES = ("wall", *(page.key for page in (*ANALYSIS_PAGES, *RECORD_PAGES)))
OWNER = "owner@demo.shelfcast.example"
PASSWORD = re.compile(r"password (\S+)")
UP_WITHIN_S = 600
WITHIN_MS = 180_000
DRAWN_MS = 1_500
"""Charts and maps fade in after their figures have come."""

IS_THERE = """() => document.querySelector(".record-list, #wall, #analysis")
  && ![...document.querySelectorAll(
    ".list-skeleton, [aria-busy=true], [data-dash-is-loading=true], [data-state=loading],"
      + "#live-badge:not([data-state=live])",
  )].some((one) => one.checkVisibility())"""


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def retailer(folder: Path, sales: Path | None) -> Iterator[tuple[str, str]]:
    """Start a demo retailer, with more sales where a file of them is given.

    Yields the address of its pages and the password of its people.
    """
    shelfcast, port = [sys.executable, "-m", "shelfcast"], free_port()
    up = [*shelfcast, "up", "--data-dir", str(folder)]
    up += ["--port", str(free_port()), "--dashboard-port", str(port)]
    log = folder.with_suffix(".log")
    with log.open("w") as out, subprocess.Popen(up, stdout=out, stderr=out) as running:
        try:
            password = _password_in(log, running)
            if sales is not None:
                wanted = [*shelfcast, "import", str(sales), "--data-dir", str(folder)]
                subprocess.run(wanted, check=True)
            yield f"http://localhost:{port}/", password
        finally:
            running.terminate()


def _password_in(log: Path, running: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + UP_WITHIN_S
    while not (found := PASSWORD.search(log.read_text())):
        if running.poll() is not None or time.monotonic() > until:
            raise SystemExit(log.read_text())
        time.sleep(0.5)
    return found[1]


async def take(wall: str, password: str, wanted: argparse.Namespace) -> None:
    """Sign in once, and write a picture of each page."""
    async with async_playwright() as playwright:
        chromium = await launch(playwright)
        state = await _signed_in(chromium, wall, password)
        for theme in wanted.themes:
            for size in wanted.sizes:
                width, height = SIZES[size]
                context = await chromium.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme=theme,
                    storage_state=state,
                )
                # A wall without a remembered theme is dark, whatever the system prefers.
                await context.add_init_script(f"localStorage['shelfcast.theme'] = '{theme}'")
                page = await context.new_page()
                for key in wanted.pages:
                    path = "" if key == "wall" else f"{key}?{wanted.query}"
                    file = wanted.out / f"{key}-{size}-{theme}.png"
                    await _picture(page, f"{wall}{path}", file, is_whole=not wanted.window)
                await context.close()
        await chromium.close()


async def _signed_in(chromium: Browser, wall: str, password: str) -> StorageState:
    """Return the state of a browser in which the owner is signed in."""
    context = await chromium.new_context()
    page = await context.new_page()
    await page.goto(wall, timeout=WITHIN_MS)
    await page.get_by_label("E-mail address").fill(OWNER)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(wall, timeout=WITHIN_MS)
    state = await context.storage_state()
    await context.close()
    return state


async def _picture(page: Page, url: str, file: Path, *, is_whole: bool) -> None:
    width, height = await page.evaluate("[innerWidth, innerHeight]")
    await page.goto(url, timeout=WITHIN_MS)
    try:
        await page.wait_for_function(IS_THERE, timeout=WITHIN_MS)
    except TooLong:
        print(f"{file.stem}: something is still on its way")
    await page.wait_for_timeout(DRAWN_MS)
    if is_whole:
        await _stretched(page)
    await page.screenshot(path=file, timeout=WITHIN_MS)
    await page.set_viewport_size({"width": width, "height": height})
    print(file, flush=True)


async def _stretched(page: Page) -> None:
    """Make the window as high as the page: what is fixed to its end is there, and all is drawn."""
    width, height = await page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
    await page.set_viewport_size({"width": width, "height": height})
    await page.wait_for_timeout(DRAWN_MS)


def sheet(out: Path) -> str:
    """Return a page that shows all pictures of a folder, by page."""
    shown = "".join(
        f'<figure><a href="{escape(one.name)}"><img loading="lazy" src="{escape(one.name)}"'
        f' alt=""></a><figcaption>{escape(one.stem)}</figcaption></figure>'
        for one in sorted(out.glob("*.png"))
    )
    style = (
        "body{font:14px system-ui;display:grid;gap:16px;"
        "grid-template-columns:repeat(auto-fill,minmax(300px,1fr))}"
        "figure{margin:0}img{width:100%;border:1px solid #8888}"
    )
    return f"<!doctype html><title>Pictures</title><style>{style}</style>{shown}\n"


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("pictures"), help="the folder")
    parser.add_argument("--import", type=Path, dest="sales", help="sales to add, as a file")
    parser.add_argument("--query", default="", help="what pages but the wall are asked to show")
    parser.add_argument("--window", action="store_true", help="what fits in the window only")
    for name, known in (("pages", PAGES), ("sizes", tuple(SIZES)), ("themes", THEMES)):
        parser.add_argument(
            f"--{name}", type=lambda text: text.split(","), default=known, help=", ".join(known)
        )
    return parser.parse_args()


def main() -> None:
    """Start, take, stop."""
    wanted = _wanted()
    wanted.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        retailer(Path(folder) / "data", wanted.sales) as (wall, password),
    ):
        asyncio.run(take(wall, password, wanted))
    (wanted.out / "index.html").write_text(sheet(wanted.out))


if __name__ == "__main__":
    main()
