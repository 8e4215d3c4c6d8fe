"""Batches of reads as an edge agent sends them."""

import random
from datetime import UTC, datetime
from functools import cache
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


def tag_batch(number: int, role: str, rng: random.Random, *, known: bool) -> dict[str, Any]:
    """Return the same of tags; each place has pieces of its own.

    `known`: any of its 1,000 pieces, as a shelf reader sees them all day; else pieces of which no
    two are the same, though the same `rng` gives the same again.
    """
    made = batch(number, role, rng)
    for read in made["reads"]:
        product = rng.randrange(200 if known else PRODUCTS)
        serial = rng.randrange(5) if known else rng.randrange(2**30)
        read |= {
            "code": _tag(gtin(product), number * 2**32 + serial),
            "symbology": "EPC",
            "rssi": -55.5,
            "antenna": 1,
            "presence": "APPEARED",
            "firstSeenAt": made["sentAt"],
        }
    return made


@cache
def _item(gtin_: str) -> int:
    """Return a GTIN-13 with a company prefix of seven digits as 44 bits of an SGTIN-96."""
    return int(gtin_[:7]) << 20 | int(f"0{gtin_[7:12]}")


def _tag(gtin_: str, serial: int) -> str:
    """Return an SGTIN-96: header, filter 1, partition 5, item, serial."""
    bits = 0x30 << 88 | 1 << 85 | 5 << 82 | _item(gtin_) << 38 | serial
    return f"{bits:024X}"


def sent(job: dict[str, Any], number: int, rng: random.Random) -> dict[str, Any]:
    """Return a batch of the kind a job asks for."""
    if job["tags"] is None:
        return batch(number, job["role"], rng)
    return tag_batch(number, job["role"], rng, known=job["tags"] == "known")


def body(batch_: dict[str, Any]) -> bytes:
    """Return the body of the request with that input."""
    request = {
        "query": INGEST_READS,
        "operationName": "IngestReads",
        "variables": {"input": batch_},
    }
    return orjson.dumps(request)
