"""The SQL of identity that is not the ORM's."""

from typing import Final

FIND_CLIENT: Final = "select org_id, id from find_client($1)"
"""As role auth: whose client this is."""

LIST_ORGANISATIONS: Final = "select id, code from list_organisations()"
"""As role auth: all of them."""

CLIENT_STATE: Final = """
select org_id, client_id, secret_hash, scopes, location_ids, revoked_at
  from clients where client_id = $1
"""

CLIENTS: Final = """
select client_id, name, scopes, location_ids, created_at, last_used_at, revoked_at
  from clients order by created_at, id
"""

NOTE_USE: Final = """
update clients set last_used_at = $2
 where client_id = $1
   and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 minute')
"""
"""At most one write a minute: a busy client would otherwise rewrite its row all day."""

UPDATE_CLIENT: Final = """
update clients set scopes = coalesce($2, scopes),
                   location_ids = case when $4 then $3 else location_ids end
 where client_id = $1 and revoked_at is null returning client_id
"""

REVOKE_CLIENT: Final = """
update clients set revoked_at = coalesce(revoked_at, $2) where client_id = $1 returning client_id
"""

ORGANISATION: Final = """
select id, code, name, currency, timezone, is_demo, clock_timestamp() as server_time
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
select kid, private_key from signing_keys where retired_at is null order by created_at desc
"""

ADD_SIGNING_KEY: Final = "insert into signing_keys (kid, private_key) values ($1, $2)"
