"""Signing in as a browser would, where the backend's side of it does not matter."""

from urllib.parse import parse_qs, urlsplit

from tests.dashboard.token_endpoint import ISSUER


async def begin(browser, back_to="/"):
    """Go to /login; return the state the backend would be given."""
    response = await browser.get("/login", params={"next": back_to})
    assert response.status_code == 303, response.text
    return parse_qs(urlsplit(response.headers["location"]).query)["state"][0]


async def finish(browser, state, **changed):
    """Come back from the backend with a code."""
    answer = {"code": "c", "state": state, "iss": ISSUER} | changed
    query = {name: value for name, value in answer.items() if value is not None}
    return await browser.get("/login/callback", params=query)


async def sign_in(browser, back_to="/"):
    """Do both; return the answer that leads back."""
    response = await finish(browser, await begin(browser, back_to))
    assert response.status_code == 303, response.text
    return response
