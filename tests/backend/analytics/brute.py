"""A small random retailer, and its summaries added up line by line in plain Python."""

import json
import math
import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import asyncpg

from backend.analytics.calendars import BusinessCalendar
from backend.core.ids import new_id

CATEGORIES = {"Toys": ["Blocks", "Dolls"], "Food": ["Bread", "Fruit"]}
FIRST_DAY = datetime(2017, 11, 1, tzinfo=UTC)
PLACE = ("city", "state", "postal_code", "region", "country")
FILTERS = {
    "categories": "CATEGORY",
    "subcategories": "SUBCATEGORY",
    "skus": "PRODUCT",
    "locations": "LOCATION",
    "countries": "COUNTRY",
    "regions": "REGION",
    "states": "STATE",
    "postal_codes": "POSTAL_CODE",
    "distributors": "DISTRIBUTOR",
    "sale_types": "SALE_TYPE",
    "channels": "CHANNEL",
    "segments": "SEGMENT",
    "customers": "CUSTOMER",
}


async def fill(url, org_id, *, seed=1, sales=300):
    """Store random sales; return their lines: dicts of dimensions, figures, sale and kind."""
    return await sell(url, org_id, await fill_shelf(url, org_id, seed=seed), seed=seed, sales=sales)


async def fill_shelf(url, org_id, *, seed=1):
    """Store products, places and distributors; return them for `sell`."""
    connection = await asyncpg.connect(url)
    try:
        return await _catalogue(connection, org_id, random.Random(seed))
    finally:
        await connection.close()


async def sell(url, org_id, shelf, *, seed=1, sales=300, at_once=None, days=(0, 500)):
    """Store random sales and return their lines. `days`: from and before which, of all 500.

    `at_once`: so many to a transaction that tells the log of them; None: the log hears nothing.
    """
    dice = random.Random(seed)
    connection = await asyncpg.connect(url)
    lines = []
    try:
        for number in range(0, sales, at_once or sales):
            async with connection.transaction():
                some = []
                for n in range(number, min(number + (at_once or sales), sales)):
                    some += await _sale(connection, org_id, dice, shelf, f"{seed}-{n}", days)
                if at_once:
                    await _tell(connection, org_id, some)
            lines += some
        return lines
    finally:
        await connection.close()


async def _tell(connection, org_id, lines):
    await connection.execute("select set_config('shelfcast.org', $1, true)", str(org_id))
    for kind in ("SaleRecorded", "ReturnRecorded"):
        ids = {str(line["sale"]) for line in lines if kind.startswith(line["kind"].title())}
        items = json.dumps([{"key": one} for one in sorted(ids)])
        await connection.execute(
            "select append_events('{SALES}', array[$1], array[null::uuid], '{1}', array[$2])",
            kind,
            items,
        )


async def multiply(url, times):
    """Copy the one sale that is there, each copy with a seller of its own."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "create temporary table copies as select s.*, gen_random_uuid() as copy, n"
            " from sales s,"
            f" generate_series(1, {times}) n"
        )
        columns = "kind, idempotency_key, source, location_id, channel, sale_type, sold_at,"
        columns += " business_day, currency, exchange_rate"
        await connection.execute(
            f"insert into sales (org_id, id, {columns}, sold_by)"
            f" select org_id, copy, {columns}, 'seller ' || n from copies"
        )
        figures = "line_no, product_id, quantity, unit_price, gross, discounted, net, business_day"
        await connection.execute(
            f"insert into sale_lines (org_id, sale_id, {figures})"
            f" select l.org_id, c.copy, {figures.replace('business_day', 'l.business_day')}"
            " from copies c join sale_lines l on l.sale_id = c.id"
        )
        # As an import does of what it filled.
        await connection.execute("analyze sales, sale_lines")
    finally:
        await connection.close()


def summarise(lines, group_by, admits=lambda line: True):
    """Return {keys: figures} and the total."""
    groups, total = defaultdict(list), []
    for line in filter(admits, lines):
        groups[tuple(line[name] for name in group_by)].append(line)
        total.append(line)
    return {keys: figures(found) for keys, found in groups.items()}, figures(total)


def figures(lines):
    """Return the measures of lines, in the order of rules.Measures."""
    sold = [line for line in lines if line["kind"] == "SALE"]
    back = [line for line in lines if line["kind"] == "RETURN"]
    costed = [line for line in lines if line["cost"] is not None]

    def net_of(name, among=lines):
        return sum((line[name] * line["sign"] for line in among), Decimal())

    return (
        net_of("quantity"),
        sum((line["gross"] for line in sold), Decimal()),
        sum((line["discounted"] for line in sold), Decimal()),
        net_of("net"),
        net_of("cost", costed) if costed else None,
        net_of("net", costed) - net_of("cost", costed) if costed else None,
        net_of("net") - net_of("net", costed),
        len({line["sale"] for line in sold}),
        sum((line["net"] for line in back), Decimal()),
    )


async def _catalogue(connection, org_id, dice):
    shelf = {"products": [], "locations": [], "distributors": []}
    for code in ("acme", "bolt"):
        id_ = new_id()
        await connection.execute(
            "insert into distributors (org_id, id, code, name) values ($1, $2, $3, $3)",
            org_id,
            id_,
            code,
        )
        shelf["distributors"].append((id_, code))
    for category, below in CATEGORIES.items():
        parent = new_id()
        add = "insert into categories (org_id, id, name, parent_id) values ($1, $2, $3, $4)"
        await connection.execute(add, org_id, parent, category, None)
        for name in below:
            child = new_id()
            await connection.execute(add, org_id, child, name, parent)
            for n in range(2):
                supplier = dice.choice([*shelf["distributors"], (None, None)])
                bare = n == 1 and name == "Fruit"
                sku, id_ = f"{name}-{n}", new_id()
                await connection.execute(
                    "insert into products (org_id, id, sku, name, category_id, subcategory_id,"
                    " distributor_id) values ($1, $2, $3, $3, $4, $5, $6)",
                    org_id,
                    id_,
                    sku,
                    None if bare else parent,
                    None if bare else child,
                    supplier[0],
                )
                named = (None, None) if bare else (category, name)
                shelf["products"].append((id_, sku, *named, supplier[1]))
    for code, zone, state in (("ny", "America/New_York", "NY"), ("tokyo", "Asia/Tokyo", None)):
        id_ = new_id()
        place = {"city": code, "state": state, "postal_code": "01234", "region": None}
        place["country"] = "Japan" if state is None else "USA"
        await connection.execute(
            "insert into locations (org_id, id, code, name, kind, city, state, postal_code, region,"
            " country, timezone) values ($1, $2, $3, $3, 'STORE', $4, $5, $6, $7, $8, $9)",
            org_id,
            id_,
            code,
            *place.values(),
            zone,
        )
        shelf["locations"].append((id_, code, zone, place))
    return shelf


async def _sale(connection, org_id, dice, shelf, number, days):
    location, code, zone, own = dice.choice(shelf["locations"])
    sold_at = FIRST_DAY + timedelta(minutes=dice.randrange(*(60 * 24 * n for n in days)))
    local = sold_at.astimezone(ZoneInfo(zone))
    kind = "RETURN" if dice.random() < 0.2 else "SALE"
    ship = dict.fromkeys(PLACE)
    if dice.random() < 0.6:
        ship |= {"state": dice.choice(["NY", "VT", None]), "country": dice.choice(["USA", "Peru"])}
        ship |= {"postal_code": dice.choice(["05401", None]), "region": dice.choice(["East", None])}
    distributor = dice.choice([*shelf["distributors"], (None, None), (None, None)])
    sale = {
        "id": new_id(),
        "sale_type": dice.choice(["DIRECT", "TRACE"]),
        "channel": dice.choice(["ONLINE", "IN_STORE", "MARKETPLACE"]),
        "segment": dice.choice(["Consumer", "Corporate", None]),
        "customer": dice.choice([*SHOPPERS, None]),
        "seller": dice.choice(["ann", None]),
    }
    await connection.execute(
        "insert into sales (org_id, id, kind, idempotency_key, source, location_id, channel,"
        " sale_type, sold_at, business_day, distributor_id, sold_by, customer_id, segment,"
        " ship_city, ship_state, ship_postal_code, ship_region, ship_country, currency,"
        " exchange_rate) values ($1, $2, $3, $4, 'POS', $5, $6, $7, $8, $9, $10, $11, $12, $13,"
        " $14, $15, $16, $17, $18, 'USD', 1)",
        org_id,
        sale["id"],
        kind,
        number,
        location,
        sale["channel"],
        sale["sale_type"],
        sold_at,
        local.date(),
        distributor[0],
        sale["seller"],
        sale["customer"],
        sale["segment"],
        *ship.values(),
    )
    place = ship if any(ship.values()) else own
    said = {
        "sale": sale["id"],
        "kind": kind,
        "sign": 1 if kind == "SALE" else -1,
        "day": local.date(),
        "sold_at": sold_at,
        **dates(local),
        "sold_for": distributor[1],
        "LOCATION": code,
        "SALE_TYPE": sale["sale_type"],
        "CHANNEL": sale["channel"],
        "SEGMENT": sale["segment"],
        "CUSTOMER": sale["customer"] and str(sale["customer"]),
        "SELLER": sale["seller"],
        "STATE": place["state"],
        "POSTAL_CODE": place["postal_code"],
        "REGION": place["region"],
        "COUNTRY": place["country"],
    }
    return [
        said
        | await _line(
            connection, org_id, dice, shelf, (sale["id"], local.date()), n, distributor[1]
        )
        for n in range(dice.randint(1, 4))
    ]


async def _line(connection, org_id, dice, shelf, sale, n, distributor):
    product, sku, category, subcategory, supplier = dice.choice(shelf["products"])
    quantity, price = Decimal(dice.randint(1, 9)), Decimal(dice.randint(0, 99999)) / 10000
    gross = quantity * price
    discounted = Decimal(dice.randint(0, int(gross * 10000))) / 10000
    cost = None if dice.random() < 0.3 else Decimal(dice.randint(0, 200000)) / 10000
    await connection.execute(
        "insert into sale_lines (org_id, sale_id, line_no, product_id, quantity, unit_price,"
        " discount, gross, discounted, net, cost, business_day) values ($1, $2, $3, $4, $5, $6, $8,"
        " $7, $8, $9, $10, $11)",
        org_id,
        sale[0],
        n + 1,
        product,
        quantity,
        price,
        gross,
        discounted,
        gross - discounted,
        cost,
        sale[1],
    )
    return {
        "PRODUCT": sku,
        "CATEGORY": category,
        "SUBCATEGORY": subcategory,
        "DISTRIBUTOR": distributor or supplier,
        "DISCOUNT_BAND": band(gross, discounted),
        "quantity": quantity,
        "gross": gross,
        "discounted": discounted,
        "net": gross - discounted,
        "cost": cost,
    }


def band(gross, discounted):
    """Return the id of the band of a line's discount."""
    if gross <= 0 or discounted <= 0:
        return "0"
    tenths = math.ceil(round(discounted / gross, 3) * 10)
    return str(tenths * 10) if tenths <= 5 else "100"


def fiscal(day, calendar):
    """Return the ids of the periods of the business year."""
    place = calendar.place(day)
    return {
        "FISCAL_WEEK": f"FY{place.year}-W{place.week:02}",
        "FISCAL_MONTH": f"FY{place.year}-P{place.month:02}",
        "FISCAL_QUARTER": f"FY{place.year}-Q{place.quarter}",
        "FISCAL_YEAR": f"FY{place.year}",
    }


def dates(local):
    """Return the ids of the dimensions of time for a local moment."""
    day: date = local.date()
    year, week, weekday = day.isocalendar()
    return {
        "HOUR": str(local.hour),
        "WEEKDAY": str(weekday),
        "DAY": day.isoformat(),
        "WEEK": f"{year}-W{week:02}",
        "MONTH": f"{day:%Y-%m}",
        "QUARTER": f"{day.year}-Q{(day.month + 2) // 3}",
        "YEAR": str(day.year),
        **fiscal(day, BusinessCalendar()),
    }


SHOPPERS = [new_id(), new_id(), new_id()]
