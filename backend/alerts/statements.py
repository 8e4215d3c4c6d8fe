"""The set-based SQL of alerts. Runs under the locks of the levels it is about."""

from typing import Final

# Ends the alerts of these levels that no longer apply; kind null: none applies any more.
RESOLVE: Final = """
update alerts a
   set state = 'RESOLVED', resolved_at = $5, updated_at = $5, version = a.version + 1
  from unnest($2::uuid[], $3::uuid[], $4::text[]) as w (location_id, product_id, kind)
 where a.org_id = $1 and a.location_id = w.location_id and a.product_id = w.product_id
   and a.state <> 'RESOLVED' and a.kind is distinct from w.kind
returning a.*
"""

OPEN: Final = """
insert into alerts (org_id, id, kind, severity, state, location_id, product_id, value, threshold,
                    opened_at, updated_at)
select $1, w.id, w.kind, w.severity, 'OPEN', w.location_id, w.product_id, w.value, w.threshold,
       $9, $9
  from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::numeric[],
              $8::numeric[])
       as w (id, kind, severity, location_id, product_id, value, threshold)
on conflict do nothing
returning *
"""

ACKNOWLEDGE: Final = """
update alerts
   set state = 'ACKNOWLEDGED', acknowledged_at = $3, acknowledged_by = $4, note = $5,
       updated_at = $3, version = version + 1
 where org_id = $1 and id = $2 and state = 'OPEN'
returning *
"""
FIND: Final = "select * from alerts where org_id = $1 and id = any($2::uuid[])"

# What is open per location, and what was open at a moment in the past.
OPEN_COUNTS: Final = """
select location_id, count(*) as alerts, count(*) filter (where severity = 'CRITICAL') as critical
  from alerts where org_id = $1 and state <> 'RESOLVED' group by location_id
"""
OPEN_AT: Final = """
select count(*) filter (
           where opened_at <= $2 and (resolved_at is null or resolved_at > $2)) as alerts,
       min(opened_at) as since
  from alerts where org_id = $1
"""
