-- Shelves: their boards, what stands on them, and how large products are. Lengths are whole millimetres.

create table shelves (
    org_id uuid not null,
    id uuid not null,
    location_id uuid not null,
    code text not null,
    name text not null,
    refill_days smallint not null check (refill_days between 1 and 28),
    version bigint not null,
    updated_at timestamptz not null,
    updated_by text not null,
    primary key (org_id, id),
    unique (org_id, location_id, code)
);
call isolate('shelves');

-- number: 1 is the highest.
create table shelf_boards (
    org_id uuid not null,
    shelf_id uuid not null,
    number smallint not null check (number >= 1),
    location_id uuid not null,
    width_mm integer not null check (width_mm > 0),
    height_mm integer not null check (height_mm > 0),
    depth_mm integer not null check (depth_mm > 0),
    primary key (org_id, shelf_id, number),
    foreign key (org_id, shelf_id) references shelves (org_id, id) on delete cascade
);
call isolate('shelf_boards');

-- facings: as it stands now; 0: it is to stand there and does not yet. board null: nobody said which.
create table shelf_products (
    org_id uuid not null,
    shelf_id uuid not null,
    product_id uuid not null,
    location_id uuid not null,
    facings smallint not null check (facings >= 0),
    board smallint,
    least smallint check (least >= 1),
    most smallint check (most >= 1 and most >= least),
    block text,
    primary key (org_id, shelf_id, product_id),
    foreign key (org_id, shelf_id) references shelves (org_id, id) on delete cascade
);
call isolate('shelf_products');

create table shelf_shares (
    org_id uuid not null,
    shelf_id uuid not null,
    kind text not null check (kind in ('CATEGORY', 'SUBCATEGORY', 'BRAND')),
    name text not null,
    location_id uuid not null,
    share numeric(5, 4) not null check (share > 0 and share <= 1),
    primary key (org_id, shelf_id, kind, name),
    foreign key (org_id, shelf_id) references shelves (org_id, id) on delete cascade
);
call isolate('shelf_shares');

create table product_sizes (
    org_id uuid not null,
    product_id uuid not null,
    width_mm integer not null check (width_mm > 0),
    height_mm integer not null check (height_mm > 0),
    depth_mm integer not null check (depth_mm > 0),
    units_per_facing integer check (units_per_facing >= 1),
    is_stackable boolean not null,
    primary key (org_id, product_id)
);
call isolate('product_sizes');

-- How sales follow space, by category. No row: what the code says.
create table shelf_elasticities (
    org_id uuid not null,
    category text not null,
    elasticity numeric(4, 3) not null check (elasticity >= 0 and elasticity <= 0.9),
    primary key (org_id, category)
);
call isolate('shelf_elasticities');

call limit_sight('shelves', '@place and not (select is_partner())');
call limit_sight('shelf_boards', '@place and not (select is_partner())');
call limit_sight('shelf_products', '@place and not (select is_partner())');
call limit_sight('shelf_shares', '@place and not (select is_partner())');
call limit_sight('product_sizes', '@product', 'not (select is_partner())');
call limit_sight('shelf_elasticities', 'not (select is_partner())', 'false');
