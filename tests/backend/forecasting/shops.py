"""Shops whose sales are put straight into the database, many at once."""

import json
from datetime import UTC, datetime, time

import asyncpg

from backend.core.ids import new_id


async def open_shop(url, org_id, *, skus=("TEA",), codes=("north",), timezone="UTC", **place):
    """Insert products and locations; return their ids by SKU and by code."""
    connection = await asyncpg.connect(url)
    ids = {name: new_id() for name in (*skus, *codes)}
    days = place.get("opening_days")
    try:
        for sku in skus:
            await connection.execute(
                "insert into products (org_id, id, sku, name) values ($1, $2, $3, $3)",
                org_id, ids[sku], sku,
            )  # fmt: skip
        for code in codes:
            await connection.execute(
                "insert into locations (org_id, id, code, name, kind, timezone, country)"
                " values ($1, $2, $3, $3, 'STORE', $4, $5)",
                org_id, ids[code], code, timezone, place.get("country"),
            )  # fmt: skip
            if days:
                await connection.execute(
                    "update locations set opening_days = $2 where id = $1", ids[code], days
                )
    finally:
        await connection.close()
    return ids


async def sell(url, org_id, rows, *, kind="SALE", sale_type="DIRECT", tell=False):
    """Insert a sale of one line for each (location id, product id, moment or day, units).

    `tell`: the log hears of them.
    """
    heads, lines = [], []
    for n, (location, product, when, units) in enumerate(rows):
        moment = when if isinstance(when, datetime) else datetime.combine(when, time(12), UTC)
        sale, day = new_id(), moment.date()
        heads.append((org_id, sale, kind, f"{sale}-{n}", location, sale_type, moment, day))
        lines.append((org_id, sale, product, units, day))
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.executemany(_HEAD, heads)
            await connection.executemany(_LINE, lines)
            if tell:
                name = "SaleRecorded" if kind == "SALE" else "ReturnRecorded"
                items = json.dumps([{"key": str(head[1])} for head in heads])
                await connection.execute(
                    "select set_config('shelfcast.org', $1, true)", str(org_id)
                )
                await connection.execute(_TELL, name, items)
    finally:
        await connection.close()


_HEAD = """
insert into sales (org_id, id, kind, idempotency_key, source, location_id, channel, sale_type,
                   sold_at, business_day, currency, exchange_rate)
values ($1, $2, $3, $4, 'POS', $5, 'IN_STORE', $6, $7, $8, 'USD', 1)
"""
_LINE = """
insert into sale_lines (org_id, sale_id, line_no, product_id, quantity, unit_price, gross,
                        discounted, net, business_day)
values ($1, $2, 1, $3, $4, 1, $4, 0, $4, $5)
"""
_TELL = "select append_events('{SALES}', array[$1], array[null::uuid], '{1}', array[$2])"


async def move_stock(url, org_id, location, product, moves):
    """Insert movements (moment, quantity, reason) and the level they make."""
    connection = await asyncpg.connect(url)
    try:
        for moment, quantity, reason in moves:
            await connection.execute(
                "insert into stock_movements (org_id, id, location_id, product_id, quantity,"
                " reason, occurred_at) values ($1, $2, $3, $4, $5, $6, $7)",
                org_id, new_id(), location, product, quantity, reason, moment,
            )  # fmt: skip
        await connection.execute(
            "insert into stock_levels (org_id, id, location_id, product_id, on_hand)"
            " values ($1, $2, $3, $4, $5)",
            org_id, new_id(), location, product, sum(move[1] for move in moves),
        )  # fmt: skip
    finally:
        await connection.close()
