-- Devices, their read points, raw reads and codes nobody knew.

create table devices (
    org_id uuid not null,
    id uuid not null,
    code text not null,
    name text,
    location_id uuid not null,
    last_read_at timestamptz,
    clock_skew_ms integer,
    updated_at timestamptz not null default now(),
    version bigint not null default 1,
    primary key (org_id, id),
    unique (org_id, code)
);
call isolate('devices');

create table read_points (
    org_id uuid not null,
    device_id uuid not null,
    code text not null,
    role text not null check (role in ('CHECKOUT', 'RECEIVING', 'SHELF', 'CYCLE_COUNT', 'EXIT')),
    primary key (org_id, device_id, code)
);
call isolate('read_points');

-- As it came from the device; kept under retention, the ledger does not depend on it.
create table raw_reads (
    org_id uuid not null,
    id uuid not null,
    key text not null,
    device_id uuid not null,
    location_id uuid not null,
    read_point text not null,
    code text not null,
    symbology text,
    observed_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    seq bigint,
    count integer not null default 1,
    rssi real,
    antenna smallint,
    product_id uuid,
    units numeric(20, 4),
    parked_reason text,
    primary key (org_id, id)
);
create index raw_reads_recorded on raw_reads using brin (recorded_at);
call isolate('raw_reads', 'select, insert, delete');

create table parked_codes (
    org_id uuid not null,
    code text not null,
    reason text not null,
    reads bigint not null,
    device_id uuid not null,
    location_id uuid not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    primary key (org_id, code)
);
create index parked_codes_last on parked_codes (org_id, last_seen_at, code);
call isolate('parked_codes');
