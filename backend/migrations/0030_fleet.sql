-- The agents in the shops: how each gets in, and what it last said of itself.

-- Codes that let one agent in, once. Only keyed digests are kept. device_ids null: for all devices there.
create table enrolment_codes (
    org_id uuid not null,
    id uuid not null,
    digest bytea not null,
    name text,
    location_id uuid not null,
    device_ids uuid[],
    made_at timestamptz not null,
    made_by text not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    withdrawn_at timestamptz,
    primary key (org_id, id)
);
create unique index enrolment_codes_digest on enrolment_codes (digest);
create index enrolment_codes_made on enrolment_codes (org_id, made_at, id);
call isolate('enrolment_codes');
call limit_sight('enrolment_codes', '@place and not (select is_partner())');

create function find_enrolment_code(wanted bytea) returns table (org_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
    select c.org_id from enrolment_codes c where c.digest = wanted
$$;
revoke all on function find_enrolment_code from public;
grant execute on function find_enrolment_code to shelfcast_auth;

-- The devices that a client may speak for; without a row here: all that it sees.
create table client_devices (
    org_id uuid not null,
    client_id text not null,
    device_id uuid not null,
    primary key (org_id, client_id, device_id)
);
call isolate('client_devices', 'select, insert, delete');
call limit_sight('client_devices',
    'exists (select from devices d where d.org_id = client_devices.org_id and d.id = client_devices.device_id)');

-- One row per agent, rewritten in place with each report. location_ids: where its devices are.
-- heard_at is ours, sent_at and started_at are told by its own clock.
create table agents (
    org_id uuid not null,
    id uuid not null,
    client_id text not null,
    name text not null,
    location_ids uuid[] not null,
    state text not null check (state in ('ENROLLED', 'REPORTING', 'STOPPED', 'SILENT', 'REVOKED')),
    troubles text[] not null default '{}',
    enrolled_at timestamptz not null,
    enrolled_by text,
    software_version text,
    hostname text,
    boot_id text,
    started_at timestamptz,
    sent_at timestamptz,
    heard_at timestamptz,
    clock_skew_ms integer,
    outbox_depth bigint not null default 0,
    outbox_bytes bigint not null default 0,
    outbox_oldest_at timestamptz,
    reads_refused bigint not null default 0,
    reads_dropped bigint not null default 0,
    reads_parked bigint not null default 0,
    losing_at timestamptz,
    last_error text,
    devices jsonb not null default '[]',
    wanted_version integer,
    configuration_version integer,
    configuration_state text check (configuration_state in ('CONFIRMED', 'TRIAL', 'REJECTED', 'ROLLED_BACK')),
    configuration_error text,
    updated_at timestamptz not null,
    version bigint not null default 1,
    primary key (org_id, id),
    unique (org_id, client_id),
    unique (org_id, name)
) with (fillfactor = 70);
create index agents_heard on agents (org_id, heard_at) where state in ('REPORTING', 'STOPPED');
call isolate('agents');
-- Whoever sees only some of an agent's places would learn of the others from it.
call limit_sight('agents',
    '((select seen_locations()) is null or location_ids <> ''{}'' and location_ids <@ (select seen_locations()))'
    ' and not (select is_partner())');
