"""Tables of records: sorted by pressing a heading, by the keyboard alone too."""

import pytest
from playwright.async_api import expect

from tests.dashboard.records.seen import OWNER, answer, dialog, row

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_heading_sorts_what_is_shown_there_and_back(open_page, new_person):
    for role in ("CLERK", "AUDITOR"):
        await new_person(role)
    page = await open_page(OWNER, "users")
    heading = page.get_by_role("columnheader", name="Role")
    cells = page.locator(".records tbody td[data-label=Role]")
    served = await cells.all_inner_texts()
    await expect(heading).to_have_attribute("aria-sort", "none")

    await heading.get_by_role("button").focus()
    await page.keyboard.press("Enter")
    await expect(heading).to_have_attribute("aria-sort", "ascending")
    await expect(cells).to_have_text(sorted(served, key=str.casefold))
    await page.keyboard.press("Enter")

    await expect(heading).to_have_attribute("aria-sort", "descending")
    await expect(cells).to_have_text(sorted(served, key=str.casefold, reverse=True))
    await expect(heading.get_by_role("button")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(heading).to_have_attribute("aria-sort", "none")
    await expect(cells).to_have_text(served)


async def test_what_changes_takes_its_place_in_the_order_chosen(open_page, new_person):
    clerk = await new_person("CLERK")
    page = await open_page(OWNER, "users")
    roles = page.locator(".records tbody td[data-label=Role]")
    heading = page.get_by_role("columnheader", name="Role")
    for direction in ("ascending", "descending"):
        await heading.get_by_role("button").click()
        await expect(heading).to_have_attribute("aria-sort", direction)

    await row(page, clerk).get_by_role("button", name="Change").click()
    await dialog(page).get_by_label("Manager").check()
    await answer(page, "Save")

    await expect(row(page, clerk)).to_contain_text("Manager")
    await expect(heading).to_have_attribute("aria-sort", "descending")
    shown = await roles.all_inner_texts()
    assert shown == sorted(shown, key=str.casefold, reverse=True)


async def test_times_are_sorted_as_times(open_page, new_person):
    await new_person("CLERK")
    page = await open_page(OWNER, "audit")
    heading = page.get_by_role("columnheader", name="When")
    times = page.locator(".records tbody time")

    await heading.get_by_role("button").click()

    await expect(heading).to_have_attribute("aria-sort", "ascending")
    moments = await times.evaluate_all("all => all.map(one => one.dateTime)")
    assert len(moments) > 1
    assert moments == sorted(moments)
