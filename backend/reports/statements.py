"""The SQL of reports."""

from typing import Final

ADD_RUN: Final = """
insert into report_runs (org_id, id, effect_key, reason, schedule_id, recipient_id, restates_id,
    name, content, formats, channel, user_id, client_id, scopes, location_ids, timezone, first_day,
    last_day, state, queued_at, due_at, next_attempt_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb, $10, $11, $12, $13, $14, $15, $16, $17,
        $18, 'QUEUED', $19, $20, $21)
on conflict (org_id, effect_key) do nothing returning id
"""
"""Nothing comes back where the same was ordered before."""

COUNT_OPEN: Final = """
select count(*) as waiting,
       count(*) filter (where user_id is not distinct from $2 and client_id = $3) as own
  from report_runs where org_id = $1 and state in ('QUEUED', 'RUNNING')
"""

RUN: Final = """
select id, reason, schedule_id, recipient_id, restates_id, name, content, formats, channel, user_id,
       client_id, scopes, timezone, first_day, last_day, state, attempts, queued_at, due_at, as_of,
       seen_with, totals, is_late, location_ids, finished_at, restated_at, failure_code,
       failure_message, version
  from report_runs where org_id = $1 and id = $2
"""

TAKE: Final = """
update report_runs set state = 'RUNNING', attempts = attempts + 1, doing = 'beginning',
       progress = greatest(progress, 1), version = version + 1, next_attempt_at = $3
 where org_id = $1 and id = $2 and state in ('QUEUED', 'RUNNING') returning version, attempts
"""

STEP: Final = """
update report_runs set progress = $3, doing = $4, version = version + 1, next_attempt_at = $5
 where org_id = $1 and id = $2 and state = 'RUNNING' returning version
"""

NOTE_MADE: Final = """
update report_runs set as_of = $3, totals = $4::text::jsonb, first_day = $5, last_day = $6,
       seen_with = $7
 where org_id = $1 and id = $2
"""

FINISH: Final = """
update report_runs set state = $3, progress = 100, doing = '', finished_at = $4, is_late = $5,
       next_attempt_at = null, failure_code = null, failure_message = null, version = version + 1
 where org_id = $1 and id = $2 and state = 'RUNNING' returning version
"""

PUT_OFF: Final = """
update report_runs set state = 'QUEUED', doing = '', failure_code = $3, failure_message = $4,
       next_attempt_at = $5, version = version + 1
 where org_id = $1 and id = $2 and state = 'RUNNING' returning version
"""

FAIL: Final = """
update report_runs set state = 'FAILED', doing = '', failure_code = $3, failure_message = $4,
       finished_at = $5, is_late = $6, next_attempt_at = null, version = version + 1
 where org_id = $1 and id = $2 and state in ('QUEUED', 'RUNNING') returning version
"""

RETRY: Final = """
update report_runs set state = 'QUEUED', attempts = 0, progress = 0, finished_at = null,
       failure_code = null, failure_message = null, next_attempt_at = $3, version = version + 1
 where org_id = $1 and id = $2 and state = 'FAILED' returning version
"""

ADD_FILE: Final = """
insert into report_files (org_id, run_id, format, size, digest, content, made_at)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
"""

FORMATS_MADE: Final = "select format from report_files where org_id = $1 and run_id = $2"

FILES_OF: Final = """
select run_id, format, size, digest, made_at from report_files
 where org_id = $1 and run_id = any($2) and format <> 'DOCUMENT' order by format
"""

DOCUMENTS_OF: Final = """
select run_id, content from report_files
 where org_id = $1 and run_id = any($2) and format = 'DOCUMENT'
"""

FILE: Final = """
select content, size, digest, made_at from report_files
 where org_id = $1 and run_id = $2 and format = $3
"""

# Runs whose job was lost, or whose worker was: their next moment passed a while ago.
STRAY: Final = """
select id from report_runs
 where org_id = $1 and state in ('QUEUED', 'RUNNING') and next_attempt_at < $2
 order by next_attempt_at limit $3
"""

ADD_SCHEDULE: Final = """
insert into report_schedules (org_id, id, name, content, formats, frequency, due_time, due_day,
    resends_restated, is_paused, user_id, client_id, scopes, location_ids, created_at, updated_at)
values ($1, $2, $3, $4::text::jsonb, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)
"""

UPDATE_SCHEDULE: Final = """
update report_schedules set name = $3, content = $4::text::jsonb, formats = $5, frequency = $6,
       due_time = $7, due_day = $8, resends_restated = $9, is_paused = $10, user_id = $11,
       client_id = $12, scopes = $13, location_ids = $14, updated_at = $15, version = version + 1
 where org_id = $1 and id = $2
"""

SCHEDULES: Final = """
select id, name, content, formats, frequency, due_time, due_day, resends_restated, is_paused,
       user_id, client_id, scopes, location_ids, created_at, updated_at, version
  from report_schedules where org_id = $1 and id = any($2)
"""

LOCK_SCHEDULE: Final = """
select id, user_id, client_id from report_schedules where org_id = $1 and id = $2 for update
"""

COUNT_SCHEDULES: Final = "select count(*) as known from report_schedules where org_id = $1"

DELETE_SCHEDULE: Final = "delete from report_schedules where org_id = $1 and id = $2"

DELETE_RECIPIENTS: Final = """
delete from report_recipients where org_id = $1 and schedule_id = $2 and id <> all($3::uuid[])
"""

PUT_RECIPIENT: Final = """
insert into report_recipients (org_id, schedule_id, id, channel, user_id, url, sealed_secret,
                               timezone, next_due_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (org_id, schedule_id, id) do update
   set timezone = excluded.timezone, next_due_at = excluded.next_due_at
"""

RECIPIENTS: Final = """
select schedule_id, id, channel, user_id, url, sealed_secret, timezone, next_due_at
  from report_recipients where org_id = $1 and schedule_id = any($2) order by schedule_id, id
"""

# Locked, so that two workers never take the same; skipped, so that none waits for the other.
DUE: Final = """
select r.id as recipient_id, r.schedule_id, r.channel, r.user_id, r.timezone, r.next_due_at,
       s.name, s.content, s.formats, s.frequency, s.due_time, s.due_day, s.user_id as maker_id,
       s.client_id, s.scopes, s.location_ids
  from report_recipients r
  join report_schedules s on s.org_id = r.org_id and s.id = r.schedule_id
 where r.org_id = $1 and r.next_due_at <= $2 and not s.is_paused
 order by r.next_due_at limit $3 for update of r skip locked
"""

NEXT_DUE: Final = """
update report_recipients set next_due_at = $4 where org_id = $1 and schedule_id = $2 and id = $3
"""

# Reports that late sales may have changed: done, about days, the newest of their kind.
WATCHED: Final = """
select r.id, r.schedule_id, r.recipient_id, r.name, r.content, r.formats, r.channel, r.user_id,
       r.client_id, r.scopes, r.location_ids, r.timezone, r.first_day, r.last_day, r.as_of,
       r.totals, r.finished_at, s.resends_restated
  from report_runs r left join report_schedules s on s.org_id = r.org_id and s.id = r.schedule_id
 where r.org_id = $1 and r.state in ('SENT', 'KEPT') and r.restated_at is null
   and r.totals is not null and r.finished_at > $2 and r.reason <> 'SAMPLE'
 order by r.finished_at desc limit $3
"""

RESTATE: Final = """
update report_runs set restated_at = $3, restated_totals = $4::text::jsonb, version = version + 1
 where org_id = $1 and id = $2 and restated_at is null returning version, state
"""

PURGE_FILES: Final = """
delete from report_files where (org_id, run_id, format) in (
    select f.org_id, f.run_id, f.format from report_files f where f.made_at < $1 limit $2)
"""

PURGE_RUNS: Final = """
delete from report_runs where (org_id, id) in (
    select org_id, id from report_runs
     where queued_at < $1 and state in ('SENT', 'KEPT', 'FAILED') limit $2)
"""
