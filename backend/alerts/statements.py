"""The set-based SQL of alerts.

What is about a level runs under the lock of the level; what is about another subject is written in
the order of the subjects.
"""

from typing import Final

# Ends the alerts of these levels that no longer apply; kind null: none applies any more.
RESOLVE: Final = """
update alerts a
   set state = 'RESOLVED', resolved_at = $5, updated_at = $5, version = a.version + 1
  from unnest($2::uuid[], $3::uuid[], $4::text[]) as w (location_id, product_id, kind)
 where a.org_id = $1 and a.location_id = w.location_id and a.product_id = w.product_id
   and a.subject is null and a.state <> 'RESOLVED' and a.kind is distinct from w.kind
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

OPEN_CONCERNS: Final = """
insert into alerts (org_id, id, kind, severity, state, location_id, product_id, subject, value,
                    threshold, opened_at, updated_at)
select $1, c.id, c.kind, c.severity, 'OPEN', c.location_id, c.product_id, c.subject, c.value,
       c.threshold, $10, $10
  from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::text[],
              $8::numeric[], $9::numeric[])
       as c (id, kind, severity, location_id, product_id, subject, value, threshold)
 order by c.subject, c.kind
on conflict do nothing
returning *
"""

# Locked in order first, so that two that settle the same subjects wait for each other.
SETTLE: Final = """
with over as materialized (
    select id from alerts
     where org_id = $1 and kind = any($2::text[]) and subject = any($3::text[])
       and state <> 'RESOLVED'
     order by subject, kind, id
       for update
)
update alerts a
   set state = 'RESOLVED', resolved_at = $4, updated_at = $4, version = a.version + 1
  from over
 where a.org_id = $1 and a.id = over.id
returning a.*
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
