-- Lines of sales lie in one table per month of the business day: what is asked of some days reads those months only, and a
-- whole month can go at once. sale_lines_rest holds what no month was made for; the worker takes it to its month.

-- Makes the table of a day's month; false: it is there. What waited in sale_lines_rest moves into it. Writers wait meanwhile:
-- one on its way to the rest would find that its line does not belong there any more. lock_timeout: rather than make them wait
-- behind a long transaction it gives up, and before PostgreSQL looks for a deadlock with one that read the rest and now writes.
create function provide_sale_month(day date) returns boolean
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '400ms' as $$
declare
    month date := date_trunc('month', day);
    following date := month + interval '1 month';
    name text := 'sale_lines_' || to_char(month, 'YYYY_MM');
    moved bigint;
begin
    if to_regclass(name) is not null then
        return false;
    end if;
    if month < date '1899-12-01' or month > now() + interval '1 year' then
        raise exception 'sales of % cannot be: there is no table for them', day;
    end if;
    lock table only sale_lines in share row exclusive mode;
    lock table sale_lines_rest in access exclusive mode;
    if to_regclass(name) is not null then  -- somebody else made it meanwhile
        return false;
    end if;
    execute format('create table %I (like sale_lines including defaults including constraints)', name);
    execute format('with moved as (delete from sale_lines_rest where business_day >= %L and business_day < %L returning *)'
                   ' insert into %I select * from moved', month, following, name);
    get diagnostics moved = row_count;
    execute format('alter table sale_lines attach partition %I for values from (%L) to (%L)', name, month, following);
    if moved > 0 then
        execute format('analyze %I', name);
    end if;
    return true;
end $$;

-- Makes the tables that these days lack; returns how many.
create function provide_sale_months(days date[]) returns bigint
language sql security definer set search_path = public, pg_temp as $$
    select count(*) filter (where provide_sale_month(month))
      from (select distinct date_trunc('month', day)::date as month from unnest(days) day order by 1) months
$$;

-- Takes what lies in sale_lines_rest to the tables of its months, of at most so many of them; returns of how many it did.
create function settle_sale_lines(most int) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    month date;
    settled int := 0;
begin
    for month in
        select distinct date_trunc('month', business_day)::date from sale_lines_rest order by 1 limit most
    loop
        settled := settled + provide_sale_month(month)::int;
    end loop;
    return settled;
end $$;
revoke all on function provide_sale_month, provide_sale_months, settle_sale_lines from public;
grant execute on function provide_sale_months, settle_sale_lines to shelfcast_app;

alter table sale_lines rename to sale_lines_unsorted;
alter table sale_lines_unsorted rename constraint sale_lines_pkey to sale_lines_unsorted_pkey;
alter index sale_lines_product rename to sale_lines_unsorted_product;

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
    business_day date not null,
    primary key (org_id, sale_id, line_no, business_day)
) partition by range (business_day);
create index sale_lines_product on sale_lines (org_id, product_id);
create table sale_lines_rest partition of sale_lines default;
call isolate('sale_lines', 'select, insert');
call limit_sight('sale_lines',
    'exists (select from sales s where s.org_id = sale_lines.org_id and s.id = sale_lines.sale_id)',
    '@product and not is_out_of_sight(sale_id)');

-- What is there moves month by month; an index is made when its month is complete.
do $$
declare
    month date;
    name text;
begin
    for month in select distinct date_trunc('month', business_day)::date from sales order by 1 loop
        name := 'sale_lines_' || to_char(month, 'YYYY_MM');
        execute format('create table %I (like sale_lines including defaults including constraints)', name);
        execute format(
            'insert into %I select l.*, s.business_day'
            '  from sales s join sale_lines_unsorted l on l.org_id = s.org_id and l.sale_id = s.id'
            ' where s.business_day >= %L and s.business_day < %L',
            name, month, month + interval '1 month');
        execute format('alter table sale_lines attach partition %I for values from (%L) to (%L)',
                       name, month, month + interval '1 month');
    end loop;
    if (select count(*) from sale_lines) <> (select count(*) from sale_lines_unsorted) then
        raise exception 'lines without a sale: % of % found their month',
            (select count(*) from sale_lines), (select count(*) from sale_lines_unsorted);
    end if;
end $$;
drop table sale_lines_unsorted;
select provide_sale_months(array(select generate_series(now() - interval '1 month', now() + interval '3 months', '1 month')::date));
analyze sale_lines;

create or replace function products_it_sold() returns setof uuid
language sql stable security definer set search_path = public, pg_temp as $$
    select distinct l.product_id
      from sales s
      join sale_lines l on l.org_id = s.org_id and l.business_day = s.business_day and l.sale_id = s.id
     where s.org_id = nullif(current_setting('shelfcast.org', true), '')::uuid
       and s.distributor_id = seen_distributor()
       and (seen_channel() is null or s.channel = seen_channel())
       and (seen_locations() is null or s.location_id = any (seen_locations()))
$$;
