-- What a read's code says beside its product, and reads whose GTIN no product has yet.

alter table raw_reads
    add column gtin text,
    add column serial text,
    add column lot text,
    add column expires_on date;
-- A parked read finds its product later; the rest stays as it came.
grant update (product_id, units, parked_reason) on raw_reads to shelfcast_app;

-- What such a read will do once, at its own time, when a product gets its GTIN; then it is gone from here.
-- said_units and said_price are those in the code.
create table parked_reads (
    org_id uuid not null,
    id uuid not null,
    gtin text not null,
    key text not null,
    device_id uuid not null,
    location_id uuid not null,
    role text not null check (role in ('CHECKOUT', 'RECEIVING', 'SHELF', 'CYCLE_COUNT', 'EXIT')),
    observed_at timestamptz not null,
    recorded_at timestamptz not null,
    said_units numeric(20, 4),
    said_price numeric(20, 4),
    primary key (org_id, id)
);
create index parked_reads_gtin on parked_reads (org_id, gtin);
create index parked_reads_recorded on parked_reads using brin (recorded_at);
call isolate('parked_reads', 'select, insert, delete');
call limit_sight('parked_reads', '@place and not (select is_partner())');

-- The GTIN a parked code says: only its product is missing.
alter table parked_codes add column gtin text;
create index parked_codes_gtin on parked_codes (org_id, gtin) where gtin is not null;
