"""A tiny retailer with stock that can be added up by hand: two products, two shops."""

from datetime import UTC, datetime, time
from decimal import Decimal

from backend.core.ids import new_id
from tests.world import run_sql

NEW_YORK = "America/New_York"


class Shop:
    """Writes products, movements and sales straight into the tables."""

    def __init__(self, url, org_id):
        self.url, self.org_id = url, org_id
        self.ids = {}

    async def open(self, *codes, timezone="UTC"):
        for code in codes:
            self.ids[code] = new_id()
            await self._run(
                "insert into locations (org_id, id, code, name, kind, timezone)"
                " values ($1, $2, $3, initcap($3), 'STORE', $4)",
                self.ids[code],
                code,
                timezone,
            )

    async def list_product(self, sku, *, cost=None, category="Goods"):
        self.ids[sku] = new_id()
        parent = self.ids.setdefault(f"category {category}", new_id())
        await self._run(
            "insert into categories (org_id, id, name) values ($1, $2, $3) on conflict do nothing",
            parent,
            category,
        )
        await self._run(
            "insert into products (org_id, id, sku, name, category_id)"
            " values ($1, $2, $3, initcap($3), $4)",
            self.ids[sku],
            sku,
            parent,
        )
        if cost is not None:
            await self._run(
                "insert into product_prices (org_id, product_id, valid_from, price, cost)"
                " values ($1, $2, '2000-01-01Z', 9, $3)",
                self.ids[sku],
                Decimal(cost),
            )

    async def move(self, place, sku, quantity, reason, day, hour=12):
        await self._run(
            "insert into stock_movements (org_id, id, location_id, product_id, quantity, reason,"
            " occurred_at) values ($1, $2, $3, $4, $5, $6, $7)",
            new_id(),
            self.ids[place],
            self.ids[sku],
            Decimal(quantity),
            reason,
            _at(day, hour),
        )
        await self._run(
            "insert into stock_levels (org_id, id, location_id, product_id, on_hand)"
            " values ($1, $2, $3, $4, $5) on conflict (org_id, location_id, product_id)"
            " do update set on_hand = stock_levels.on_hand + excluded.on_hand",
            new_id(),
            self.ids[place],
            self.ids[sku],
            Decimal(quantity),
        )

    async def sell(self, place, day, *lines, sale_type="DIRECT", hour=12, kind="SALE"):
        """Record a sale of (sku, quantity, net, cost); direct ones move the stock."""
        sale = new_id()
        await self._run(
            "insert into sales (org_id, id, kind, idempotency_key, source, location_id, channel,"
            " sale_type, sold_at, business_day, currency, exchange_rate) values ($1, $2, $3, $4,"
            " 'POS', $5, 'IN_STORE', $6, $7, $8, 'USD', 1)",
            sale,
            kind,
            str(sale),
            self.ids[place],
            sale_type,
            _at(day, hour),
            day,
        )
        for n, (sku, quantity, net, cost) in enumerate(lines):
            await self._run(
                "insert into sale_lines (org_id, sale_id, line_no, product_id, quantity,"
                " unit_price, gross, discounted, net, cost, business_day)"
                " values ($1, $2, $3, $4, $5, 1, $6, 0, $6, $7, $8)",
                sale,
                n,
                self.ids[sku],
                Decimal(quantity),
                Decimal(net),
                None if cost is None else Decimal(cost),
                day,
            )
            if sale_type == "DIRECT":
                await self.move(place, sku, -quantity, "SALE", day, hour)

    async def sell_often(self, place, first, last, *lines, every=5):
        """Record the same sale every few days and on the last, without moving the stock."""
        days = (
            "select day::date from generate_series($2::date, $3::date, make_interval(days => $4))"
            " day union select $3::date"
        )
        await self._run(
            "insert into sales (org_id, id, kind, idempotency_key, source, location_id, channel,"
            " sale_type, sold_at, business_day, currency, exchange_rate)"
            " select $1, gen_random_uuid(), 'SALE', 'often ' || day, 'POS', $5, 'IN_STORE',"
            f" 'DIRECT', day + interval '12 hours', day, 'USD', 1 from ({days}) days",
            first,
            last,
            every,
            self.ids[place],
        )
        for n, (sku, quantity, net, cost) in enumerate(lines):
            await self._run(
                "insert into sale_lines (org_id, sale_id, line_no, product_id, quantity,"
                " unit_price, gross, discounted, net, cost, business_day)"
                " select org_id, id, $4, $5, $6, 1, $7, 0, $7, $8, business_day from sales"
                " where org_id = $1 and business_day between $2 and $3",
                first,
                last,
                n,
                self.ids[sku],
                Decimal(quantity),
                Decimal(net),
                None if cost is None else Decimal(cost),
            )

    async def _run(self, statement, *values):
        await run_sql(self.url, statement, self.org_id, *values)


def _at(day, hour):
    return datetime.combine(day, time(hour), UTC)
