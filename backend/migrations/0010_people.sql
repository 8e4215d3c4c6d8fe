-- People, their sign-ins, and what clients need to act for them.

alter table organisations
    add column fiscal_year_start smallint not null default 1 check (fiscal_year_start between 1 and 12),
    add column fiscal_calendar text not null default 'CALENDAR'
        check (fiscal_calendar in ('CALENDAR', 'FISCAL', 'RETAIL_445')),
    add column closed_at timestamptz;

-- One organisation each; location_ids, distributor_id and channel limit what the role may see and do.
create table users (
    org_id uuid not null,
    id uuid not null,
    email text not null check (email = lower(email)),
    name text not null,
    password_hash text,
    role text not null check (role in (
        'OWNER', 'ADMIN', 'MANAGER', 'ANALYST', 'CLERK', 'AUDITOR', 'SCREEN', 'DEVICE', 'PARTNER')),
    location_ids uuid[],
    distributor_id uuid,
    channel text check (channel in ('ONLINE', 'IN_STORE', 'MARKETPLACE')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    last_sign_in_at timestamptz,
    disabled_at timestamptz,
    version bigint not null default 1,
    primary key (org_id, id)
);
create unique index users_email on users (email);
call isolate('users');

-- A browser's sign-in; the cookie holds a random value, of which only the digest is kept.
create table sessions (
    org_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    digest bytea not null,
    address text not null,
    agent text not null,
    created_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    primary key (org_id, id)
);
create unique index sessions_digest on sessions (digest);
create index sessions_user on sessions (org_id, user_id, created_at);
call isolate('sessions');

-- Invitations and password resets: each link works once, until it expires.
create table one_time_links (
    org_id uuid not null,
    id uuid not null,
    digest bytea not null,
    kind text not null check (kind in ('INVITATION', 'PASSWORD_RESET')),
    user_id uuid not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    primary key (org_id, id)
);
create unique index one_time_links_digest on one_time_links (digest);
call isolate('one_time_links');

-- role null: the scopes alone say what a client may do. is_first_party: ours, nobody is asked for consent.
alter table clients
    alter column secret_hash drop not null,
    add column kind text not null default 'CONFIDENTIAL' check (kind in ('CONFIDENTIAL', 'PUBLIC')),
    add column redirect_uris text[] not null default '{}',
    add column jwks jsonb,
    add column is_first_party boolean not null default false,
    add column role text check (role in (
        'OWNER', 'ADMIN', 'MANAGER', 'ANALYST', 'CLERK', 'AUDITOR', 'SCREEN', 'DEVICE', 'PARTNER')),
    add column distributor_id uuid,
    add column channel text check (channel in ('ONLINE', 'IN_STORE', 'MARKETPLACE')),
    add column previous_secret_hash text,
    add column previous_secret_until timestamptz;

-- Who it is must be known before the organisation is: these give nothing but where to look.
create function find_user(wanted text) returns table (org_id uuid, id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
    select u.org_id, u.id from users u where u.email = lower(wanted)
$$;
create function find_session(wanted bytea) returns table (org_id uuid, id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
    select s.org_id, s.id from sessions s where s.digest = wanted
$$;
create function find_link(wanted bytea) returns table (org_id uuid, id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
    select l.org_id, l.id from one_time_links l where l.digest = wanted
$$;
revoke all on function find_user, find_session, find_link from public;
grant execute on function find_user, find_session, find_link to shelfcast_auth;
