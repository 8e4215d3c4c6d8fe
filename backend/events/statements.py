"""The SQL of the log. A horizon is read first, the rows up to it with a new snapshot."""

from typing import Final

EPOCH: Final = "select epoch from feed_epoch"

# `horizon`: all up to it is committed or never will be. `drawn` above it: somebody is still
# writing.
HORIZON: Final = "select feed_horizon() as horizon, (select last_value from event_seq) as drawn"

DRAWN: Final = "select last_value as drawn from event_seq"

# Where the log ends. Never a number that no committed row has: after a crash of PostgreSQL such
# numbers are drawn again.
END: Final = """
select greatest(
    coalesce((select max(seq) from event_log where seq <= $1), 0),
    coalesce((select max(seq) from feed_floor), 0)) as seq
"""

_COLUMNS: Final = "org_id, seq, topic, kind, location_id, recorded_at, schema_version, items::text"

# A page of at most $3 entries, cut where it would go beyond $4 bytes; `found` is how many it had.
BETWEEN: Final = f"""
select * from (
    select *, count(*) over () as found,
           sum(octet_length(items)) over (order by seq) - octet_length(items) as bytes_before
      from (select {_COLUMNS} from event_log
             where seq > $1 and seq <= $2 order by seq limit $3) as page
) as measured where bytes_before < $4 order by seq
"""

OF_ORGANISATION: Final = f"""
select {_COLUMNS} from event_log
 where org_id = $1 and seq > $2 and seq <= $3 and topic = any($4::text[])
 order by seq limit $5
"""

LATEST_OF_ORGANISATION: Final = f"""
select {_COLUMNS} from event_log
 where org_id = $1 and seq <= $2 and kind = $3 order by seq desc limit $4
"""

# Entries that a snapshot already contains although they lie above the position it was begun at.
SEQS_ABOVE: Final = "select seq from event_log where org_id = $1 and seq > $2"

FLOOR: Final = "select seq from feed_floor where org_id = $1"

# The longest run of old entries from the beginning of the log, at most $3: what is purged has no
# holes.
PURGEABLE: Final = """
select max(seq) as seq, count(*) as entries from (
    select seq, bool_and(recorded_at < $2) over (order by seq) as is_old
      from (select seq, recorded_at from event_log
             where org_id = $1 order by seq limit $3) as oldest
) as judged where is_old
"""
RAISE_FLOOR: Final = """
insert into feed_floor (org_id, seq) values ($1, $2)
on conflict (org_id) do update set seq = greatest(feed_floor.seq, excluded.seq)
"""
PURGE: Final = "delete from event_log where org_id = $1 and seq <= $2"

NOTIFY: Final = "select pg_notify('feed', '')"

# 'SHFB': who holds this lock publishes for the other processes.
TRY_LEAD: Final = "select pg_try_advisory_lock(1397245506)"
