-- OAuth clients and signing keys.

create table clients (
    org_id uuid not null,
    id uuid not null,
    client_id text not null,
    name text not null,
    secret_hash text not null,
    scopes text[] not null,
    location_ids uuid[],
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    revoked_at timestamptz,
    primary key (org_id, id)
);
create unique index clients_client_id on clients (client_id);
call isolate('clients');

-- A client proves itself before its organisation is known: this look-up gives nothing but which one it is.
create function find_client(wanted text) returns table (org_id uuid, id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
    select c.org_id, c.id from clients c where c.client_id = wanted
$$;
revoke all on function find_client from public;
grant execute on function find_client to shelfcast_auth;

-- Private keys are encrypted with SHELFCAST_SECRET_KEY; only the auth role reads them.
create table signing_keys (
    kid text primary key,
    private_key bytea not null,
    created_at timestamptz not null default now(),
    retired_at timestamptz
);
grant select, insert on signing_keys to shelfcast_auth;

create table revoked_tokens (
    org_id uuid not null,
    token_id text not null,
    expires_at timestamptz not null,
    primary key (org_id, token_id)
);
call isolate('revoked_tokens');
