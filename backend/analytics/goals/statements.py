"""The set-based SQL of goals. Whoever writes them takes the organisation's turn first."""

from typing import Final

# Two numbers, so that feed_horizon never counts it; it ends with the transaction.
TURN: Final = "select pg_advisory_xact_lock(1196376396, hashtext($1::text))"
TRY_TURN: Final = "select pg_try_advisory_xact_lock(1196376396, hashtext($1::text)) as got"

COUNT: Final = "select count(*) as goals from goals where org_id = $1"

_KEYS: Final = """
unnest($2::text[], $3::text[], $4::text[], $5::text[]) with ordinality
    as k (period, dimension, member, measure, n)"""
_SAME: Final = """{0}.org_id = $1 and {0}.period = k.period and {0}.dimension = k.dimension
       and {0}.member = k.member and {0}.measure = k.measure"""

# The goals of these keys, and the last version each key ever had.
BY_KEY: Final = f"""
select k.n, g.*, (select max(c.version) from goal_changes c where {_SAME.format("c")}) as last
  from {_KEYS} left join goals g on {_SAME.format("g")}
 order by k.n
"""
BY_ID: Final = "select * from goals where org_id = $1 and id = any($2::uuid[]) order by id"

PUT: Final = """
insert into goals (org_id, id, period, kind, dimension, member, measure, amount, location_id,
                   version, updated_at, updated_by)
select $1, w.*, $11, $12
  from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
              $8::numeric[], $9::uuid[], $10::bigint[]) as w
on conflict (org_id, period, dimension, member, measure) do update
   set amount = excluded.amount, version = excluded.version, updated_at = excluded.updated_at,
       updated_by = excluded.updated_by
returning *
"""
DELETE: Final = "delete from goals where org_id = $1 and id = any($2::uuid[])"

NOTE_CHANGES: Final = """
insert into goal_changes (org_id, period, dimension, member, measure, version, amount, location_id,
                          origin, changed_at, changed_by)
select $1, w.*, $9, $10, $11
  from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::numeric[],
              $8::uuid[]) as w
"""
CHANGES: Final = """
select version, amount, origin, changed_at, changed_by from goal_changes
 where org_id = $1 and period = $2 and dimension = $3 and member = $4 and measure = $5
 order by version desc limit $6
"""

# Goals of these periods, limited by dimension, member and measure where these are given.
CHOSEN: Final = """
select * from goals
 where org_id = $1 and ($2::text[] is null or period = any($2::text[]))
   and ($3::text[] is null or kind = any($3::text[]))
   and ($4::text[] is null or dimension = any($4::text[]))
   and ($5::text[] is null or member = any($5::text[])) and measure = any($6::text[])
 order by period, dimension, member, measure limit $7
"""

CATEGORIES: Final = """
select distinct name from categories
 where org_id = $1 and parent_id is null and name = any($2::text[])
"""

RULES: Final = "select reached_at, missed_below, version from goal_rules where org_id = $1"
PUT_RULES: Final = """
insert into goal_rules (org_id, reached_at, missed_below, version) values ($1, $2, $3, 1)
on conflict (org_id) do update
   set reached_at = $2, missed_below = $3, version = goal_rules.version + 1
returning reached_at, missed_below, version
"""

# What alerts are to say; a goal that was deleted meanwhile is not there any more.
LATCH: Final = """
update goals g set latched = w.latched
  from unnest($2::uuid[], $3::text[]) as w (id, latched)
 where g.org_id = $1 and g.id = w.id
returning g.id
"""
LATCHED_ELSEWHERE: Final = """
select * from goals where org_id = $1 and latched is not null and period <> all($2::text[])
 order by id
"""
