"""The SQL of the authorization server."""

from typing import Final

ADD_GRANT: Final = """
insert into grants (org_id, id, client_id, user_id, session_id, scopes, created_at, last_used_at,
                    expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $7, $8)
"""

ADD_CODE: Final = """
insert into authorization_codes (org_id, digest, grant_id, redirect_uri, code_challenge, expires_at)
values ($1, $2, $3, $4, $5, $6)
"""

CODE: Final = """
select c.redirect_uri, c.code_challenge, c.expires_at, c.used_at, g.id as grant_id, g.client_id,
       g.user_id, g.session_id, g.scopes
  from authorization_codes c join grants g on g.org_id = c.org_id and g.id = c.grant_id
 where c.digest = $1 for update of c
"""

USE_CODE: Final = "update authorization_codes set used_at = $2 where digest = $1"

ADD_REFRESH_TOKEN: Final = """
with used as (update grants set last_used_at = $4, expires_at = $5 where id = $3)
insert into refresh_tokens (org_id, digest, grant_id, issued_at, expires_at)
values ($1, $2, $3, $4, $5)
"""

REFRESH_TOKEN: Final = """
select r.issued_at, r.expires_at, r.used_at, g.id as grant_id, g.client_id, g.user_id,
       g.session_id, g.scopes, g.ended_at
  from refresh_tokens r join grants g on g.org_id = r.org_id and g.id = r.grant_id
 where r.digest = $1 for update of r
"""

USE_REFRESH_TOKEN: Final = "update refresh_tokens set used_at = $2 where digest = $1"

END_GRANT: Final = """
update grants set ended_at = $2 where id = $1 and ended_at is null returning id
"""

END_OWN_GRANT: Final = """
update grants set ended_at = $2
 where id = $1 and ended_at is null and expires_at > $2 and ($3::uuid is null or user_id = $3)
returning id
"""

REVOKE_TOKEN: Final = """
insert into revoked_tokens (org_id, token_id, expires_at) values ($1, $2, $3)
on conflict do nothing returning token_id
"""

ADD_TICKET: Final = """
insert into socket_tickets (org_id, digest, claims, expires_at) values ($1, $2, $3, $4)
"""

FIND_TICKET: Final = "select org_id from find_ticket($1)"
"""As role auth: whose ticket this is."""

USE_TICKET: Final = """
delete from socket_tickets where digest = $1 returning claims, expires_at
"""

PURGE: Final = (
    "delete from authorization_codes where expires_at < $1",
    "delete from refresh_tokens where expires_at < $1",
    "delete from used_assertions where expires_at < $1",
    "delete from socket_tickets where expires_at < $1",
    "delete from revoked_tokens where expires_at < $1",
    "delete from grants where expires_at < $1",
)
"""What has expired for good: nothing that comes again could be taken for new."""
