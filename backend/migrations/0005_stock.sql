-- The ledger in two times and the levels that cache its sums.

create table stock_movements (
    org_id uuid not null,
    id uuid not null,
    location_id uuid not null,
    product_id uuid not null,
    quantity numeric(20, 4) not null check (quantity <> 0),
    reason text not null check (reason in (
        'SALE', 'RETURN', 'RECEIVED', 'COUNT', 'CORRECTION', 'DAMAGED', 'SHRINKAGE', 'TRANSFER', 'INITIAL')),
    reference text,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    primary key (org_id, id)
);
create index stock_movements_of on stock_movements (org_id, location_id, product_id, occurred_at)
    include (quantity, recorded_at);
call isolate('stock_movements', 'select, insert');  -- append-only: no role of the application may change a movement

create table stock_levels (
    org_id uuid not null,
    id uuid not null,
    location_id uuid not null,
    product_id uuid not null,
    on_hand numeric(20, 4) not null default 0,
    committed numeric(20, 4) not null default 0 check (committed >= 0),
    unavailable numeric(20, 4) not null default 0 check (unavailable >= 0),
    incoming numeric(20, 4) not null default 0 check (incoming >= 0),
    reorder_point numeric(20, 4),
    version bigint not null default 1,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (org_id, location_id, product_id),
    unique (org_id, id)
) with (fillfactor = 70);  -- room for updates in place: levels change all day
create index stock_levels_product on stock_levels (org_id, product_id);
call isolate('stock_levels');
