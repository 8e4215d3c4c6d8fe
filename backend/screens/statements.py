"""The SQL behind snapshots and pulses; the organisation's id is $1."""

from typing import Final

from backend.sales.filters import LINES

# Levels in the order of their keys, after one of them; $4 null: at every location.
LEVELS: Final = """
select l.id, l.location_id, l.product_id, l.on_hand, l.committed, l.unavailable, l.incoming,
       l.reorder_point, l.version, l.updated_at
  from stock_levels l
 where l.org_id = $1 and (l.location_id, l.product_id) > ($2::uuid, $3::uuid)
   and ($4::uuid[] is null or l.location_id = any($4))
 order by l.location_id, l.product_id
 limit $5
"""

# Sales and returns of some business days at some locations, each as one row.
SALES: Final = f"""
select s.location_id, s.channel, s.kind, s.sold_at, s.business_day,
       sum(l.net) as net, sum(l.quantity) as units
  from sales s {LINES}
 where s.org_id = $1 and s.business_day = any($2::date[]) and l.business_day = any($2::date[])
   and s.location_id = any($3::uuid[])
 group by s.org_id, s.id
"""

FIRST_DAY: Final = """
select business_day from sales where org_id = $1 and location_id = any($2::uuid[])
 order by business_day limit 1
"""

OPEN_ALERTS: Final = """
select id, location_id, severity from alerts
 where org_id = $1 and state <> 'RESOLVED' and location_id = any($2::uuid[])
"""

# Alerts that were open at some moment from $3 on.
PAST_ALERTS: Final = """
select opened_at, resolved_at from alerts
 where org_id = $1 and location_id = any($2::uuid[]) and opened_at <= $4 and severity <> 'INFO'
   and (resolved_at is null or resolved_at > $3)
"""
FIRST_ALERT: Final = """
select min(opened_at) as opened_at from alerts
 where org_id = $1 and location_id = any($2::uuid[])
"""
