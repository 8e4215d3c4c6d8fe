"""Requests that record one sale of one line, for our server and for the plain one."""

import random
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from backend.core.ids import new_id
from benchmarks.retailer import PLACES, PRODUCTS, place, sku

_RESULTS: Final = "idempotencyKey status userErrors { code message field }"
DOCUMENTS: Final = {
    "short cut": f"""
mutation RecordSales($input: RecordSalesInput!) {{
  recordSales(input: $input) {{
    acceptedCount rejectedCount results {{ {_RESULTS} sale {{ id }} }}
  }}
}}""",
    "general": f"""
mutation RecordSales($input: RecordSalesInput!) {{
  recordSales(input: $input) {{
    acceptedCount rejectedCount results {{ {_RESULTS} sale {{ id netSales }} }}
  }}
}}""",
    "plain": """
mutation RecordSale($sale: SaleInput!) {
  recordSale(sale: $sale) { id idempotencyKey status }
}""",
}


def body(kind: str, rng: random.Random) -> bytes:
    """Return the body of a request for a sale made just now."""
    sale: dict[str, Any] = {
        "idempotencyKey": str(new_id()),
        "location": place(rng.randrange(PLACES)),
        "channel": "ONLINE",
        "soldAt": datetime.now(UTC).isoformat(),
        "lines": [{"sku": sku(rng.randrange(PRODUCTS)), "quantity": "1"}],
    }
    variables = {"sale": sale} if kind == "plain" else {"input": {"sales": [sale]}}
    return orjson.dumps({"query": DOCUMENTS[kind], "variables": variables})
