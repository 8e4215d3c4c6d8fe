"""Batches of reads as an edge agent sends them."""

import random
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from backend.core.ids import new_id
from benchmarks.retailer import PRODUCTS, gtin, place
from edge_agent.ingest import INGEST_READS

BATCH: Final = 500


def batch(
    number: int, role: str, rng: random.Random, size: int = BATCH, products: int = PRODUCTS
) -> dict[str, Any]:
    """Return the input of `ingestReads`: reads made just now at one place's read point.

    Any of the first `products` products is read.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    reads = [
        {
            "key": str(new_id()),
            "readPoint": role,
            "code": gtin(rng.randrange(products)),
            "symbology": "]E0",
            "observedAt": now,
            "seq": rng.randrange(2**40),
            "count": 1,
        }
        for _ in range(size)
    ]
    return {"device": place(number), "reads": reads, "sentAt": now, "clockSkewMs": 0}


def body(batch_: dict[str, Any]) -> bytes:
    """Return the body of the request with that input."""
    request = {
        "query": INGEST_READS,
        "operationName": "IngestReads",
        "variables": {"input": batch_},
    }
    return orjson.dumps(request)
