"""SQL of forecasts, their models and their runs."""

from typing import Final

_MODEL: Final = (
    "org_id, id, version, family, kind, origin, parent_id, root_id, run_id, status, verdict, seed,"
    " horizon, series, first_seen, last_seen, trained_through, trained_at, promoted_at, metrics,"
    " baselines, is_partial, left_out"
)
# Forecasts of what is chosen, the most demanded first: ids of products and locations, null: all.
# Arrays travel as the server sends them: as lists of objects they would take ten times the room.
FORECASTS: Final = """
select location_id, product_id, first_day, array_send(mean[1:$5]) as mean,
       array_send(quantiles[1:$5 * 9]) as quantiles, array_send(total_mean[1:$5]) as total_mean,
       array_send(total_quantiles[1:$5 * 9]) as total_quantiles,
       demand_class, model_id, total_model_id, trained_through, made_at
  from forecasts
 where org_id = $1
   and ($2::uuid[] is null or product_id = any($2::uuid[]))
   and ($3::uuid[] is null or location_id = any($3::uuid[]))
 order by total_mean[cardinality(total_mean)] desc, location_id, product_id
 limit $4
"""
DAYS_FORECAST: Final = """
select cardinality(mean) as days from forecasts where org_id = $1 limit 1
"""
LEFT_OUT: Final = """
select left_out from forecast_runs
 where org_id = $1 and status = 'SUCCEEDED' order by ended_at desc limit 1
"""
# The same of totals alone, in no order: columns of so many rows of one maker as bytes.
TOTALS: Final = """
with found as (
    select *, row_number() over () / 2000 as slice from forecasts
     where org_id = $1 and cardinality(total_mean) >= $4
       and ($2::uuid[] is null or product_id = any($2::uuid[]))
       and ($3::uuid[] is null or location_id = any($3::uuid[]))
)
select string_agg(uuid_send(location_id) || uuid_send(product_id), ''::bytea) as keys,
       string_agg(array_send(total_mean[1:$4]), ''::bytea) as mean,
       string_agg(array_send(total_quantiles[1:$4 * 9]), ''::bytea) as quantiles,
       demand_class, total_model_id, trained_through
  from found group by demand_class, total_model_id, trained_through, slice
"""
# How the last four weeks turned out, for what is chosen and seen.
LIVE: Final = """
select sum(covered) as covered, sum(scored) as scored from forecast_errors
 where org_id = $1 and day >= $4::date
   and ($2::uuid[] is null or product_id = any($2::uuid[]))
   and ($3::uuid[] is null or location_id = any($3::uuid[]))
"""
MODEL: Final = f"select {_MODEL} from forecast_models where org_id = $1 and id = $2"
CHAMPION: Final = f"""
select {_MODEL} from forecast_models where org_id = $1 and kind = $2 and status = 'CHAMPION'
"""
CONTENT: Final = """
select content, reservoir from forecast_contents where org_id = $1 and model_id = $2
"""
IS_KEPT: Final = "select 1 from forecast_contents where org_id = $1 and model_id = $2"
# A model can forecast where it is made of nothing, or of what is kept.
_KEPT: Final = """(family in ('WEEKDAY_MEAN', 'SEASONAL_NAIVE') or exists (
       select from forecast_contents c where c.org_id = m.org_id and c.model_id = m.id))"""
# Models of one kind are numbered in their order.
ADD_MODEL: Final = f"""
insert into forecast_models ({_MODEL})
select $1, $2, (select coalesce(max(version), 0) + 1 from forecast_models
                 where org_id = $1 and kind = $4),
       $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19::text::jsonb,
       $20::text::jsonb, $21, $22
returning version
"""
ADD_CONTENT: Final = "insert into forecast_contents values ($1, $2, $3, $4)"
# Who forecast so far does so no longer, and the other does: first the one, then the other.
RETIRE: Final = """
update forecast_models set status = 'RETIRED'
 where org_id = $1 and kind = $2 and status = 'CHAMPION' and id <> $3
"""
PROMOTE: Final = """
update forecast_models set status = 'CHAMPION', promoted_at = $4
 where org_id = $1 and kind = $2 and id = $3
"""
# The totals that were trained with a model, or with the one it learned on from.
TOTALS_OF: Final = f"""
select {_MODEL} from forecast_models m
 where org_id = $1 and kind = 'TOTALS' and root_id = $2 and {_KEPT}
 order by trained_at desc limit 1
"""
# The model that forecast before the champion and is no step of its own learning.
PREDECESSOR: Final = f"""
select {_MODEL} from forecast_models m
 where org_id = $1 and kind = 'PERIODS' and status = 'RETIRED' and promoted_at is not null
   and {_KEPT}
   and root_id <> (select root_id from forecast_models
                    where org_id = $1 and kind = 'PERIODS' and status = 'CHAMPION')
 order by promoted_at desc limit 1
"""
LOCK: Final = "select pg_advisory_xact_lock(1179800404, hashtext($1::uuid::text))"

ADD_RUN: Final = """
insert into forecast_runs (org_id, id, kind, reason, status, requested_by, requested_at, heard_at)
values ($1, $2, $3, $4, 'WAITING', $5, $6, $6)
on conflict (org_id, kind) where status = 'WAITING' do nothing
returning id
"""
WAITING_RUN: Final = """
select id from forecast_runs where org_id = $1 and kind = $2 and status = 'WAITING'
"""
RUN: Final = "select * from forecast_runs where org_id = $1 and id = $2"
