-- How goods are supplied: days until they arrive, how often is ordered, in which packs.

-- One row per part of the business it holds for, no distributor, product or location meaning all; a column that is null
-- takes what the next wider row says, at last what the code says.
create table supply_terms (
    org_id uuid not null,
    id uuid not null,
    distributor_id uuid,
    product_id uuid,
    location_id uuid,
    lead_time_days smallint check (lead_time_days between 1 and 91),
    review_days smallint check (review_days between 1 and 28),
    service_level numeric(4, 4) check (service_level between 0.5 and 0.975),
    pack_size numeric(20, 4) check (pack_size > 0),
    minimum numeric(20, 4) check (minimum > 0),
    cover_days smallint check (cover_days between 1 and 365),
    version bigint not null default 1,
    updated_at timestamptz not null,
    updated_by text not null,
    primary key (org_id, id),
    unique nulls not distinct (org_id, distributor_id, product_id, location_id),
    check (distributor_id is null or product_id is null),
    check (num_nonnulls(lead_time_days, review_days, service_level, pack_size, minimum, cover_days) > 0)
);
create index supply_terms_updated on supply_terms (org_id, updated_at, id);
call isolate('supply_terms');

-- Who is limited to locations sees what holds everywhere and settles what holds there; partners see nothing of it.
call limit_sight('supply_terms', '(location_id is null or @place) and not (select is_partner())',
    'location_id is not null and @place and not (select is_partner())');
