-- Products, categories, distributors, promotions.

create table distributors (
    org_id uuid not null,
    id uuid not null,
    code text not null,
    name text not null,
    latitude double precision check (latitude between -90 and 90),
    longitude double precision check (longitude between -180 and 180),
    city text,
    state text,
    postal_code text,
    region text,
    country text,
    attributes jsonb not null default '{}',
    updated_at timestamptz not null default now(),
    version bigint not null default 1,
    primary key (org_id, id),
    unique (org_id, code)
);
call isolate('distributors');

-- Two levels: a category has no parent, a subcategory has one.
create table categories (
    org_id uuid not null,
    id uuid not null,
    name text not null,
    parent_id uuid,
    primary key (org_id, id),
    unique nulls not distinct (org_id, parent_id, name),
    foreign key (org_id, parent_id) references categories
);
call isolate('categories');

create table products (
    org_id uuid not null,
    id uuid not null,
    sku text not null,
    name text not null,
    category_id uuid,
    subcategory_id uuid,
    distributor_id uuid,
    reorder_point numeric(20, 4),
    status text not null default 'ACTIVE' check (status in ('ACTIVE', 'ARCHIVED', 'PROVISIONAL')),
    attributes jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version bigint not null default 1,
    primary key (org_id, id),
    unique (org_id, sku),
    foreign key (org_id, category_id) references categories,
    foreign key (org_id, subcategory_id) references categories,
    foreign key (org_id, distributor_id) references distributors
);
create index products_name on products (org_id, name, id);
create index products_category on products (org_id, category_id);
create index products_updated on products (org_id, updated_at, id);
call isolate('products');

-- No foreign keys to products here or in the ledger: PostgreSQL plans their checks once a session,
-- and one planned while products was empty reads all of it for each of an import's 60,000 rows.
create table product_gtins (
    org_id uuid not null,
    gtin text not null check (gtin ~ '^[0-9]{14}$'),
    product_id uuid not null,
    units numeric(20, 4) not null default 1 check (units > 0),
    primary key (org_id, gtin)
);
create index product_gtins_product on product_gtins (org_id, product_id);
call isolate('product_gtins');

-- What a product costs and is sold for; a period ends where the next begins.
create table product_prices (
    org_id uuid not null,
    product_id uuid not null,
    valid_from timestamptz not null,
    price numeric(20, 4) not null check (price >= 0),
    cost numeric(20, 4) check (cost >= 0),
    primary key (org_id, product_id, valid_from)
);
call isolate('product_prices');

-- Known ahead, so that forecasts can use them. Empty lists: all products, all locations.
create table promotions (
    org_id uuid not null,
    id uuid not null,
    code text not null,
    name text not null,
    starts_on date not null,
    ends_on date not null check (ends_on >= starts_on),
    discount_rate numeric(6, 4) not null check (discount_rate between 0 and 1),
    product_ids uuid[] not null default '{}',
    location_ids uuid[] not null default '{}',
    updated_at timestamptz not null default now(),
    version bigint not null default 1,
    primary key (org_id, id),
    unique (org_id, code)
);
call isolate('promotions');
