"""Imports in tests, and what they left."""

import csv

from backend.analytics import service as analytics
from backend.analytics.rules import Question
from backend.imports.rules import Options
from backend.imports.service import ImportRun
from backend.sales.filters import SalesCriteria


async def run_import(database, principal, file, *, mapping=None, rejects=None, **options):
    """Import a file and return the tally."""
    run = ImportRun(database, principal, Options(**options), lambda *_: None)
    return await run.run(file, mapping, rejects)


async def summary(database, principal, *dimensions, criteria=None, **question):
    """Return {ids of the keys: measures} and the totals."""
    async with database.work(principal, read_only=True) as work:
        found = await analytics.summarise(
            work, Question(dimensions, **question), criteria or SalesCriteria()
        )
    return {tuple(k.id for k in g.keys): g.measures for g in found.groups}, found.totals


async def table(database, principal, statement):
    """Return the rows of a statement over the principal's organisation as tuples."""
    async with database.work(principal, read_only=True) as work:
        return [tuple(row.values()) for row in await work.rows(statement)]


def write_csv(path, header, *rows, encoding="utf-8"):
    """Write a CSV file and return its path."""
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([header, *rows])
    return path


def read_rejects(path):
    """Return the rows of a file of rejects as dicts, the header's names as keys."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


INVOICE = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)


def invoice_line(order="1", sku="10001", **said):
    """Return a row of an Online Retail file."""
    row = {
        "InvoiceNo": order,
        "StockCode": sku,
        "Description": "A MUG",
        "Quantity": "2",
        "InvoiceDate": "2011-03-01 10:00:00",
        "UnitPrice": "1.25",
        "CustomerID": "17850.0",
        "Country": "France",
    } | said
    return tuple(row[name] for name in INVOICE)
