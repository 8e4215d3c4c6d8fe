"""Whoever asks without choosing anything gets an answer, however much was sold."""

import pytest

from backend.analytics.errors import TooManyGroups
from backend.analytics.presets.fitting import LARGEST
from backend.analytics.rules import SalesDimension as D
from tests.backend.analytics.presets.tables import answer, as_dict, rows
from tests.world import run_sql

NAME = "CATEGORY_BY_PRODUCT"


async def test_months_that_do_not_fit_become_quarters_and_the_answer_says_so(
    database, principal, owner_url, org_id
):
    await sell(owner_url, org_id, products=1_200, months=12)

    found = (await answer(database, principal, NAME)).table
    whole = (await answer(database, principal, NAME, grain=D.MONTH)).table

    notes = {note.code: note for note in found.notes}
    assert notes["GRAIN_CHOSEN"].value == "QUARTER"
    assert notes["GRAIN_CHOSEN"].field == ("choice", "grain")
    assert found.columns[0].name == "quarter"
    assert len(found.rows) == 1_200 * 4
    assert sum(row["units"] for row in rows(found)) == 1_200 * 12
    assert len(whole.rows) == 1_200 * 12


async def test_who_chose_the_periods_is_told_that_they_do_not_fit(
    database, principal, owner_url, org_id
):
    await sell(owner_url, org_id, products=4_200, months=12)

    with pytest.raises(TooManyGroups):
        await answer(database, principal, NAME, grain=D.MONTH)


async def test_where_not_even_years_fit_the_largest_rows_come(
    database, principal, owner_url, org_id
):
    await sell(owner_url, org_id, products=50_001, months=1)

    found = (await answer(database, principal, NAME)).table

    assert [note.code for note in found.notes] == ["ROWS_LEFT_OUT"]
    assert len(found.rows) == LARGEST
    worth = [row["netSales"] for row in rows(found)]
    assert worth == list(range(50_001, 50_001 - LARGEST, -1))
    assert as_dict(found, found.totals)["units"] == 50_001


async def sell(url, org_id, *, products, months):
    """Sell one of each product in each month of a year, in two sales; the n-th is worth n."""
    for statement in (
        "insert into categories (org_id, id, name) values ($1, gen_random_uuid(), 'All')",
        "insert into locations (org_id, id, code, name, kind, timezone)"
        " values ($1, gen_random_uuid(), 'shop', 'Shop', 'STORE', 'UTC')",
        "insert into products (org_id, id, sku, name, category_id)"
        " select $1, gen_random_uuid(), 'sku-' || n, 'Product ' || n, c.id"
        f"  from generate_series(1, {products}) n, categories c where c.org_id = $1",
        "insert into sales (org_id, id, kind, idempotency_key, source, location_id, channel,"
        " sale_type, sold_at, business_day, currency, exchange_rate)"
        " select $1, gen_random_uuid(), 'SALE', m || '-' || half, 'POS', l.id, 'IN_STORE',"
        "        'DIRECT', day, day, 'USD', 1"
        f"  from generate_series(0, {months - 1}) m, generate_series(0, 1) half, locations l,"
        "        lateral (select (date '2018-01-05' + m * interval '1 month')::date as day) at"
        "  where l.org_id = $1",
        "insert into sale_lines (org_id, sale_id, line_no, product_id, quantity, unit_price, gross,"
        " discounted, net, business_day)"
        " select $1, s.id, p.n / 2, p.id, 1, p.n, p.n, 0, p.n, s.business_day"
        "   from sales s"
        "   join (select id, substr(sku, 5)::int as n from products where org_id = $1) p"
        "     on p.n % 2 = right(s.idempotency_key, 1)::int"
        "  where s.org_id = $1",
    ):
        await run_sql(url, statement, org_id)
    # As an import does of what it filled.
    await run_sql(url, "analyze sales, sale_lines, products")
