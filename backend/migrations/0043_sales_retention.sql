-- Sales of months long past are let go: their lines, heads and facts; the sums over them stay.

-- From which month on sales are kept; no row: all are. What is dated before is refused from then on, so that what goes,
-- goes for good. logged: the last number of the log drawn when it was said; all that was recorded before lies up to it.
create table sales_kept (
    only_one boolean primary key default true check (only_one),
    kept_from date not null check (extract(day from kept_from) = 1),
    logged bigint not null,
    said_at timestamptz not null default now()
);
create function said_of_sales() returns table (kept_from date, logged bigint)
language sql stable security definer set search_path = public, pg_temp as $$
    select k.kept_from, k.logged from sales_kept k
$$;

-- Organisations that had sales before. archived_before: of the months before, what only facts could tell is in cells.
-- moved_at: when something last moved to another category, distributor or place that had been sold in those months.
create table sales_let_go (
    org_id uuid primary key,
    before date not null,
    archived_before date,
    moved_at timestamptz
);
call isolate('sales_let_go', 'select, update');

-- Sums that were chosen after months were let go have cells from a day on; null: of all that was sold.
alter table rollup_grains add column since date;

-- Who records something dated long ago asks this first: until its transaction ends the answer stays true.
create function hold_sales_kept() returns date
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform pg_advisory_xact_lock_shared(x'4B455054'::bigint);
    return (select kept_from from sales_kept);
end $$;

-- Why the sales of the months before a day cannot be let go yet: their sums are not made, or not anew after something moved,
-- or the log up to a number tells of some that are not in them. TOO_LARGE: they have none and never will.
create function sales_hindrances(day date, upto bigint) returns table (code text, why text)
language sql stable security definer set search_path = public, pg_temp as $$
    select o.code, found.why
      from organisations o
      left join rollup_cursors c on c.org_id = o.id
     cross join lateral (
         select case when c.org_id is null then 'NOT_BEGUN'
                     when c.is_off then 'TOO_LARGE'
                     when c.built_before is not null then 'BUILDING'
                     when upto is null and exists (select from rollup_moves m where m.org_id = o.id) then 'MOVED'
                     when upto is not null and exists (
                         select from event_log e
                          where e.org_id = o.id and e.seq > c.seq and e.seq <= upto and e.topic = 'SALES') then 'BEHIND'
                end as why) found
     where found.why is not null and exists (select from sales s where s.org_id = o.id and s.business_day < day)
     order by o.code
$$;

-- Says that sales are kept from a month on, never less than before. Waits for those who just record older ones; the sums must
-- be made.
create function keep_sales_from(month date) returns date
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
begin
    if month > now() - interval '62 days' then
        raise exception 'sales of the last two months are kept';
    end if;
    perform pg_advisory_xact_lock(x'4B455054'::bigint);
    if exists (select from sales_hindrances(month, null)) then
        raise exception 'not every organisation has sums of its sales before %', month;
    end if;
    insert into sales_kept as known (kept_from, logged)
    values (month, (select last_value from event_seq))
    on conflict (only_one) do update
       set kept_from = excluded.kept_from, logged = excluded.logged, said_at = now()
     where known.kept_from < excluded.kept_from;
    if found then
        insert into sales_let_go as known (org_id, before)
        select o.id, month from organisations o
         where exists (select from sales s where s.org_id = o.id and s.business_day < month)
            or exists (select from sales_let_go l where l.org_id = o.id)
        on conflict (org_id) do update set before = excluded.before;
    end if;
    return (select kept_from from sales_kept);
end $$;

-- Up to which day (exclusive) sales may go now; null: none, or not yet. Some minutes after it was said: who asked before has
-- the answer by then. Everything recorded before it was said must be in the sums.
create function sales_to_let_go() returns date
language sql stable security definer set search_path = public, pg_temp as $$
    select k.kept_from from sales_kept k
     where k.said_at < now() - interval '10 minutes'
       and not exists (select from sales_hindrances(k.kept_from, k.logged))
$$;

-- Drops the oldest month that may go, and tells which; null: there is none.
create function drop_sale_month() returns date
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '400ms' as $$
declare
    until date := sales_to_let_go();
    gone date;
begin
    select to_date(right(c.relname, 7), 'YYYY_MM') into gone
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'sale_lines'::regclass and c.relname ~ '^sale_lines_\d{4}_\d\d$'
       and to_date(right(c.relname, 7), 'YYYY_MM') < until
     order by 1 limit 1;
    if gone is not null then
        execute format('drop table if exists %I', 'sale_lines_' || to_char(gone, 'YYYY_MM'));
    end if;
    return gone;
end $$;

-- Deletes about `most` sales of the organisation that may go, with lines that lie in no month; returns how many rows.
create function purge_sales(most int) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    org uuid := nullif(current_setting('shelfcast.org', true), '')::uuid;
    until date := sales_to_let_go();
    lines bigint;
    heads bigint;
begin
    delete from sale_lines_rest r where r.ctid = any (array(
        select o.ctid from sale_lines_rest o where o.org_id = org and o.business_day < until limit most));
    get diagnostics lines = row_count;
    delete from sales s where s.org_id = org and s.id in (
        select o.id from sales o where o.org_id = org and o.business_day < until limit most);
    get diagnostics heads = row_count;
    return lines + heads;
end $$;
revoke all on function said_of_sales, hold_sales_kept, sales_hindrances, keep_sales_from, sales_to_let_go, drop_sale_month, purge_sales
    from public;
grant execute on function said_of_sales, hold_sales_kept, sales_hindrances, keep_sales_from, sales_to_let_go, drop_sale_month, purge_sales
    to shelfcast_app;

-- No month is made for what is let go.
create or replace function provide_sale_months(days date[]) returns bigint
language sql security definer set search_path = public, pg_temp as $$
    select count(*) filter (where provide_sale_month(month))
      from (select distinct date_trunc('month', day)::date as month from unnest(days) day
             where day >= coalesce((select kept_from from sales_kept), '-infinity') order by 1) months
$$;
create or replace function settle_sale_lines(most int) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    month date;
    settled int := 0;
begin
    for month in
        select distinct date_trunc('month', business_day)::date from sale_lines_rest
         where business_day >= coalesce((select kept_from from sales_kept), '-infinity') order by 1 limit most
    loop
        settled := settled + provide_sale_month(month)::int;
    end loop;
    return settled;
end $$;

-- For migrations that lay the sums out anew: they are made from lines, so it is refused where lines are gone.
create procedure reset_rollups() language plpgsql as $$
begin
    if exists (select from sales_let_go) then
        raise exception 'the lines of some months are let go: their sums cannot be made anew'
            using hint = 'The sums of those months must be carried over by the migration itself.';
    end if;
    truncate rollup_cursors, rollup_keys, rollup_mixes, rollup_places, rollup_areas, rollup_facts, rollup_grains,
        rollup_cells, rollup_days, rollup_moves;
end $$;
revoke all on procedure reset_rollups from public;

-- A retailer whose sales are let go has its sums in a currency.
create or replace function adopt_currency(wanted text) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    org uuid := nullif(current_setting('shelfcast.org', true), '')::uuid;
begin
    update organisations set currency = wanted
     where id = org
       and not exists (select from sales s where s.org_id = org)
       and not exists (select from sales_let_go l where l.org_id = org)
       and not exists (select from product_prices p where p.org_id = org);
    return found;
end $$;
