"""What tests look for on the pages that list records."""

from playwright.async_api import expect

OWNER, AUDITOR, SCREEN, CLERK = (
    f"{role}@corner.example" for role in ("owner", "auditor", "screen", "clerk")
)


async def is_live(page):
    await expect(page.locator("#live-badge")).to_have_attribute("data-state", "live")


def row(page, text):
    return page.locator(".records tbody tr").filter(has_text=text)


def dialog(page):
    return page.get_by_role("dialog")


async def answer(page, button):
    await dialog(page).get_by_role("button", name=button, exact=True).click()
