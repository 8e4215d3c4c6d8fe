import gzip

import pytest

from backend.imports.errors import InvalidMapping, UnknownColumns, UnknownLocation, UnreadableFile
from tests.backend.imports.runs import (
    INVOICE,
    invoice_line,
    read_rejects,
    run_import,
    summary,
    table,
    write_csv,
)

CAFÉ = "CAFÉ MUG £5"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
async def test_the_encoding_is_found_out(
    database, principal, tmp_path, encoding, found, compressed
):
    rows = [invoice_line(order=str(n), Description=CAFÉ) for n in range(30)]
    file = write_csv(tmp_path / "lines.csv", INVOICE, *rows, encoding=encoding)
    if compressed:
        file.write_bytes(gzip.compress(file.read_bytes()))

    tally = await run_import(database, principal, file)

    assert (tally.encoding, tally.sales) == (found, 30)
    assert await table(database, principal, "select name from products") == [(CAFÉ,)]


async def test_bytes_nobody_can_read_do_not_stop_an_import(database, principal, tmp_path):
    file = write_csv(tmp_path / "lines.csv", INVOICE, invoice_line(Description="A MUG"))
    file.write_bytes(file.read_bytes().replace(b"A MUG", b"A \x81\x00 MUG"))

    tally = await run_import(database, principal, file)

    assert (tally.encoding, tally.sales) == ("latin-1", 1)


BAD = {
    "no order": ({"order": ""}, "InvoiceNo", "", "MISSING_VALUE"),
    "no product": ({"sku": " "}, "StockCode", "", "MISSING_VALUE"),
    "no quantity": ({"Quantity": ""}, "Quantity", "", "MISSING_VALUE"),
    "no price": ({"UnitPrice": ""}, "UnitPrice", "", "MISSING_VALUE"),
    "words for a quantity": ({"Quantity": "two"}, "Quantity", "two", "INVALID_QUANTITY"),
    "quantity of zero": ({"Quantity": "0"}, "Quantity", "0", "INVALID_QUANTITY"),
    "not a number": ({"Quantity": "NaN"}, "Quantity", "NaN", "INVALID_QUANTITY"),
    "too large": ({"Quantity": "1e30"}, "Quantity", "1e30", "INVALID_QUANTITY"),
    "too fine": ({"UnitPrice": "1.23456"}, "UnitPrice", "1.23456", "INVALID_AMOUNT"),
    "negative price": ({"UnitPrice": "-1"}, "UnitPrice", "-1", "INVALID_AMOUNT"),
    "no date": ({"InvoiceDate": "soon"}, "InvoiceDate", "soon", "INVALID_TIME"),
    "year 1": ({"InvoiceDate": "0001-01-01 00:00:00"}, "InvoiceDate", None, "INVALID_TIME"),
    "far ahead": ({"InvoiceDate": "2999-01-01 00:00:00"}, "InvoiceDate", None, "IN_FUTURE"),
    "long country": ({"Country": "x" * 300}, "Country", "x" * 200, "TOO_LONG"),
    "long sku": ({"sku": "x" * 101}, "StockCode", "x" * 101, "TOO_LONG"),
}


@pytest.mark.parametrize("case", list(BAD))
async def test_a_bad_row_is_set_aside_with_line_column_value_and_reason(
    database, principal, tmp_path, case
):
    said, column, value, reason = BAD[case]
    good = invoice_line(order="9", Description="two\nlines")
    bad = invoice_line(**{"order": "8"} | said)
    file = write_csv(tmp_path / "lines.csv", INVOICE, good, bad, invoice_line(order="7"))

    tally = await run_import(database, principal, file, rejects=tmp_path / "rejects.csv")

    value = said.get(column, value) if value is None else value
    wanted = {"line": "4", "column": column, "value": value, "reason": reason}
    assert read_rejects(tmp_path / "rejects.csv") == [wanted]
    assert (tally.sales, tally.rejected, tally.reasons) == (2, 1, {reason: 1})


async def test_a_row_with_more_fields_than_the_header_is_set_aside(database, principal, tmp_path):
    file = write_csv(tmp_path / "lines.csv", INVOICE, (*invoice_line(), "more"), invoice_line("2"))

    tally = await run_import(database, principal, file, rejects=tmp_path / "rejects.csv")

    assert (tally.sales, tally.reasons) == (1, {"TOO_MANY_FIELDS": 1})


async def test_a_sale_with_a_bad_line_waits_whole_until_it_is_mended(database, principal, tmp_path):
    lines = [invoice_line("1"), invoice_line("2"), invoice_line("1", Quantity="?")]
    file = write_csv(tmp_path / "lines.csv", INVOICE, *lines)
    first = await run_import(database, principal, file, rejects=tmp_path / "rejects.csv")
    set_aside = read_rejects(tmp_path / "rejects.csv")
    write_csv(file, INVOICE, *lines[:2], invoice_line("1", Quantity="5"))

    second = await run_import(database, principal, file, rejects=tmp_path / "rejects.csv")

    assert (first.sales, first.rejected, first.withheld) == (1, 1, 1)
    assert [(row["line"], row["reason"], row["value"]) for row in set_aside] == [
        ("2", "SALE_WITHHELD", "line 4"),
        ("4", "INVALID_QUANTITY", "?"),
    ]
    assert (second.sales, second.lines, second.duplicates) == (1, 2, 1)
    assert not (tmp_path / "rejects.csv").exists()


async def test_lines_of_an_order_are_one_sale_wherever_they_stand(database, principal, tmp_path):
    rows = [invoice_line(order=str(n % 1000), sku=str(n // 100)) for n in range(60_000)]
    file = write_csv(tmp_path / "lines.csv", INVOICE, *rows)

    tally = await run_import(database, principal, file)

    assert (tally.sales, tally.lines) == (1000, 60_000)
    counts = "select distinct count(*)::int from sale_lines group by sale_id"
    assert await table(database, principal, counts) == [(60,)]


async def test_equal_lines_of_an_order_count_each_unless_told_otherwise(
    database, principal, tmp_path
):
    file = write_csv(tmp_path / "lines.csv", INVOICE, invoice_line(), invoice_line())
    kept = await run_import(database, principal, file)
    dropped = await run_import(database, principal, file, drop_repeated=True, source="other")

    assert (kept.lines, kept.repeated_rows) == (2, 1)
    assert (dropped.lines, dropped.repeated_rows) == (1, 1)


MAPPING = """
name = "till"
time_format = "%d.%m.%Y %H:%M"
decimal = ","
currency = "USD"
cancelled_prefix = "R"
[columns]
order = "Bon"
location = "Filiale"
sold_at = "Datum"
time = "Zeit"
sku = "Artikel"
quantity = "Menge"
gross = "Brutto"
discount = "Rabatt"
cost = "Einstand"
channel = "Kanal"
sold_by = "Kasse"
distributor = "Händler"
[values.channel]
Laden = "IN_STORE"
[values.location]
B = "berlin"
[location]
code = "berlin"
timezone = "Europe/Berlin"
country = "Germany"
"""
HEADER = (
    "Bon", "Filiale", "Datum", "Zeit", "Artikel", "Menge",
    "Brutto", "Rabatt", "Einstand", "Kanal", "Kasse", "Händler",
)  # fmt: skip


async def test_a_mapping_file_explains_columns_nobody_knows(database, principal, tmp_path):
    (tmp_path / "till.toml").write_text(MAPPING, encoding="utf-8")
    rows = [
        ("1", "B", "31.12.2019", "23:30", "A-1", "2", "1.234,5", "34,50", "600", "Laden", "7", "x"),
        ("1", "B", "31.12.2019", "23:30", "A-2", "0,5", "10", "", "", "Laden", "7", ""),
        ("R2", "B", "01.01.2020", "09:00", "A-1", "1", "617,25", "17,25", "300", "Laden", "7", ""),
        ("3", "X", "01.01.2020", "09:00", "A-1", "1", "1", "", "", "Laden", "7", ""),
    ]  # fmt: skip
    file = tmp_path / "till.csv"
    file.write_text("\n".join(";".join(row) for row in [HEADER, *rows]), encoding="cp1252")

    with pytest.raises(UnknownColumns):
        await run_import(database, principal, file)
    tally = await run_import(database, principal, file, mapping=tmp_path / "till.toml")

    assert (tally.sales, tally.returns, tally.lines) == (1, 1, 3)
    assert tally.reasons == {"UNKNOWN_LOCATION": 1}
    found = await table(
        database,
        principal,
        "select kind, idempotency_key, channel, sold_at::text, s.business_day::text,"
        " quantity::text, gross::text, discounted::text, net::text, cost::text from sales s"
        " join sale_lines l on l.sale_id = s.id order by sold_at, line_no",
    )
    assert found == [
        ("SALE", "berlin/1", "IN_STORE", "2019-12-31 22:30:00+00", "2019-12-31", "2.0000",
         "1234.5000", "34.5000", "1200.0000", "600.0000"),
        ("SALE", "berlin/1", "IN_STORE", "2019-12-31 22:30:00+00", "2019-12-31", "0.5000",
         "10.0000", "0.0000", "10.0000", None),
        ("RETURN", "berlin/R2", "IN_STORE", "2020-01-01 08:00:00+00", "2020-01-01", "1.0000",
         "617.2500", "17.2500", "600.0000", "300.0000"),
    ]  # fmt: skip
    _, totals = await summary(database, principal)
    assert (totals.net_sales, totals.returns, totals.units) == (610, 600, 1.5)


async def test_rows_without_order_numbers_are_known_by_what_they_say(database, principal, tmp_path):
    mapping = tmp_path / "plain.toml"
    mapping.write_text(
        "[columns]\nsold_at='when'\nsku='what'\nquantity='many'\nunit_price='each'\n"
        "[location]\ncode='shop'\n"
    )
    sold_once = ("2020-05-02", "A", "1", "3")
    rows = [("2020-05-01", "A", "1", "2.50"), ("2020-05-01", "A", "1", "2.50"), sold_once]
    file = write_csv(tmp_path / "plain.csv", ("when", "what", "many", "each"), *rows)

    first = await run_import(database, principal, file, mapping=mapping)
    write_csv(file, ("when", "what", "many", "each"), ("2020-05-03", "A", "1", "9"), *rows)
    second = await run_import(database, principal, file, mapping=mapping)

    assert (first.lines, second.lines, second.duplicate_rows) == (3, 1, 3)
    days = await table(
        database, principal, "select distinct business_day::text from sales order by 1"
    )
    assert days == [("2020-05-01",), ("2020-05-02",), ("2020-05-03",)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "columns = 3",
        "[columns]\nsku = 'a'",
        "[columns]\nshoe = 'a'",
        "no toml",
        "[columns]\nsold_at='a'\nsku='b'\nquantity='c'\nnet='absent'",
    ],
    ids=["empty", "no table", "too little", "unknown field", "not toml", "absent column"],
)
async def test_a_mapping_that_makes_no_sense_is_refused(database, principal, tmp_path, text):
    (tmp_path / "bad.toml").write_text(text)
    file = write_csv(tmp_path / "a.csv", ("a", "b", "c"), ("1", "2", "3"))

    with pytest.raises(InvalidMapping):
        await run_import(database, principal, file, mapping=tmp_path / "bad.toml")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x1f\x8bnot gzip", b"PAR1 not parquet"])
async def test_a_file_that_is_no_table_is_refused(database, principal, tmp_path, content):
    file = tmp_path / "file.csv"
    file.write_bytes(content)

    with pytest.raises(UnreadableFile):
        await run_import(database, principal, file)


async def test_a_location_nobody_has_is_refused_before_anything_is_written(
    database, principal, tmp_path
):
    (tmp_path / "m.toml").write_text(
        "[columns]\nsold_at='a'\nsku='b'\nquantity='c'\nunit_price='d'\n"
    )
    file = write_csv(tmp_path / "a.csv", ("a", "b", "c", "d"), ("2020-01-01", "x", "1", "1"))

    with pytest.raises(UnknownLocation):
        await run_import(database, principal, file, mapping=tmp_path / "m.toml", location="nowhere")
    assert await table(database, principal, "select count(*) from products") == [(0,)]


async def test_a_file_of_a_header_alone_is_an_import_of_nothing(database, principal, tmp_path):
    tally = await run_import(database, principal, write_csv(tmp_path / "a.csv", INVOICE))

    assert (tally.rows, tally.sales, tally.rejected) == (0, 0, 0)
