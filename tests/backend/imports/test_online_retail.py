import polars as pl
import pytest

from backend.analytics.rules import SalesDimension as D
from backend.imports.rules import Opening
from tests.backend.analytics.presets.online_retail import analyses_equal
from tests.backend.imports.runs import (
    INVOICE,
    invoice_line,
    read_rejects,
    run_import,
    summary,
    table,
    write_csv,
)
from tests.data import data_file

EXACT = pl.Decimal(38, 4)
FEES = ["AMAZONFEE", "BANK CHARGES", "CRUK", "B"]
RECONCILE = """
select count(*) from stock_levels l full join (
    select location_id, product_id, sum(quantity) as on_hand, count(*) as version
      from stock_movements group by 1, 2) m using (location_id, product_id)
 where l.on_hand is distinct from m.on_hand or l.version is distinct from m.version
"""


async def test_half_a_million_lines_equal_the_file_once_and_twice(database, principal, tmp_path):
    file = data_file("online-retail/online_retail.csv.gz")
    raw = pl.read_csv(file, infer_schema=False).with_columns(
        pl.col("Quantity").cast(pl.Int64), pl.col("UnitPrice").cast(EXACT)
    )
    sales = raw.filter(~pl.col("StockCode").is_in(FEES)).filter(
        (pl.col("UnitPrice") != 0) | ((pl.col("Quantity") > 0) & pl.col("CustomerID").is_not_null())
    )
    value = (pl.col("Quantity") * pl.col("UnitPrice")).alias("value")
    back = pl.col("InvoiceNo").str.starts_with("C")

    rejects = tmp_path / "rejects.csv"
    tally = await run_import(database, principal, file, rejects=rejects)

    assert tally.rows == 541_909
    assert tally.set_aside == len(read_rejects(rejects)) == 90
    assert tally.rejected == tally.withheld == 0
    assert tally.repeated_rows == 5_268
    assert tally.lines == len(sales)
    found, totals = await summary(database, principal, D.COUNTRY)
    by_country = sales.group_by("Country").agg(value.sum())
    assert {keys[0]: one.net_sales for keys, one in found.items()} == dict(by_country.iter_rows())
    assert totals.net_sales == sales.select(value.sum()).item()
    assert totals.returns == -sales.filter(back).select(value.sum()).item()
    assert totals.units == sales["Quantity"].sum()
    assert totals.orders == sales.filter(~back)["InvoiceNo"].n_unique()
    months, _ = await summary(database, principal, D.MONTH)
    by_month = sales.group_by(pl.col("InvoiceDate").str.slice(0, 7)).agg(value.sum())
    assert {keys[0]: one.net_sales for keys, one in months.items()} == dict(by_month.iter_rows())
    await analyses_equal(sales.with_columns(value, back.alias("back")), database, principal)
    assert await table(database, principal, RECONCILE) == [(0,)]
    assert await table(database, principal, "select min(on_hand) >= 0 from stock_levels") == [
        (True,)
    ]

    counts = "select (select count(*) from sale_lines), (select count(*) from event_log)"
    before = await table(database, principal, counts)
    again = await run_import(database, principal, data_file("online-retail/online_retail.parquet"))
    assert (again.lines, again.movements, again.rejected) == (0, 0, 0)
    assert again.duplicate_rows + again.set_aside == 541_909
    assert await table(database, principal, counts) == before


@pytest.fixture
def bring(database, principal, tmp_path):
    """Import invoice lines given as dicts."""

    async def run(*lines, **options):
        file = write_csv(tmp_path / "lines.csv", INVOICE, *(invoice_line(**one) for one in lines))
        return await run_import(
            database, principal, file, rejects=tmp_path / "rejects.csv", **options
        )

    return run


async def test_a_cancellation_is_a_return_of_the_latest_matching_sale(bring, database, principal):
    await bring(
        {"order": "1", "InvoiceDate": "2011-03-01 10:00:00"},
        {"order": "2", "InvoiceDate": "2011-03-02 10:00:00"},
        {"order": "C3", "InvoiceDate": "2011-03-03 10:00:00", "Quantity": "-1"},
        {"order": "4", "InvoiceDate": "2011-03-04 10:00:00"},
        {"order": "C5", "InvoiceDate": "2011-03-05 10:00:00", "Quantity": "-1", "CustomerID": ""},
    )

    found = await table(
        database,
        principal,
        "select r.idempotency_key, s.idempotency_key as sold from sales r"
        " left join sales s on s.id = r.return_of where r.kind = 'RETURN' order by 1",
    )
    assert found == [("C3", "2"), ("C5", None)]


async def test_what_is_no_sale_is_taken_for_what_it_is(bring, database, principal):
    free = {"UnitPrice": "0.0", "CustomerID": ""}

    tally = await bring(
        {"order": "1"},
        {"order": "2", "sku": "POST", "UnitPrice": "18"},
        {"order": "3", "sku": "AMAZONFEE", "UnitPrice": "999"},
        {"order": "4", "Quantity": "-5", "Description": "damaged", **free},
        {"order": "5", "Quantity": "-6", "Description": "thrown away", **free},
        {"order": "6", "Quantity": "7", "Description": "found", **free},
        {"order": "7", "UnitPrice": "0"},
    )

    movements = await table(
        database,
        principal,
        "select reason, quantity::int from stock_movements where reason <> 'INITIAL' order by 1, 2",
    )
    assert movements == [
        ("CORRECTION", 7), ("DAMAGED", -5), ("SALE", -2), ("SALE", -2), ("SHRINKAGE", -6)
    ]  # fmt: skip
    assert (tally.sales, tally.adjustments, tally.set_aside) == (3, 3, 1)
    names = await table(database, principal, "select sku, name from products order by 1")
    assert names == [("10001", "A MUG"), ("POST", "A MUG")]


async def test_history_leaves_no_level_below_zero_and_says_what_it_assumed(
    bring, database, principal
):
    await bring({"order": "1", "Quantity": "30"}, {"order": "C2", "Quantity": "-4"})

    movements = await table(
        database,
        principal,
        "select reason, quantity::int, occurred_at::text from stock_movements order by occurred_at",
    )
    assert movements[0] == ("INITIAL", 30, "2011-03-01 09:59:59+00")
    assert await table(database, principal, "select on_hand::int, version from stock_levels") == [
        (4, 3)
    ]
    assert await table(database, principal, "select count(*) from alerts") == [(0,)]


async def test_without_opening_stock_history_makes_levels_oversold(bring, database, principal):
    await bring({"order": "1", "Quantity": "30"}, opening=Opening.NONE)

    assert await table(database, principal, "select on_hand::int from stock_levels") == [(-30,)]


async def test_history_does_not_change_what_a_count_found(bring, database, principal, owner_url):
    await bring({"order": "1", "InvoiceDate": "2011-05-01 10:00:00"})
    async with database.work(principal) as work:
        await work.rows(
            "insert into stock_movements (org_id, id, location_id, product_id, quantity, reason,"
            " occurred_at) select org_id, gen_random_uuid(), location_id, product_id, 50, 'COUNT',"
            " '2011-06-01Z' from stock_levels"
        )
        await work.rows("update stock_levels set on_hand = on_hand + 50, version = version + 1")

    await bring(
        {"order": "2", "InvoiceDate": "2011-05-20 10:00:00", "Quantity": "10"},
        {"order": "3", "InvoiceDate": "2011-06-20 10:00:00", "Quantity": "7"},
    )

    assert await table(database, principal, "select on_hand::int from stock_levels") == [(43,)]
    assert await table(database, principal, RECONCILE) == [(0,)]


async def test_the_same_article_typed_differently_is_one_product(bring, database, principal):
    await bring({"order": "1", "sku": "85123a"}, {"order": "2", "sku": "85123A"})

    assert await table(database, principal, "select sku from products") == [("85123A",)]


async def test_an_empty_organisation_takes_the_currency_of_the_file(bring, database, principal):
    await bring({"order": "1"})
    tally = await bring({"order": "2"}, currency="EUR", rate=2)

    rows = await table(
        database,
        principal,
        "select currency::text, exchange_rate::int, unit_price::text, net::text from sales s"
        " join sale_lines l on l.sale_id = s.id order by idempotency_key",
    )
    assert rows == [("GBP", 1, "1.2500", "2.5000"), ("EUR", 2, "1.2500", "5.0000")]
    assert tally.sales == 1


async def test_an_order_that_changed_is_set_aside(bring, tmp_path):
    await bring({"order": "1"}, {"order": "2"})

    tally = await bring({"order": "1"}, {"order": "2", "Quantity": "3"})

    assert (tally.duplicates, tally.sales, tally.rejected) == (1, 0, 1)
    assert read_rejects(tmp_path / "rejects.csv")[0]["reason"] == "IDEMPOTENCY_KEY_MISMATCH"


async def test_a_dry_run_counts_everything_and_keeps_nothing(bring, database, principal):
    tally = await bring({"order": "1"}, {"order": "C2", "Quantity": "-1"}, dry_run=True)

    assert (tally.sales, tally.returns, tally.movements) == (1, 1, 2)
    kept = "select count(*) from {}"
    for name in ("sales", "products", "locations", "customers", "event_log", "effect_key"):
        assert await table(database, principal, kept.format(name)) == [(0,)], name
