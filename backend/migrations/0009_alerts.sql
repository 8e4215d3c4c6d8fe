-- Alerts: at most one that is not resolved per kind, location and product.

create table alerts (
    org_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('LOW_STOCK', 'OUT_OF_STOCK', 'OVERSOLD')),
    severity text not null check (severity in ('WARNING', 'CRITICAL')),
    state text not null check (state in ('OPEN', 'ACKNOWLEDGED', 'RESOLVED')),
    location_id uuid,
    product_id uuid,
    value numeric(20, 4),
    threshold numeric(20, 4),
    opened_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    acknowledged_at timestamptz,
    acknowledged_by text,
    note text,
    resolved_at timestamptz,
    version bigint not null default 1,
    primary key (org_id, id)
);
create unique index alerts_live on alerts (org_id, location_id, product_id, kind) where state <> 'RESOLVED';
create index alerts_updated on alerts (org_id, updated_at, id);
create index alerts_opened on alerts (org_id, opened_at, id);
call isolate('alerts');
