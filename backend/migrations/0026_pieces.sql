-- The register of pieces: single objects with a serial number of their own.

-- location_id, read_point: where it was seen last. stock_location_id: whose stock counts it, null: nobody's.
-- inside_at: last read not at a door, left_at: last read at one. decided_at: last read at receiving or checkout.
-- sold_at, bought_at: first and last checkout read since it was received. Room in pages: most updates are sightings.
create table pieces (
    org_id uuid not null,
    id uuid not null,
    gtin text not null,
    serial text not null,
    epc text not null,
    epc_hex text,
    product_id uuid not null,
    units numeric(20, 4) not null,
    lot text,
    expires_on date,
    state text not null check (state in ('SEEN', 'IN_STOCK', 'SOLD', 'LEFT')),
    is_suspect boolean not null default false,
    location_id uuid not null,
    read_point text not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    inside_at timestamptz,
    left_at timestamptz,
    stock_location_id uuid,
    sold_at timestamptz,
    bought_at timestamptz,
    bought_location_id uuid,
    decided_at timestamptz,
    changed_at timestamptz not null,
    version bigint not null default 1,
    primary key (org_id, id),
    unique (org_id, gtin, serial)
) with (fillfactor = 80);
create index pieces_changed on pieces (org_id, changed_at, id);
create index pieces_product on pieces (org_id, product_id, changed_at);
create index pieces_suspect on pieces (org_id, changed_at) where is_suspect;
call isolate('pieces', 'select, insert, update');
call limit_sight('pieces', '(@place or @place(stock_location_id)) and not (select is_partner())');

-- Its reads at receiving and checkout, from which follows what stock counts: a late one is put where it belongs.
-- sells: there a checkout read is the sale. took: with this very read it was bought.
create table piece_turns (
    org_id uuid not null,
    piece_id uuid not null,
    at timestamptz not null,
    read_id uuid not null,
    is_checkout boolean not null,
    key text not null,
    location_id uuid not null,
    device text not null,
    sells boolean not null,
    took boolean not null,
    price numeric(20, 4),
    primary key (org_id, piece_id, at, read_id)
);
call isolate('piece_turns', 'select, insert, update');
call limit_sight('piece_turns', '@place and not (select is_partner())');

-- How many reads and different pieces in a minute at a place.
create table tag_minutes (
    org_id uuid not null,
    location_id uuid not null,
    minute timestamptz not null,
    reads bigint not null,
    pieces bigint not null,
    primary key (org_id, minute, location_id)
);
call isolate('tag_minutes');
call limit_sight('tag_minutes', '@place and not (select is_partner())');

-- What an agent knows of a tag beyond a single answer, and the reads of one piece.
alter table raw_reads
    add column presence text check (presence in ('APPEARED', 'PRESENT', 'LEFT')),
    add column first_seen_at timestamptz;
create index raw_reads_piece on raw_reads (org_id, gtin, serial, observed_at) where serial is not null;

-- What a piece that waits for its product has to be told by.
alter table parked_reads
    add column read_point text not null default '',
    add column serial text,
    add column epc text,
    add column epc_hex text,
    add column lot text,
    add column expires_on date;
