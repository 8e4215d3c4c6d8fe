"""The SQL of identity that is not the ORM's."""

from typing import Final

FIND_CLIENT: Final = "select org_id, id from find_client($1)"
"""As role auth: whose client this is."""

LIST_ORGANISATIONS: Final = "select id, code from list_organisations()"
"""As role auth: all of them."""

CLIENT_STATE: Final = """
select org_id, client_id, name, kind, secret_hash, previous_secret_hash, previous_secret_until,
       jwks, redirect_uris, is_first_party, scopes, role, revoked_at
  from clients where client_id = $1
"""

STANDING: Final = """
select c.scopes as client_scopes, c.role as client_role, c.location_ids as client_location_ids,
       c.distributor_id as client_distributor_id, c.channel as client_channel,
       u.role as user_role, u.location_ids as user_location_ids,
       u.distributor_id as user_distributor_id, u.channel as user_channel,
       c.revoked_at is not null or o.closed_at is not null
       or $2::uuid is not null and (u.id is null or u.disabled_at is not null)
       or $3::uuid is not null and (s.id is null or s.ended_at is not null)
       or $4::uuid is not null and (g.id is null or g.ended_at is not null)
       or exists (select from revoked_tokens r where r.token_id = $5) as is_ended
  from clients c
  join organisations o on o.id = c.org_id
  left join users u on u.id = $2
  left join sessions s on s.id = $3
  left join grants g on g.id = $4
 where c.client_id = $1
"""
"""What a token rests on: its client, and for a person's the user, the sign-in and the consent.

A sign-in that merely expired leaves the programs alone that were let in with it.
"""

NOTE_USE: Final = """
update clients set last_used_at = $2
 where client_id = $1
   and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 minute')
"""
"""At most one write a minute: a busy client would otherwise rewrite its row all day."""

UPDATE_CLIENT: Final = """
update clients set scopes = coalesce($2, scopes),
                   location_ids = case when $4 then $3 else location_ids end,
                   name = coalesce($5, name),
                   redirect_uris = coalesce($6, redirect_uris)
 where client_id = $1 and revoked_at is null returning client_id
"""

SET_CLIENT_LIMITS: Final = """
update clients set role = case when $3 then $2 else role end,
                   distributor_id = case when $5 then $4 else distributor_id end,
                   channel = case when $7 then $6 else channel end
 where client_id = $1 and revoked_at is null returning role, distributor_id, channel
"""

ROTATE_SECRET: Final = """
update clients set previous_secret_hash = case when $3::timestamptz > $4 then secret_hash end,
                   previous_secret_until = case when $3::timestamptz > $4 then $3 end,
                   secret_hash = $2
 where client_id = $1 and revoked_at is null and secret_hash is not null returning client_id
"""

REVOKE_CLIENT: Final = """
update clients set revoked_at = coalesce(revoked_at, $2) where client_id = $1 returning client_id
"""

ORGANISATION: Final = """
select id, code, name, currency, timezone, fiscal_year_start, fiscal_calendar,
       fiscal_year_end, is_demo, closed_at,
       clock_timestamp() as server_time
  from organisations where id = $1
"""

FIRST_ORGANISATION: Final = """
insert into organisations (id, code, name, currency, timezone, is_demo)
select $1, $2, $3, $4, $5, $6 where not exists (select from organisations)
on conflict (code) do nothing returning true
"""
"""As owner."""

LOCK_KEYS: Final = "select pg_advisory_xact_lock(1397967691)"
"""Two processes that start together make one signing key. The feed's locks lie elsewhere."""

SIGNING_KEYS: Final = """
select kid, private_key, created_at from signing_keys
 where retired_at is null or retired_at > clock_timestamp() order by created_at desc
"""

RETIRE_KEYS: Final = """
update signing_keys set retired_at = $1 where retired_at is null or retired_at > $1
"""

ADD_SIGNING_KEY: Final = "insert into signing_keys (kid, private_key) values ($1, $2)"

USE_ASSERTION: Final = """
insert into used_assertions (org_id, client_id, assertion_id, expires_at)
values ($1, $2, $3, $4) on conflict do nothing returning true
"""
