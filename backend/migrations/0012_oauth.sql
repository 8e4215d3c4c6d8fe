-- What people allow clients, and what proves it. Codes, tokens and tickets are random: only digests are kept.

-- What a person allowed a client; every token it led to ends with it.
create table grants (
    org_id uuid not null,
    id uuid not null,
    client_id text not null,
    user_id uuid not null,
    session_id uuid not null,
    scopes text[] not null,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    primary key (org_id, id)
);
create index grants_user on grants (org_id, user_id, created_at);
call isolate('grants');

-- Authorization codes (RFC 6749 §4.1): used once, within a minute, by the client that asked, with its verifier.
create table authorization_codes (
    org_id uuid not null,
    digest bytea not null,
    grant_id uuid not null,
    redirect_uri text not null,
    code_challenge text not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    primary key (org_id, digest)
);
create index authorization_codes_expires on authorization_codes (org_id, expires_at);
call isolate('authorization_codes');

-- Each refresh token is used once and replaced; one that comes again ends its grant.
create table refresh_tokens (
    org_id uuid not null,
    digest bytea not null,
    grant_id uuid not null,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    primary key (org_id, digest)
);
create index refresh_tokens_expires on refresh_tokens (org_id, expires_at);
call isolate('refresh_tokens');

-- Assertions of clients that hold a private key (RFC 7523): each proves once.
create table used_assertions (
    org_id uuid not null,
    client_id text not null,
    assertion_id text not null,
    expires_at timestamptz not null,
    primary key (org_id, client_id, assertion_id)
);
call isolate('used_assertions', 'select, insert, delete');

-- Tickets that open one socket: a browser cannot send a header with it. `claims` are those of the access token.
create table socket_tickets (
    org_id uuid not null,
    digest bytea not null,
    claims json not null,
    expires_at timestamptz not null,
    primary key (org_id, digest)
);
create unique index socket_tickets_digest on socket_tickets (digest);
call isolate('socket_tickets', 'select, insert, delete');

create function find_ticket(wanted bytea) returns table (org_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
    select t.org_id from socket_tickets t where t.digest = wanted
$$;
revoke all on function find_ticket from public;
grant execute on function find_ticket to shelfcast_auth;

-- A key that leaked is retired at once; one that was merely followed by another still verifies for a while.
grant update (retired_at) on signing_keys to shelfcast_auth;
