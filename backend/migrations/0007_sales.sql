-- Sales and returns of all channels, and their lines.

create table sales (
    org_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('SALE', 'RETURN')),
    idempotency_key text not null,
    source text not null check (source in ('POS', 'READS', 'IMPORT')),
    location_id uuid not null,
    channel text not null check (channel in ('ONLINE', 'IN_STORE', 'MARKETPLACE')),
    sale_type text not null check (sale_type in ('DIRECT', 'TRACE')),
    sold_at timestamptz not null,
    business_day date not null,
    recorded_at timestamptz not null default now(),
    distributor_id uuid,
    sold_by text,
    customer_id uuid,
    segment text,
    ship_city text,
    ship_state text,
    ship_postal_code text,
    ship_region text,
    ship_country text,
    currency char(3) not null,
    exchange_rate numeric(20, 10) not null check (exchange_rate > 0),
    return_of uuid,
    primary key (org_id, id)
);
create index sales_day on sales (org_id, business_day, sold_at, id);
create index sales_sold on sales (org_id, sold_at, id);
create index sales_recorded on sales (org_id, recorded_at, id);
create index sales_return on sales (org_id, return_of) where return_of is not null;
call isolate('sales', 'select, insert');

-- Amounts: unit_price, discount, tax in the sale's currency; the four sums in the organisation's, at the sale's rate.
create table sale_lines (
    org_id uuid not null,
    sale_id uuid not null,
    line_no smallint not null,
    product_id uuid not null,
    quantity numeric(20, 4) not null check (quantity > 0),
    unit_price numeric(20, 4) not null,
    discount numeric(20, 4) not null default 0,
    tax numeric(20, 4) not null default 0,
    unit_cost numeric(20, 4),
    gross numeric(20, 4) not null,
    discounted numeric(20, 4) not null,
    net numeric(20, 4) not null,
    cost numeric(20, 4),
    primary key (org_id, sale_id, line_no)
);
create index sale_lines_product on sale_lines (org_id, product_id);
call isolate('sale_lines', 'select, insert');

-- A retailer without sales and prices takes the currency of the first file it imports. False: it has some already.
create function adopt_currency(wanted text) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    org uuid := nullif(current_setting('shelfcast.org', true), '')::uuid;
begin
    update organisations set currency = wanted
     where id = org
       and not exists (select from sales s where s.org_id = org)
       and not exists (select from product_prices p where p.org_id = org);
    return found;
end $$;
revoke all on function adopt_currency from public;
grant execute on function adopt_currency to shelfcast_app;
