"""The people of a test's retailer, and how they sign in with a browser."""

from urllib.parse import urlsplit

from argon2 import PasswordHasher
from playwright.async_api import expect

from backend.core.ids import new_id
from tests.world import run_sql

PASSWORD = "correct horse battery"
INSERT = """
insert into users (org_id, id, email, name, role, password_hash)
select id, $1, $2, $3, $4, $5 from organisations
"""


async def add_user(owner_url, role, name="Ada Lovelace", email=None):
    """Put a person with PASSWORD there; return the e-mail address."""
    email = email or f"{role.lower()}@corner.example"
    stored = PasswordHasher(time_cost=1, memory_cost=8_192).hash(PASSWORD)
    await run_sql(owner_url, INSERT, new_id(), email, name, role, stored)
    return email


async def fill_in(page, email, password=PASSWORD):
    """Send the backend's sign-in page."""
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in").click()


async def sign_in(page, stack, email, path=""):
    """Open the dashboard, sign in and wait until the page that was wanted is there."""
    await page.goto(stack.wall_url + path)
    await fill_in(page, email)
    await page.wait_for_url(stack.wall_url + path)
    shown = ".records, .facts, .nothing-here, #wall, .not-found"
    await expect(page.locator(shown).first).to_be_visible()


async def is_at_sign_in(page, stack):
    """Wait until the browser stands before the backend's sign-in page."""
    await page.wait_for_url(lambda url: urlsplit(url).port == stack.backend_port)
    await expect(page.get_by_label("Password", exact=True)).to_be_visible()
