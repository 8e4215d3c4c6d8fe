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
   and (u.role = 'SCREEN' or s.created_at > $4) and u.disabled_at is null and o.closed_at is null
"""
"""A session that began as a screen's lasts no longer than others once its person has another role.
"""

NOTE_SEEN: Final = "update sessions set last_seen_at = $2 where id = $1 and last_seen_at < $2"

USE_SESSION: Final = """
update sessions s set last_seen_at = greatest(s.last_seen_at, $2)
  from users u
 where s.id = $1 and u.org_id = s.org_id and u.id = s.user_id
   and s.ended_at is null and s.expires_at > $2 and s.last_seen_at > $3
   and (u.role = 'SCREEN' or s.created_at > $4)
returning s.id
"""

SIGN_IN_STATE: Final = """
select u.id, u.role, u.password_hash,
       u.disabled_at is not null or o.closed_at is not null as is_shut_out
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
update sessions set ended_at = $2
 where user_id = $1 and ended_at is null and expires_at > $2 and id is distinct from $3
returning id
"""

FIND_LINK: Final = "select org_id, id from find_link($1)"
"""As role auth: whose link this is."""

LOCK_OWNERS: Final = "select id from users where role = 'OWNER' order by id for update"
"""Two owners cannot step down at the same moment and leave nobody."""

COUNT_OWNERS: Final = """
select count(*) as remaining from users
 where role = 'OWNER' and disabled_at is null and password_hash is not null
"""

ROLE_OF_USER: Final = "select role from users where id = $1"
ROLE_OF_CLIENT: Final = "select role from clients where client_id = $1"

LOCK_USER: Final = "select * from users where id = $1 for update"

USER: Final = "select * from users where id = $1"

ADD_USER: Final = """
insert into users (org_id, id, email, name, role, location_ids, distributor_id, channel,
                   password_hash, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
returning *
"""

UPDATE_USER: Final = """
update users set name = $2, role = $3, location_ids = $4, distributor_id = $5, channel = $6,
                 updated_at = $7, version = version + 1
 where id = $1 returning *
"""

DISABLE_USER: Final = """
update users set disabled_at = coalesce(disabled_at, $2), updated_at = $2, version = version + 1
 where id = $1 returning *
"""

ENABLE_USER: Final = """
update users set disabled_at = null, updated_at = $2, version = version + 1
 where id = $1 returning *
"""

SET_PASSWORD: Final = """
update users set password_hash = $2, updated_at = $3, version = version + 1
 where id = $1 and disabled_at is null returning email, name
"""

END_LINKS: Final = "update one_time_links set used_at = $2 where user_id = $1 and used_at is null"
"""A new link, or a new password, ends those before it."""

USE_LINK: Final = """
update one_time_links set used_at = $2
 where digest = $1 and used_at is null and expires_at > $2 returning user_id, kind
"""

OPEN_LINK: Final = """
select l.kind, u.id as user_id, u.email, u.name, o.name as organisation
  from one_time_links l
  join users u on u.org_id = l.org_id and u.id = l.user_id
  join organisations o on o.id = l.org_id
 where l.digest = $1 and l.used_at is null and l.expires_at > $2
   and u.disabled_at is null and o.closed_at is null
"""

PERSON_FOR_RESET: Final = """
select u.id, u.email, u.name from users u join organisations o on o.id = u.org_id
 where u.id = $1 and u.disabled_at is null and u.password_hash is not null and o.closed_at is null
"""

LOCATIONS_BY_CODE: Final = "select id, code from locations where code = any($1)"
LOCATIONS_BY_ID: Final = "select id, code from locations where id = any($1)"
DISTRIBUTORS_BY_CODE: Final = "select id, code from distributors where code = any($1)"
DISTRIBUTORS_BY_ID: Final = "select id, code from distributors where id = any($1)"
"""Identity lies below the domains of these tables and reads nothing of them but their codes."""

USER_OF_SESSION: Final = "select user_id from sessions where id = $1 and ended_at is null"

USERS: Final = "select * from users where id = any($1)"

USER_BY_EMAIL: Final = "select * from users where email = $1"
