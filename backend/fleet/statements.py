"""The SQL of the fleet."""

from typing import Final

FIND_CODE: Final = "select org_id from find_enrolment_code($1)"
"""As role auth: whose code this is."""

ADD_CODE: Final = """
insert into enrolment_codes (org_id, id, digest, name, location_id, device_ids, made_at, made_by,
                             expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

USE_CODE: Final = """
update enrolment_codes set used_at = $3
 where org_id = $1 and digest = $2 and used_at is null and withdrawn_at is null and expires_at > $3
returning id, name, location_id, device_ids, made_by, used_at
"""
"""Two that come at once wait for each other here: one of them gets a row."""

IS_KNOWN: Final = """
select from enrolment_codes
 where org_id = $1 and digest = $2 and withdrawn_at is null and expires_at > $3
"""

BIND_CODE: Final = "update enrolment_codes set client_id = $3 where org_id = $1 and id = $2"

USED_BY: Final = """
select c.location_id, c.device_ids, c.client_id, c.used_at, k.name
  from enrolment_codes c
  join clients k on k.org_id = c.org_id and k.client_id = c.client_id and k.revoked_at is null
 where c.org_id = $1 and c.digest = $2 and c.withdrawn_at is null and c.expires_at > $3
   and k.jwks->'keys'->0->>'x' = $4 and k.jwks->'keys'->0->>'y' = $5
"""
"""The use of a code by the very key that comes with it again: its answer was lost."""

WITHDRAW_CODE: Final = """
update enrolment_codes set withdrawn_at = coalesce(withdrawn_at, $3)
 where org_id = $1 and id = $2 and used_at is null returning id
"""

FIND_CODE_BY_ID: Final = "select id from enrolment_codes where org_id = $1 and id = $2"

PURGE_CODES: Final = "delete from enrolment_codes where expires_at < $1"

ADD_AGENT: Final = """
insert into agents (org_id, id, client_id, name, location_ids, state, enrolled_at, enrolled_by,
                    updated_at)
values ($1, $2, $3, $4, $5, 'ENROLLED', $6, $7, $6)
on conflict do nothing returning id
"""
"""Nothing comes back where the client is an agent already, or another has the name."""

LOCK_AGENT: Final = "select * from agents where org_id = $1 and client_id = $2 for update"

REPORT: Final = """
update agents
   set location_ids = $3, state = $4, troubles = $5, software_version = $6, hostname = $7,
       boot_id = $8, started_at = $9, sent_at = $10, heard_at = $11, clock_skew_ms = $12,
       outbox_depth = $13, outbox_bytes = $14, outbox_oldest_at = $15, reads_refused = $16,
       reads_dropped = $17, reads_parked = $18, losing_at = $19, last_error = $20, devices = $21,
       configuration_version = $22, configuration_state = $23, configuration_error = $24,
       updated_at = case when $25 then $11 else updated_at end,
       version = version + case when $25 then 1 else 0 end
 where org_id = $1 and id = $2
returning *
"""

FALL_SILENT: Final = """
with silent as materialized (
    select id from agents
     where org_id = $1
       and (state = 'REPORTING' and heard_at < $2 or state = 'STOPPED' and heard_at < $3)
     order by id for update skip locked
)
update agents a set state = 'SILENT', updated_at = $4, version = a.version + 1
  from silent where a.org_id = $1 and a.id = silent.id
returning a.*
"""
"""Whoever is being heard of at this moment is passed over: it is not silent."""

REVOKE: Final = """
update agents set state = 'REVOKED', updated_at = $3, version = version + 1
 where org_id = $1 and client_id = any($2) and state <> 'REVOKED' returning *
"""

FIND_AGENT: Final = "select * from agents where org_id = $1 and id = $2"
