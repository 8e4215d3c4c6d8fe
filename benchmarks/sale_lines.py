"""Sales by the million, made by PostgreSQL itself: the same seed gives the same rows.

Four years of a chain of forty stores: 2,000 products in 50 subcategories of 10 categories, some
sold far more than others; a third of the sales is shipped to one of 500 postal codes in 49 states
of four regions; 50,000 customers, 160 sellers; one sale in fifteen is a return, one line in ten
has no known cost.
"""

import asyncio
from typing import Final
from uuid import UUID

import asyncpg

FIRST_DAY: Final = "2022-01-01"
DAYS: Final = 1461
LINES_PER_SALE: Final = 2.5
# Ids made from numbers, so that rows can name each other without a join.
_ID: Final = (
    "(lpad(to_hex({kind}), 8, '0') || '-0000-7000-8000-' || lpad(to_hex({n}), 12, '0'))::uuid"
)


def _id(kind: int, n: str) -> str:
    return _ID.format(kind=kind, n=n)


_REGIONS: Final = "array['East', 'West', 'South', 'Central']"
_PLACES: Final = f"""
insert into distributors (org_id, id, code, name)
select $1, {_id(1, "n")}, 'd' || n, 'Distributor ' || n from generate_series(1, 20) n;
insert into categories (org_id, id, name)
select $1, {_id(2, "n")}, 'Category ' || n from generate_series(1, 10) n;
insert into categories (org_id, id, name, parent_id)
select $1, {_id(3, "n")}, 'Subcategory ' || n, {_id(2, "1 + n % 10")} from generate_series(1, 50) n;
insert into products (org_id, id, sku, name, category_id, subcategory_id, distributor_id)
select $1, {_id(4, "n")}, 'SKU-' || n, 'Product ' || n, {_id(2, "1 + (1 + n % 50) % 10")},
       {_id(3, "1 + n % 50")}, {_id(1, "1 + n % 20")} from generate_series(1, 2000) n;
insert into locations (org_id, id, code, name, kind, city, state, postal_code, region, country,
                       timezone)
select $1, {_id(5, "n")}, 'store-' || n, 'Store ' || n, 'STORE', 'City ' || n, 'State ' || n % 49,
       lpad((n * 331 % 100000)::text, 5, '0'), ({_REGIONS})[1 + n % 49 % 4],
       'United States',
       (array['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles'])
       [1 + n % 4]
  from generate_series(1, 40) n;
"""
_DICE: Final = "((hashint8extended({n}, {seed}) & 1048575)::float8 / 1048576)"


def _dice(seed: int, n: str = "n") -> str:
    return _DICE.format(n=n, seed=seed)


# Sales $2 to $3 of all $4. Their days are spread evenly, in the order of recording.
_SALES: Final = f"""
insert into sales (org_id, id, kind, idempotency_key, source, location_id, channel, sale_type,
                   sold_at, business_day, recorded_at, distributor_id, sold_by, customer_id,
                   segment, ship_state, ship_postal_code, ship_region, ship_country, currency,
                   exchange_rate)
select $1, {_id(6, "n")}, case when {_dice(1)} < 0.067 then 'RETURN' else 'SALE' end,
       'bench-' || n, 'POS', {_id(5, "1 + store")},
       (array['IN_STORE', 'IN_STORE', 'ONLINE', 'MARKETPLACE'])[1 + ({_dice(3)} * 4)::int % 4],
       case when {_dice(4)} < 0.1 then 'TRACE' else 'DIRECT' end,
       day + (9 + ({_dice(5)} * 12)::int) * interval '1 hour', day, day + interval '23 hours',
       case when {_dice(4)} < 0.1 then {_id(1, f"1 + ({_dice(6)} * 20)::int % 20")} end,
       'seller-' || (store * 4 + ({_dice(7)} * 4)::int % 4),
       case when {_dice(8)} < 0.8 then {_id(7, f"({_dice(9)} * {_dice(9)} * 50000)::int")} end,
       (array['Consumer', 'Corporate', 'Home Office', null])[1 + ({_dice(9)} * 400)::int % 4],
       case when shipped then 'State ' || zip % 49 end,
       case when shipped then lpad((zip * 199)::text, 5, '0') end,
       case when shipped then ({_REGIONS})[1 + zip % 49 % 4] end,
       case when shipped then 'United States' end, 'USD', 1
  from (select n, date '{FIRST_DAY}' + (n * {DAYS} / $4)::int as day,
               ({_dice(2)} * 40)::int % 40 as store, {_dice(10)} < 0.33 as shipped,
               ({_dice(11)} * {_dice(11)} * 500)::int % 500 as zip
          from generate_series($2::bigint, $3::bigint) n) s
"""
_OF_LINE: Final = "n * 8 + line"
_LINES: Final = f"""
insert into sale_lines (org_id, sale_id, line_no, product_id, quantity, unit_price, discount, gross,
                        discounted, net, cost, business_day)
select $1, {_id(6, "sale")}, line, {_id(4, "1 + product")}, quantity, price, discount,
       quantity * price, discount, quantity * price - discount,
       case when product % 10 <> 0 then round(quantity * price * 0.6, 4) end,
       date '{FIRST_DAY}' + (sale * {DAYS} / $4)::int
  from (select n as sale, line, (({_dice(21, _OF_LINE)}) ^ 2 * 2000)::int % 2000 as product,
               1 + ({_dice(22, _OF_LINE)} * 4)::int as quantity,
               round((1 + {_dice(23, _OF_LINE)} * 99)::numeric, 2) as price,
               case when {_dice(24, _OF_LINE)} < 0.3
                    then round(({_dice(25, _OF_LINE)})::numeric, 4) else 0 end as discount
          from generate_series($2::bigint, $3::bigint) n,
               generate_series(1, 1 + ({_dice(20)} * 4)::int % 4) line) l
"""


async def fill(url: str, org_id: UUID, lines: int) -> int:
    """Store about so many sale lines; return how many it became.

    Sales and lines are written at the same time, each by a connection; indexes are made afterwards.
    """
    sales = round(lines / LINES_PER_SALE)
    owner, other = [await asyncpg.connect(url) for _ in range(2)]
    for statement in filter(str.strip, _PLACES.split(";\n")):
        await owner.execute(statement, org_id)
    await owner.execute(_MONTHS)
    indexes = await owner.fetch(_INDEXES)
    for one in indexes:
        await owner.execute(f"drop index {one['name']}")
    starts = range(1, sales + 1, _STEP)
    await asyncio.gather(
        *(
            _write(
                connection, text, [(org_id, n, min(n + _STEP - 1, sales), sales) for n in starts]
            )
            for connection, text in ((owner, _SALES), (other, _LINES))
        )
    )
    await owner.execute("set maintenance_work_mem = '1GB'")
    for one in indexes:
        # That of a table in parts is told as of the whole only.
        await owner.execute(one["definition"].replace(" ON ONLY ", " ON "))
    await owner.execute("vacuum analyze sales, sale_lines, products, locations")
    count = await owner.fetchval("select count(*) from sale_lines where org_id = $1", org_id)
    for connection in (owner, other):
        await connection.close()
    return count or 0


_STEP: Final = 200_000
_MONTHS: Final = f"""
select provide_sale_months(array(select date '{FIRST_DAY}' + n from generate_series(0, {DAYS}) n))
"""
# Every index but those of keys.
_INDEXES: Final = """
select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
  from pg_index where indrelid in ('sales'::regclass, 'sale_lines'::regclass) and not indisunique
"""


async def _write(
    connection: asyncpg.Connection, text: str, pieces: list[tuple[object, ...]]
) -> None:
    for piece in pieces:
        await connection.execute(text, *piece)


_TELL: Final = f"""
select append_events(array['SALES'], array['SaleRecorded'], array[null::uuid], array[1::smallint],
    array[(select json_agg(json_build_object('key', {_id(6, "n")}))::text
             from generate_series($1::bigint, $2::bigint) n)])
"""


async def sell(connection: asyncpg.Connection, org_id: UUID, first: int, sales: int) -> None:
    """Record so many sales of the last day, and tell the log, in one transaction."""
    last = first + sales - 1
    async with connection.transaction():
        await connection.execute("select set_config('shelfcast.org', $1, true)", str(org_id))
        await connection.execute(_SALES, org_id, first, last, last)
        await connection.execute(_LINES, org_id, first, last, last)
        await connection.execute(_TELL, first, last)
