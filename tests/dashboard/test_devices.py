"""The page of devices in Chromium, with a real agent's registration and reports."""

import re

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.backend.fleet.agents import Agent, device, new_key, register, token_of
from tests.dashboard.corner import corner, signed_in

pytestmark = pytest.mark.asyncio(loop_scope="module")
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
BAD = '[uplink]\nurl = "https://evil.example"\n'
GOOD = 'log_level = "DEBUG"\n'


@once
async def stack(databases, tmp_path_factory):
    async with corner(
        databases, tmp_path_factory.mktemp("devices"), timezone="America/New_York"
    ) as started:
        yield started


@once
async def page(stack):
    async with signed_in(stack, "devices") as opened:
        yield opened


async def press(page, name):
    await page.get_by_role("button", name=name, exact=True).click()


async def test_an_agent_gets_in_is_configured_and_followed_without_a_reload(page, stack):
    await expect(page.locator(".nothing-here")).to_be_visible()
    await press(page, "Let an agent in")
    await page.get_by_label("Location", exact=True).fill("ATL")
    await page.get_by_label("Name", exact=True).fill("pi-one")
    await press(page, "Make a code")
    shown = page.locator(".secret-value")
    await expect(shown.first).to_have_text(re.compile(r"^([0-9A-Z]{4}-?){4}$"))
    await expect(shown.last).to_contain_text("shelfcast edge pair")
    code = await shown.first.inner_text()
    await press(page, "Done")

    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{stack.backend_port}") as http:
        key = new_key()
        answer = (await register(http, code, key)).json()
        token = await token_of(http, answer["client_id"], key, answer["token_endpoint"])
        agent = Agent(http, token, answer["client_id"])
        ports = [device("none-1", state="QUARANTINED", lastError="garbage")]
        await agent.report(devices=ports, configuration={"state": "CONFIRMED"})
        card = page.locator(".agent-card").filter(has_text="pi-one")
        await expect(card).to_contain_text("Reporting")
        await expect(card).to_contain_text("A device sends garbage")
        await expect(card.locator(".records")).to_contain_text("Closed: sends garbage")

        await press(page, "Configure pi-one")
        await page.get_by_label("Configuration (TOML)").fill(BAD)
        await press(page, "Check and compare")
        await expect(page.locator(".dialog-notes")).to_contain_text("Line 2, uplink.url")
        await page.get_by_label("Configuration (TOML)").fill(GOOD)
        await press(page, "Check and compare")
        await expect(page.locator(".diff [data-sign='+']")).to_contain_text("log_level")
        await press(page, "Roll out")
        rollout = page.locator(".agent-card").filter(has_text="Configuration 1")
        await expect(rollout).to_contain_text("0 of 1 confirmed")

        told = (await agent.report(configuration={"state": "CONFIRMED"}))["configuration"]
        await agent.report(configuration={"version": told["version"], "state": "CONFIRMED"})

        await expect(rollout).to_contain_text("1 of 1 confirmed")
