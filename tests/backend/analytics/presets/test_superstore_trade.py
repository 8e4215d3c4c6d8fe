"""Superstore as a chain with distributors, channels and returns, beside the same in polars.

The file has none of these, so they are given by rules that SQL and polars can both say: a product's
distributor is the third letter of its subcategory; by the last digit of its number an order is a
return, sold by a distributor, or of another channel. What is on the shelves is the ledger's.
"""

from datetime import date, timedelta

import polars as pl
import pytest
import pytest_asyncio

from backend.analytics.rules import SalesDimension as D
from backend.sales.filters import SalesCriteria
from tests.backend.analytics.presets import superstore as frames
from tests.backend.analytics.presets.imported import imported_superstore
from tests.backend.analytics.presets.tables import answer, as_dict, ask, rows
from tests.backend.imports.runs import table
from tests.world import run_sql

HALF = SalesCriteria(first_day=date(2018, 1, 1), last_day=date(2018, 6, 30))
"""Days at whose end the imported ledger still holds goods; their number is 181."""
IN_HALF = pl.col("day").is_between(date(2018, 1, 1), date(2018, 6, 30)) & ~pl.col("trace")
_LETTER = "lower(substr({}, 3, 1))"
_DISTRIBUTORS = f"""
insert into distributors (org_id, id, code, name)
select org_id, gen_random_uuid(), letter, letter
  from (select distinct org_id, {_LETTER.format("name")} as letter from categories
         where parent_id is not null
        union select id, 'z' from organisations) letters
"""
_SUPPLIED = f"""
update products p set distributor_id = d.id
  from categories c join distributors d on d.code = {_LETTER.format("c.name")}
 where c.id = p.subcategory_id
"""
_SOLD = """
update sales set
  kind = case right(idempotency_key, 1) when '3' then 'RETURN' else kind end,
  sale_type = case right(idempotency_key, 1) when '5' then 'TRACE' else sale_type end,
  distributor_id = case right(idempotency_key, 1) when '5'
                   then (select id from distributors where code = 'z') end,
  channel = case right(idempotency_key, 1) when '7' then 'IN_STORE' when '8' then 'MARKETPLACE'
            else channel end
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def superstore(databases, tmp_path_factory):
    """The file imported, with its distributors, channels and returns."""
    async with imported_superstore(databases, tmp_path_factory.mktemp("data")) as found:
        for statement in (_DISTRIBUTORS, _SUPPLIED, _SOLD):
            await run_sql(found.url, statement)
        yield found


@pytest.fixture
def owner_url(superstore):
    return superstore.url


@pytest.fixture
def org_id(superstore):
    return superstore.org_id


@pytest.fixture(scope="module")
def raw():
    """The file's lines with the same rules; figures of returns are negative, they are no orders."""
    digit = pl.col("Order ID").str.slice(-1)
    letter = pl.col("Sub-Category").str.slice(2, 1).str.to_lowercase()
    back = digit == "3"
    channel = pl.when(digit == "7").then(pl.lit("IN_STORE"))
    frame = frames.read().with_columns(
        back.alias("back"),
        (digit == "5").alias("trace"),
        pl.when(digit == "5").then(pl.lit("z")).otherwise(letter).alias("DISTRIBUTOR"),
        channel.when(digit == "8")
        .then(pl.lit("MARKETPLACE"))
        .otherwise(pl.lit("ONLINE"))
        .alias("CHANNEL"),
    )
    signed = [
        pl.when("back").then(-pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name in ("Sales", "Profit", "Quantity")
    ]
    return frame.with_columns(
        [*signed, pl.when("back").then(None).otherwise(pl.col("Order ID")).alias("order")]
    )


def cut(frame, *dimensions):
    """Return {ids: (units, orders, net sales, profit)}."""
    names = [frames.COLUMNS.get(name, name) for name in dimensions]
    sums = frame.group_by(names).agg(
        pl.col("Quantity").sum(),
        pl.col("order").drop_nulls().n_unique(),
        pl.col("Sales", "Profit").sum(),
    )
    return {row[: len(names)]: row[len(names) :] for row in sums.iter_rows()}


def shown(found, *names):
    return {
        tuple(row[name] for name in names): tuple(
            row[name] for name in ("units", "orders", "netSales", "profit")
        )
        for row in found
    }


@pytest.mark.parametrize(
    ("name", "keys", "choice"),
    [
        ("SALES_BY_DISTRIBUTOR", ("distributor",), {}),
        ("DISTRIBUTOR_BY_STATE", ("distributor", "state"), {}),
        ("DISTRIBUTOR_BY_PRODUCT", ("distributor", "product"), {"top": 2000}),
        ("SALES_BY_CHANNEL", ("channel",), {}),
        ("SALES_BY_CATEGORY", ("category",), {}),
        ("SALES_BY_STATE", ("state",), {}),
    ],
)
async def test_cuts_with_returns_equal_the_file(raw, database, principal, name, keys, choice):
    found = await ask(database, principal, name, **choice)

    assert shown(found, *keys) == cut(raw, *(key.upper() for key in keys))


async def test_distributors_by_revenue_run_up_to_all(raw, database, principal):
    found = await ask(database, principal, "DISTRIBUTOR_BY_REVENUE")

    sums = raw.group_by("DISTRIBUTOR").agg(pl.col("Sales").sum()).sort("Sales", descending=True)
    running = (sums["Sales"].cast(pl.Float64).cum_sum() / float(raw["Sales"].sum())).to_list()
    assert [row["distributor"] for row in found] == sums["DISTRIBUTOR"].to_list()
    assert [row["netSales"] for row in found] == sums["Sales"].to_list()
    assert [float(row["cumulativeShare"]) for row in found] == pytest.approx(running, abs=1e-6)


async def test_direct_and_trace_equal_the_file(raw, database, principal):
    found = await ask(database, principal, "DIRECT_AGAINST_TRACE", by=D.QUARTER)

    sums = raw.group_by("QUARTER").agg(
        pl.col("Sales").filter(~pl.col("trace")).sum().alias("direct"),
        pl.col("Sales").filter("trace").sum().alias("trace"),
    )
    wanted = {quarter: (direct, trace) for quarter, direct, trace in sums.iter_rows()}
    assert {
        row["quarter"]: (row["directNetSales"], row["traceNetSales"]) for row in found
    } == wanted
    for row in found:
        direct, trace = map(float, wanted[row["quarter"]])
        assert float(row["traceShare"]) == pytest.approx(trace / (direct + trace), abs=1e-6)


async def test_returns_are_a_part_of_what_was_sold(raw, database, principal):
    found = await answer(database, principal, "RETURN_RATE", by=D.SUBCATEGORY)

    sold, gone = (pl.col("Sales").filter(one).sum() for one in (~pl.col("back"), pl.col("back")))
    sums = raw.group_by("Sub-Category").agg(sold.alias("sold"), (-gone).alias("back"))
    wanted = {name: (back, float(back / of)) for name, of, back in sums.iter_rows()}
    assert {row["subcategory"]: row["returns"] for row in rows(found.table)} == {
        name: back for name, (back, _) in wanted.items()
    }
    for row in rows(found.table):
        assert float(row["returnRate"]) == pytest.approx(wanted[row["subcategory"]][1], abs=1e-6)
    whole = raw.select(sold.alias("sold"), (-gone).alias("back")).row(0)
    total = as_dict(found.table, found.table.totals)["returnRate"]
    assert float(total) == pytest.approx(float(whole[1] / whole[0]), abs=1e-6)


async def test_channels_stand_side_by_side_month_by_month(raw, database, principal):
    found = await ask(database, principal, "CHANNELS", grain=D.MONTH)

    assert shown(found, "month", "channel") == cut(raw, "MONTH", "CHANNEL")


async def test_the_ends_of_each_postal_code_equal_the_file(raw, database, principal):
    found = await ask(database, principal, "TOP_AND_BOTTOM_WITHIN", within=D.POSTAL_CODE, top=2)

    sums = raw.group_by("postal", "Product ID").agg(pl.col("Sales").sum())
    best = dict(raw.group_by("Product ID").agg(pl.col("Sales").sum()).iter_rows())
    by_place = {place: there for (place,), there in sums.group_by("postal")}
    sides: dict[tuple[str, str], list] = {}
    for row in found:
        sides.setdefault((row["postalCode"], row["side"]), []).append(row)
    for place, there in by_place.items():
        values = there["Sales"].sort()
        for side, wanted in (("TOP", values.reverse()), ("BOTTOM", values)):
            got = [row["netSales"] for row in sides[place, side]]
            assert got == wanted.head(2).to_list(), (place, side)
        sold = set(there["Product ID"])
        others = sorted((sum_ for sku, sum_ in best.items() if sku not in sold), reverse=True)
        unsold = [best[row["product"]] for row in sides[place, "UNSOLD"]]
        assert unsold == others[:2], place
        assert not sold & {row["product"] for row in sides[place, "UNSOLD"]}


@pytest.fixture
async def ledger(database, principal):
    """The movements and costs that the import made, as polars reads them."""
    moved = await table(
        database,
        principal,
        "select c.name, p.sku, m.location_id::text, m.quantity, m.reason,"
        " (m.occurred_at at time zone l.timezone)::date,"
        " (select cost from product_prices where product_id = p.id and valid_from <= now()"
        "  order by valid_from desc limit 1)"
        " from stock_movements m join products p on p.id = m.product_id"
        " join categories c on c.id = p.category_id join locations l on l.id = m.location_id",
    )
    names = ("category", "sku", "place", "quantity", "reason", "day", "cost")
    return pl.DataFrame(moved, schema=names, orient="row", infer_schema_length=None)


def held(ledger, until):
    """Return what lies in each place at the end of a day: units, and worth where costs are."""
    units = pl.col("quantity").sum().clip(lower_bound=0)
    return (
        ledger.filter(pl.col("day") <= until)
        .group_by("category", "sku", "place", "cost")
        .agg(units.cast(pl.Float64))
        .with_columns((pl.col("quantity") * pl.col("cost").cast(pl.Float64)).alias("worth"))
    )


async def test_weeks_of_supply_equal_the_ledger_and_the_file(raw, ledger, database, principal):
    found = await ask(database, principal, "WEEKS_OF_SUPPLY", HALF, by=D.CATEGORY)

    direct = raw.filter(IN_HALF)
    sold = dict(direct.group_by("Category").agg(pl.col("Quantity").sum()).iter_rows())
    there = held(ledger, HALF.last_day).group_by("category").agg(pl.col("quantity").sum())
    for name, units in there.iter_rows():
        row = next(one for one in found if one["category"] == name)
        weekly = float(sold[name]) / (181 / 7)
        assert float(row["onHand"]) == units
        assert float(row["unitsPerWeek"]) == pytest.approx(weekly, abs=1e-5)
        assert float(row["weeks"]) == pytest.approx(units / weekly, rel=1e-5)


async def test_gmroi_equals_the_ledger_and_the_file(raw, ledger, database, principal):
    found = await ask(database, principal, "GMROI", HALF, by=D.CATEGORY)

    ends = [date(2018, month, 1) - timedelta(days=1) for month in range(1, 7)]
    worth = pl.concat(
        held(ledger, day).group_by("category").agg(pl.col("worth").sum())
        for day in [*ends, HALF.last_day]
    )
    mean = dict(worth.group_by("category").agg(pl.col("worth").sum() / 7).iter_rows())
    direct = raw.filter(IN_HALF)
    profit = dict(direct.group_by("Category").agg(pl.col("Profit").sum()).iter_rows())
    for row in found:
        name = row["category"]
        assert row["profit"] == profit[name]
        assert float(row["meanStock"]) == pytest.approx(mean[name], abs=1e-4)
        assert float(row["gmroi"]) == pytest.approx(float(profit[name]) / mean[name], abs=1e-6)


async def test_ages_equal_the_ledger_counted_backwards(ledger, database, principal):
    found = await ask(database, principal, "STOCK_AGEING", HALF, by=D.CATEGORY)

    edges = (30, 60, 90, 180, 365)
    wanted: dict[str, list[float]] = {}
    within = ledger.filter(pl.col("day") <= HALF.last_day)
    for (name, _, _), moved in within.group_by("category", "sku", "place"):
        left = max(float(moved["quantity"].sum()), 0.0)
        came = moved.filter(pl.col("quantity") > 0).sort("day", descending=True)
        ages = wanted.setdefault(str(name), [0.0] * (len(edges) + 1))
        for quantity, day in came.select("quantity", "day").iter_rows():
            taken = min(left, float(quantity))
            age = (HALF.last_day - day).days
            ages[sum(age > edge for edge in edges)] += taken
            left -= taken
    assert found
    for row in found:
        got = [float(row[f"age{n}"]) for n in range(len(edges) + 1)]
        assert got == pytest.approx(wanted[row["category"]]), row["category"]


async def test_shrinkage_is_a_part_of_the_sales_of_the_file(raw, database, principal, owner_url):
    lose = """
    insert into stock_movements (org_id, id, location_id, product_id, quantity, reason, occurred_at)
    select m.org_id, gen_random_uuid(), m.location_id, m.product_id, -2, 'SHRINKAGE',
           '2018-06-03 12:00Z' from (select distinct on (product_id) m.* from stock_movements m
            join products p on p.id = m.product_id where p.sku like 'TEC-%') m
    """
    await run_sql(owner_url, lose)

    found = await ask(database, principal, "SHRINKAGE", HALF, by=D.CATEGORY)

    lost = await table(
        database,
        principal,
        "select -sum(quantity) as units, -sum(quantity * coalesce(cost, 0)) as worth"
        " from (select m.quantity,"
        " (select cost from product_prices where product_id = m.product_id"
        "   and valid_from <= now() order by valid_from desc limit 1)"
        " from stock_movements m where reason = 'SHRINKAGE') lost",
    )
    (row,) = (one for one in found if one["category"] == "Technology")
    of = IN_HALF & (pl.col("Category") == "Technology")
    sales = raw.filter(of)["Sales"].sum()
    assert (row["shrinkage"], row["netSales"]) == (lost[0][0], sales)
    assert float(row["lostValue"]) == pytest.approx(float(lost[0][1]), abs=1e-4)
    assert float(row["shrinkageRate"]) == pytest.approx(float(lost[0][1] / sales), abs=1e-6)
    await run_sql(owner_url, "delete from stock_movements where reason = 'SHRINKAGE'")
