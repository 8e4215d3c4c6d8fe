-- Roll-ups: what was sold, added up at the grains that questions need. The worker keeps them by following the event log.

-- Up to where an organisation's sales are rolled; changed in the transaction that rolls them. No row: not begun.
-- built_before: while history is rolled month by month, the first month still to do; null when all is.
-- is_off: figures too large for the roll-ups' integers; summaries add up lines for ever.
create table rollup_cursors (
    org_id uuid primary key,
    seq bigint not null,
    rolled_at timestamptz not null,
    built_before date,
    is_off boolean not null default false
);
call isolate('rollup_cursors');

-- Small numbers for what lines name: ids of locations, products, categories, distributors and customers, names of sellers.
-- 0 stands for what a line does not say.
create table rollup_keys (
    org_id uuid not null,
    no int not null,
    id uuid,
    name text,
    primary key (org_id, no),
    unique nulls not distinct (org_id, id, name)
);
call isolate('rollup_keys', 'select, insert, delete');

-- Of sale type, channel and segment there are few combinations.
create table rollup_mixes (
    org_id uuid not null,
    no int not null,
    sale_type text not null,
    channel text not null,
    segment text,
    primary key (org_id, no),
    unique nulls not distinct (org_id, sale_type, channel, segment)
);
call isolate('rollup_mixes', 'select, insert, delete');

-- Where sales went: the ship-to, or (own) a location, whose place is as it is now.
create table rollup_places (
    org_id uuid not null,
    no int not null,
    own uuid,
    state text,
    postal_code text,
    region text,
    country text,
    primary key (org_id, no),
    unique nulls not distinct (org_id, own, state, postal_code, region, country)
);
call isolate('rollup_places', 'select, insert, delete');

-- The coarse part of a place as it was when it was rolled.
create table rollup_areas (
    org_id uuid not null,
    no int not null,
    state text,
    region text,
    country text,
    primary key (org_id, no),
    unique nulls not distinct (org_id, state, region, country)
);
call isolate('rollup_areas', 'select, insert, delete');

-- One row per line, in numbers. Amounts and quantities are in ten-thousandths, returns negative; gross and discount are 0 for them.
-- leads, bits: 1 first line of its sale, 2 of its product there, 4 of its node (subcategory, else category), 8 of its category,
-- 16 of its distributor, 64 of its discount band, all 0 for returns: their sum is a number of orders. 32: a return.
create table rollup_facts (
    org_id uuid not null,
    day date not null,
    sale uuid not null,
    line_no smallint not null,
    leads smallint not null,
    hour smallint not null,
    mix int not null,
    location int not null,
    place int not null,
    area int not null,
    customer int not null,
    seller int not null,
    product int not null,
    node int not null,
    category int not null,
    distributor int not null,
    band smallint not null,
    units bigint not null,
    gross bigint not null,
    discount bigint not null,
    net bigint not null,
    cost bigint,
    primary key (org_id, day, sale, line_no)
);
create index rollup_facts_product on rollup_facts (org_id, product, day);
create index rollup_facts_place on rollup_facts (org_id, place, day);
create index rollup_facts_customer on rollup_facts (org_id, customer, day);
call isolate('rollup_facts', 'select, insert, delete');

-- Sums of facts. grain: which columns a and b stand for; span: 0 a day, 1 a month, 2 a year, which begins on starts_on.
create table rollup_cells (
    org_id uuid not null,
    grain smallint not null,
    span smallint not null,
    starts_on date not null,
    a int not null,
    b int not null,
    units bigint not null,
    gross bigint not null,
    discount bigint not null,
    net bigint not null,
    cost bigint not null,
    costed bigint not null,
    returned bigint not null,
    costs int not null,
    lines int not null,
    orders int not null,
    primary key (org_id, grain, span, starts_on, a, b)
) with (fillfactor = 85);
call isolate('rollup_cells');

-- When a business day last changed at a location, and when it last did so after it had ended and been shown.
create table rollup_days (
    org_id uuid not null,
    location_id uuid not null,
    day date not null,
    changed_at timestamptz not null,
    restated_at timestamptz,
    primary key (org_id, location_id, day)
);
create index rollup_days_restated on rollup_days (org_id, restated_at) where restated_at is not null;
call isolate('rollup_days');
call limit_sight('rollup_days', '@place and not (select is_partner())');

-- Products and locations whose past has to be rolled anew: they moved to another category, distributor, area or time zone.
-- redone: the last month of it that was.
create table rollup_moves (
    org_id uuid not null,
    id uuid not null,
    what text not null check (what in ('PRODUCT', 'LOCATION')),
    moved_at timestamptz not null,
    redone date,
    primary key (org_id, id)
);
call isolate('rollup_moves');

-- Security definer: whoever changes a product may not be allowed to see the whole of what it did.
create function note_rollup_move() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into rollup_moves (org_id, id, what, moved_at) values (new.org_id, new.id, tg_argv[0], clock_timestamp())
    on conflict (org_id, id) do update set moved_at = excluded.moved_at, redone = null;
    return null;
end $$;
revoke all on function note_rollup_move from public;
create trigger rollup_move after update of category_id, subcategory_id, distributor_id on products for each row
    when ((old.category_id, old.subcategory_id, old.distributor_id)
          is distinct from (new.category_id, new.subcategory_id, new.distributor_id))
    execute function note_rollup_move('PRODUCT');
create trigger rollup_move after update of timezone, state, region, country on locations for each row
    when ((old.timezone, old.state, old.region, old.country) is distinct from (new.timezone, new.state, new.region, new.country))
    execute function note_rollup_move('LOCATION');

-- Sums over what a limited principal does not see are not for it: it adds up lines.
create policy sight on rollup_facts as restrictive to shelfcast_limited using (false) with check (false);
create policy sight on rollup_cells as restrictive to shelfcast_limited using (false) with check (false);
create policy sight on rollup_areas as restrictive to shelfcast_limited using (false) with check (false);
create policy sight on rollup_keys as restrictive to shelfcast_limited using (false) with check (false);
create policy sight on rollup_places as restrictive to shelfcast_limited using (false) with check (false);

-- Fresh statistics for what was filled at one go.
create function analyse_rollups() returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    analyze rollup_facts, rollup_cells, rollup_keys, rollup_places, rollup_areas, rollup_mixes;
end $$;
revoke all on function analyse_rollups from public;
grant execute on function analyse_rollups to shelfcast_app;
