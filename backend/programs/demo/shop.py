"""The demo's web shop as a client of the public API, with OAuth credentials of its own."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final, Self

import httpx2

from backend.core.errors import Conflict, Invalid, Unreachable

_TIMEOUT: Final = 15.0
_PAGE: Final = 500
_MOST_THROTTLED: Final = 20
"""How often in a row one request waits for the client's budget to fill up again."""

WHO = """
query DemoWho($shop: String!) {
  organisation { name isDemo }
  location(code: $shop) { attributes }
}
"""
LEVELS = """
query DemoLevels($first: Int!, $after: Cursor) {
  stockLevels(first: $first, after: $after) {
    nodes { product { sku } location { code } onHand }
    pageInfo { hasNextPage endCursor }
  }
}
"""
PIECES = """
query DemoPieces($locations: [String!]!, $first: Int!, $after: Cursor) {
  pieces(
    filter: { locations: $locations, states: [IN_STOCK, SEEN] }, first: $first, after: $after
  ) {
    nodes { gtin serial location { code } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
RECORD_SALES = """
mutation DemoSales($input: RecordSalesInput!) {
  recordSales(input: $input) { results { idempotencyKey status userErrors { code message } } }
}
"""
RECORD_RETURNS = """
mutation DemoReturns($input: RecordReturnsInput!) {
  recordReturns(input: $input) { results { idempotencyKey status userErrors { code message } } }
}
"""
ADJUST_STOCK = """
mutation DemoDeliveries($input: AdjustStockInput!) {
  adjustStock(input: $input) { results { idempotencyKey status userErrors { code message } } }
}
"""
DOCUMENTS: Final = (WHO, LEVELS, PIECES, RECORD_SALES, RECORD_RETURNS, ADJUST_STOCK)
"""A contract test validates each against the schema."""


class ShopUnreachable(Unreachable):
    """The backend does not answer, or not with what was asked for."""

    code = "DEMO_BACKEND_UNREACHABLE"


class ShopRefused(Invalid):
    """The backend understood, and said no: asking again helps nobody."""

    code = "DEMO_REQUEST_REFUSED"


class _Throttled(Exception):
    """The budget is used up for that many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class NotTheDemo(Conflict):
    """What answers is no demo: invented sales would spoil somebody's books."""

    code = "NOT_THE_DEMO"


class ShopClient:
    """Asks the backend at `origin`; the credentials are read anew with each token."""

    def __init__(self, origin: str, client_file: Path) -> None:
        self._client_file = client_file
        self._http = httpx2.AsyncClient(base_url=origin, timeout=_TIMEOUT)
        self._token: str | None = None

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._http.aclose()

    async def ask(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Run an operation, as soon as the client's budget has room for it, and return its data.

        Raises:
            ShopUnreachable: it may succeed later.
            ShopRefused: it will not.
        """
        for _ in range(_MOST_THROTTLED):
            try:
                return await self._ask_once(document, variables)
            except _Throttled as exc:
                await asyncio.sleep(exc.seconds)
        raise ShopUnreachable("the backend throttles this client again and again")

    async def _ask_once(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        answer = await self._post(document, variables)
        if answer.status_code == httpx2.codes.UNAUTHORIZED:
            self._token = None
            answer = await self._post(document, variables)
        if answer.is_server_error or answer.status_code in {401, 408, 429}:
            raise ShopUnreachable(f"the backend answers {answer.status_code}")
        try:
            body = answer.json()
        except ValueError as exc:
            raise ShopUnreachable("the backend answers something else than JSON") from exc
        if errors := body.get("errors"):
            raise _error(errors[0])
        return body["data"]

    async def levels(self) -> dict[tuple[str, str], int]:
        """Return what is on hand of every product at every place, by place and SKU."""
        found: dict[tuple[str, str], int] = {}
        async for node in self._nodes(LEVELS, "stockLevels", {}):
            key = (node["location"]["code"], node["product"]["sku"])
            found[key] = int(float(node["onHand"]))
        return found

    async def pieces(self, places: Sequence[str]) -> list[tuple[str, str, str]]:
        """Return the pieces in the shops, by place, GTIN and serial number."""
        nodes = self._nodes(PIECES, "pieces", {"locations": list(places)})
        return [(node["location"]["code"], node["gtin"], node["serial"]) async for node in nodes]

    async def _nodes(
        self, document: str, field: str, variables: dict[str, Any]
    ) -> AsyncIterator[dict[str, Any]]:
        after = None
        while True:
            data = await self.ask(document, {**variables, "first": _PAGE, "after": after})
            for node in data[field]["nodes"]:
                yield node
            page = data[field]["pageInfo"]
            if not page["hasNextPage"]:
                return
            after = page["endCursor"]

    async def _post(self, document: str, variables: dict[str, Any]) -> httpx2.Response:
        try:
            token = self._token or await self._fetch_token()
            return await self._http.post(
                "/graphql",
                json={"query": document, "variables": variables},
                headers={"Authorization": f"Bearer {token}"},
            )
        except httpx2.HTTPError as exc:
            raise ShopUnreachable(f"the backend cannot be reached: {exc!r}") from exc

    async def _fetch_token(self) -> str:
        try:
            known = json.loads(self._client_file.read_text())
            form = {key: known[key] for key in ("client_id", "client_secret")}
        except (OSError, ValueError, KeyError) as exc:
            raise ShopUnreachable(f"no credentials in {self._client_file}: {exc}") from exc
        answer = await self._http.post(
            "/oauth/token", data={"grant_type": "client_credentials", **form}
        )
        if answer.status_code != httpx2.codes.OK:
            raise ShopUnreachable(f"no token: {answer.status_code} {answer.text[:200]}")
        self._token = str(answer.json()["access_token"])
        return self._token


def _error(first: dict[str, Any]) -> Exception:
    extensions = first.get("extensions", {})
    code = extensions.get("code", "")
    if code == "THROTTLED":
        return _Throttled(float(extensions.get("retryAfter", 1)))
    message = f"{code}: {first.get('message')}"
    is_passing = code in {"INTERNAL", "INTERNAL_ERROR", "UNAVAILABLE", "DATABASE_UNAVAILABLE"}
    return ShopUnreachable(message) if is_passing else ShopRefused(message)
