"""The retailer of the benchmarks: 600 products at eight places, each with a device."""

from typing import Any, Final

from backend.core.identifiers import check_digit
from benchmarks.instance import Instance

PRODUCTS: Final = 600
PLACES: Final = 8
ROLES: Final = ("CHECKOUT", "RECEIVING", "SHELF")
PLENTY: Final = 1_000_000

_DOCUMENT: Final = """
mutation ($input: {name}Input!) {{ {field}(input: $input) {{ rejectedCount }} }}
"""


def sku(number: int) -> str:
    """Return the SKU of a product by its number."""
    return f"SKU-{number:04d}"


def gtin(number: int) -> str:
    """Return the GTIN-13 of a product by its number."""
    payload = f"400638{number:06d}"
    return payload + check_digit(payload)


def place(number: int) -> str:
    """Return the code of a place, and of its till, by its number."""
    return f"PLACE-{number}"


async def set_up(instance: Instance) -> None:
    """Give the retailer products with price and cost, places, devices, and plenty of stock.

    At every place a checkout read is the sale.
    """
    products = [
        {
            "sku": sku(number),
            "name": f"Product {number}",
            "category": f"Category {number % 12}",
            "subcategory": f"Subcategory {number % 60}",
            "gtins": [{"gtin": gtin(number)}],
            "price": f"{1 + number % 90}.99",
            "cost": f"{1 + number % 45}.10",
            "reorderPoint": "20",
        }
        for number in range(PRODUCTS)
    ]
    places = [
        {
            "code": place(number),
            "name": f"Place {number}",
            "kind": "STORE",
            "timezone": "America/New_York",
            "salesSource": "READS",
        }
        for number in range(PLACES)
    ]
    devices = [
        {
            "code": place(number),
            "location": place(number),
            "readPoints": [{"code": role, "role": role} for role in ROLES],
        }
        for number in range(PLACES)
    ]
    await _put(instance, "upsertProducts", "products", products)
    await _put(instance, "upsertLocations", "locations", places)
    await _put(instance, "upsertDevices", "devices", devices)
    for number in range(PLACES):
        await _put(instance, "adjustStock", "adjustments", _openings(number))


def _openings(number: int) -> list[dict[str, Any]]:
    return [
        {
            "idempotencyKey": f"opening-{number}-{product}",
            "sku": sku(product),
            "location": place(number),
            "delta": PLENTY,
            "reason": "INITIAL",
        }
        for product in range(PRODUCTS)
    ]


async def _put(instance: Instance, field: str, rows_name: str, rows: list[dict[str, Any]]) -> None:
    document = _DOCUMENT.format(name=field[0].upper() + field[1:], field=field)
    for start in range(0, len(rows), 200):
        answer = await instance.execute(document, input={rows_name: rows[start : start + 200]})
        if answer[field]["rejectedCount"]:
            raise RuntimeError(f"{field} rejected rows of the benchmark's retailer")
