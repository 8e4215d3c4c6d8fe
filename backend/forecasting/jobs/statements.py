"""SQL of runs that are being done, and of what they leave."""

from typing import Final

TAKE: Final = """
update forecast_runs
   set status = 'RUNNING', attempts = attempts + 1, version = version + 1, heard_at = $3,
       started_at = coalesce(started_at, $3)
 where org_id = $1 and id = $2 and status in ('WAITING', 'RUNNING') returning *
"""
STEP: Final = """
update forecast_runs set step = $3, progress = $4, heard_at = $5, version = version + 1
 where org_id = $1 and id = $2 and status = 'RUNNING' returning version, kind, status, progress
"""
TRAINED: Final = """
update forecast_runs set model_id = $3, promoted = $4, verdict = $5, heard_at = $6
 where org_id = $1 and id = $2
"""
SUCCEED: Final = """
update forecast_runs
   set status = 'SUCCEEDED', step = '', progress = 1, ended_at = $3, heard_at = $3,
       model_id = coalesce(model_id, $4), verdict = coalesce(verdict, $5), left_out = $6,
       promoted = case when kind = 'UPDATE' then promoted else coalesce(promoted, false) end,
       version = version + 1
 where org_id = $1 and id = $2 and status = 'RUNNING' returning version, kind, status, progress
"""
FAIL: Final = """
update forecast_runs
   set status = 'FAILED', step = '', ended_at = $3, heard_at = $3, error = $4::text::jsonb,
       version = version + 1
 where org_id = $1 and id = $2 and status = 'RUNNING' returning version, kind, status, progress
"""
# Runs of which nothing was heard: their job, or whoever had it, was lost.
STRAYS: Final = """
select id from forecast_runs
 where org_id = $1 and status in ('WAITING', 'RUNNING') and heard_at < $2
 order by heard_at limit 100
"""

# Whole days a model lineage had learned, and itself then, the earliest first.
CHECKPOINTS: Final = """
select m.last_seen, c.content
  from forecast_models m
  join forecast_contents c on c.org_id = m.org_id and c.model_id = m.id
 where m.org_id = $1 and m.kind = 'PERIODS' and m.root_id = $2 and not m.is_partial
   and m.last_seen >= $3::date
 order by m.last_seen, m.version
"""
DROP_RESERVOIR: Final = """
update forecast_contents set reservoir = null where org_id = $1 and model_id = $2
"""
# What is kept of models: partial ones while they forecast, updated ones so long that a challenger
# can be compared with them, trained ones so long that somebody may go back to them.
PRUNE_CONTENTS: Final = """
delete from forecast_contents c
 using forecast_models m
 where c.org_id = $1 and m.org_id = c.org_id and m.id = c.model_id and m.status <> 'CHAMPION'
   and (m.is_partial
        or m.origin = 'UPDATED' and m.last_seen < $2::date - 40
        or m.trained_at < $3::timestamptz - interval '60 days' and m.root_id <> $4)
"""
# Models of unfinished days: all of the day that is not over, of each earlier one the last few.
PRUNE_MODELS: Final = """
delete from forecast_models m
 using (select id, row_number() over (partition by parent_id order by trained_at desc, id) as place
          from forecast_models where org_id = $1 and is_partial) numbered
 where m.org_id = $1 and m.id = numbered.id and m.status <> 'CHAMPION'
   and m.trained_at < $2::timestamptz
   and (numbered.place > $3 or m.trained_at < $2::timestamptz - interval '60 days')
"""
PRUNE_RUNS: Final = """
delete from forecast_runs
 where org_id = $1 and kind = 'UPDATE' and status in ('SUCCEEDED', 'FAILED')
   and ended_at < $2::timestamptz - interval '2 days'
"""

PUT_FORECAST: Final = """
insert into forecasts (org_id, location_id, product_id, first_day, mean, quantiles, total_mean,
    total_quantiles, demand_class, model_id, total_model_id, trained_through, made_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (org_id, location_id, product_id) do update
   set first_day = excluded.first_day, mean = excluded.mean, quantiles = excluded.quantiles,
       total_mean = excluded.total_mean, total_quantiles = excluded.total_quantiles,
       demand_class = excluded.demand_class, model_id = excluded.model_id,
       total_model_id = excluded.total_model_id, trained_through = excluded.trained_through,
       made_at = excluded.made_at
"""
DROP_FORECASTS: Final = "delete from forecasts where org_id = $1 and made_at < $2"
PUT_POOL: Final = """
insert into forecast_pools (org_id, id, content, made_at) values ($1, $2, $3, $4)
on conflict (org_id, id) do update set content = excluded.content, made_at = excluded.made_at
"""
DROP_POOLS: Final = "delete from forecast_pools where org_id = $1 and made_at < $2"

SNAPSHOTS: Final = """
select day, model_id, content from forecast_snapshots
 where org_id = $1 and day >= $2::date order by day
"""
PUT_SNAPSHOT: Final = """
insert into forecast_snapshots (org_id, day, model_id, content) values ($1, $2, $3, $4)
on conflict (org_id, day) do update set model_id = excluded.model_id, content = excluded.content
"""
DROP_SNAPSHOTS: Final = "delete from forecast_snapshots where org_id = $1 and day < $2::date"
PUT_ERROR: Final = """
insert into forecast_errors values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict do nothing
"""
DROP_ERRORS: Final = "delete from forecast_errors where org_id = $1 and day < $2::date"
PUT_DAY: Final = """
insert into forecast_days values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict do nothing
"""
DAYS: Final = """
select d.*, m.root_id from forecast_days d
  left join forecast_models m on m.org_id = d.org_id and m.id = d.model_id
 where d.org_id = $1 and d.day >= $2::date order by d.day
"""

CURSOR: Final = "select * from forecast_cursors where org_id = $1"
LOCK_CURSOR: Final = "select * from forecast_cursors where org_id = $1 for update"
BEGIN: Final = """
insert into forecast_cursors (org_id, seq) values ($1, $2) on conflict do nothing
"""
HAS_SALES: Final = """
select exists (select from event_log
                where org_id = $1 and seq > $2 and seq <= $3 and topic = 'SALES') as any
"""
HAS_ANY: Final = "select exists (select from sales where org_id = $1) as any"
ADVANCE: Final = "update forecast_cursors set seq = $2 where org_id = $1"
NOTE_NIGHT: Final = "update forecast_cursors set trained_on = $2 where org_id = $1"
NOTE_UPDATE: Final = """
insert into forecast_cursors as c (org_id, seq, closed, updated_at, update_seconds)
values ($1, 0, $2, $3, $4)
on conflict (org_id) do update
   set closed = excluded.closed, updated_at = excluded.updated_at,
       update_seconds = excluded.update_seconds
"""
RECENT_TRAINING: Final = """
select exists (select from forecast_runs
                where org_id = $1 and kind <> 'UPDATE' and requested_at > $2) as any
"""
