-- Stores, warehouses and web shops.

create table locations (
    org_id uuid not null,
    id uuid not null,
    code text not null,
    name text not null,
    kind text not null check (kind in ('STORE', 'WAREHOUSE', 'WEB_SHOP')),
    latitude double precision check (latitude between -90 and 90),
    longitude double precision check (longitude between -180 and 180),
    city text,
    state text,
    postal_code text,
    region text,
    country text,
    timezone text not null,
    opening_days text[] not null default '{MONDAY,TUESDAY,WEDNESDAY,THURSDAY,FRIDAY,SATURDAY,SUNDAY}',
    sales_source text not null default 'POS' check (sales_source in ('POS', 'READS')),
    attributes jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version bigint not null default 1,
    primary key (org_id, id),
    unique (org_id, code)
);
call isolate('locations');
