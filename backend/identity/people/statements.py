"""The SQL of people that is not the ORM's."""

from typing import Final

FIND_USER: Final = "select org_id, id from find_user($1)"
"""As role auth: whose e-mail address this is."""

FIND_SESSION: Final = "select org_id, id from find_session($1)"
"""As role auth: whose cookie this is."""

LIVE_SESSION: Final = """
select s.org_id, s.id as session_id, s.user_id, u.email, u.name, u.role, u.location_ids,
       u.distributor_id, u.channel, s.created_at as signed_in_at, s.expires_at, s.last_seen_at
  from sessions s
  join users u on u.org_id = s.org_id and u.id = s.user_id
  join organisations o on o.id = s.org_id
 where s.digest = $1 and s.ended_at is null and s.expires_at > $2 and s.last_seen_at > $3
   and u.disabled_at is null and o.closed_at is null
"""

NOTE_SEEN: Final = "update sessions set last_seen_at = $2 where id = $1 and last_seen_at < $2"

SIGN_IN_STATE: Final = """
select u.id, u.password_hash, u.disabled_at is not null or o.closed_at is not null as is_shut_out
  from users u join organisations o on o.id = u.org_id
 where u.id = $1
"""

NOTE_SIGN_IN: Final = """
update users set last_sign_in_at = $2, password_hash = coalesce($3, password_hash) where id = $1
"""

END_SESSION: Final = """
update sessions set ended_at = $2 where id = $1 and ended_at is null returning user_id
"""

END_SESSIONS: Final = """
update sessions set ended_at = $2 where user_id = $1 and ended_at is null and expires_at > $2
returning id
"""
