"""Products as a client sends them."""

from decimal import Decimal

from backend.catalogue import service as catalogue
from backend.catalogue.service import GtinDraft, ProductDraft
from backend.core.identifiers import check_digit

TEA_GTIN = "04006381333931"
CASE_GTIN = "14006381333938"


def product(sku="TEA", **given):
    """Return a draft that is good unless `given` says otherwise."""
    facts = {"name": "Tea", "category": "Drinks", "price": Decimal(2)}
    return ProductDraft(sku=sku, **facts | given)


def gtin(text, units=1):
    return GtinDraft(gtin=text, units=Decimal(units))


async def put(database, principal, *drafts, **options):
    """Upsert products in a unit of work of their own; return code and product per row."""
    async with database.work(principal) as work:
        done = await catalogue.upsert_products(work, drafts, **options)
    return [(row.error and row.error.code, detail) for row, detail in done]


def numbered_gtin(number):
    payload = f"{4_000_000 + number:013d}"
    return payload + check_digit(payload)
