"""The figures of a pulse, counted by PostgreSQL alone."""

from decimal import Decimal

from tests.world import run_sql

_SALES = """
with sold as (
    select loc.code, s.channel, s.sold_at, s.business_day,
           ($1 at time zone loc.timezone) as here,
           (s.sold_at at time zone loc.timezone) as there,
           case s.kind when 'SALE' then 1 else 0 end as orders,
           case s.kind when 'SALE' then 1 else -1 end * sum(l.net) as net,
           case s.kind when 'SALE' then 1 else -1 end * sum(l.quantity) as units
      from sales s join sale_lines l on l.org_id = s.org_id and l.sale_id = s.id
      join locations loc on loc.org_id = s.org_id and loc.id = s.location_id
     group by s.org_id, s.id, loc.code, loc.timezone
)
select *, business_day = here::date as is_today,
       business_day = here::date - 7 and there::time <= here::time as is_before,
       (select min(business_day) from sold) <= (select max(here::date) - 7 from sold) as is_known
  from sold
"""
_ALERTS = """
select loc.code, count(*) as alerts, count(*) filter (where a.severity = 'CRITICAL') as critical
  from alerts a join locations loc on loc.org_id = a.org_id and loc.id = a.location_id
 where a.state <> 'RESOLVED' group by loc.code
"""
_MINUTES = """
with sold as (
    select date_trunc('minute', s.sold_at) as minute, s.channel, s.kind, sum(l.net) as net
      from sales s join sale_lines l on l.org_id = s.org_id and l.sale_id = s.id
     group by s.org_id, s.id
)
select minute, channel, sum(case kind when 'SALE' then net else -net end) as revenue,
       count(*) filter (where kind = 'SALE') as orders
  from sold
 where minute between date_trunc('minute', $1::timestamptz) - interval '59 minutes' and $1
 group by 1, 2 order by 1, 2
"""


async def recount(url, now):
    """Return all figures as of `now`."""
    sales = await run_sql(url, _SALES, now)
    alerts = {row["code"]: row for row in await run_sql(url, _ALERTS)}
    minutes = await run_sql(url, _MINUTES, now)
    codes = [row["code"] for row in await run_sql(url, "select code from locations order by code")]
    today = [row for row in sales if row["is_today"]]
    before = [row for row in sales if row["is_before"]]
    known = bool(sales) and sales[0]["is_known"]

    def pair(name):
        return total(today, name), total(before, name) if known else None

    return {
        "revenue": pair("net"),
        "orders": pair("orders"),
        "units": pair("units"),
        "open_alerts": Decimal(sum(row["alerts"] for row in alerts.values())),
        "critical_alerts": sum(row["critical"] for row in alerts.values()),
        "minutes": [tuple(row.values()) for row in minutes],
        "places": {
            code: (
                total([row for row in today if row["code"] == code], "net"),
                total([row for row in today if row["code"] == code], "orders"),
                alerts[code]["alerts"] if code in alerts else 0,
            )
            for code in codes
        },
    }


def total(rows, name):
    """Return a sum."""
    return sum((Decimal(row[name]) for row in rows), Decimal())
