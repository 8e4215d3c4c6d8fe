"""A client of the backend that knows what to do when it does not answer."""

import asyncio
import time

import httpx2

RETRY_S = 0.1
PATIENCE_S = 60


class Caller:
    """Acts as one OAuth client: takes tokens, renews them, repeats what was not answered."""

    def __init__(self, url, credentials):
        self.url = url
        self._credentials = credentials
        self._token = ""
        self._token_until = 0.0
        self._http = httpx2.AsyncClient(base_url=url, timeout=15)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self._http.aclose()

    def at(self, url):
        """Return the same client at another backend."""
        return Caller(url, self._credentials)

    async def token(self):
        """Return an access token that is good for a while."""
        if time.monotonic() > self._token_until:
            answer = await self._http.post(
                "/oauth/token",
                data={"grant_type": "client_credentials"},
                auth=(self._credentials["client_id"], self._credentials["client_secret"]),
            )
            answer.raise_for_status()
            token = answer.json()
            self._token = token["access_token"]
            self._token_until = time.monotonic() + token["expires_in"] / 2
        return self._token

    async def graphql(self, query, variables=None):
        """Return the answer to one operation, whatever it is."""
        headers = {"Authorization": f"Bearer {await self.token()}"}
        body = {"query": query, "variables": variables}
        answer = await self._http.post("/graphql", json=body, headers=headers)
        answer.raise_for_status()
        return answer.json()

    async def execute(self, query, **variables):
        """Return the data of an operation that must succeed at once."""
        answer = await self.graphql(query, variables)
        assert not answer.get("errors"), answer
        return answer["data"]

    async def insist(self, query, **variables):
        """Return the data of an operation, sent again until the backend has an answer."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    answer = await self.graphql(query, variables)
                except httpx2.HTTPError:
                    answer = None
                if answer and not answer.get("errors"):
                    return answer["data"]
                assert not answer or _is_passing(answer), answer
                await asyncio.sleep(RETRY_S)


def _is_passing(answer):
    return all(error["extensions"]["code"].endswith("UNAVAILABLE") for error in answer["errors"])
