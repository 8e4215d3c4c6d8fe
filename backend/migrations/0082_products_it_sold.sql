-- Policies ask what a distributor sold several times for one statement: of categories, their parents, products. A transaction that
-- reads one snapshot finds it once, in the facts and in what the log has behind them, and keeps it with the limits it was found for.
-- One that writes looks at the sales: the log does not know yet what it wrote.
create function sold_so_far() returns uuid[]
language sql stable security definer set search_path = public, pg_temp as $$
    select array(
        select distinct l.product_id
          from sales s
          join sale_lines l on l.org_id = s.org_id and l.business_day = s.business_day and l.sale_id = s.id
         where s.org_id = nullif(current_setting('shelfcast.org', true), '')::uuid
           and s.distributor_id = seen_distributor()
           and (seen_channel() is null or s.channel = seen_channel())
           and (seen_locations() is null or s.location_id = any (seen_locations())))
$$;
create function sold_by_facts(after bigint) returns uuid[]
language sql stable security definer set search_path = public, pg_temp as $$
    select array(
        select k.id
          from (select distinct product from rollup_facts
                 where org_id = nullif(current_setting('shelfcast.org', true), '')::uuid
                   and distributor = (select seen_distributor_number()) and leads & 512 <> 0
                   and (seen_channel() is null or mix = any (seen_mix_numbers()))
                   and (seen_locations() is null or location = any (seen_location_numbers()))) f
          join rollup_keys k on k.org_id = nullif(current_setting('shelfcast.org', true), '')::uuid and k.no = f.product
        union
        select l.product_id
          from (select distinct (item.value ->> 'key')::uuid as id
                  from event_log e cross join json_array_elements(e.items) item
                 where e.org_id = nullif(current_setting('shelfcast.org', true), '')::uuid and e.seq > after
                   and e.kind in ('SaleRecorded', 'ReturnRecorded')) logged
          join sales s on s.org_id = nullif(current_setting('shelfcast.org', true), '')::uuid and s.id = logged.id
          join sale_lines l on l.org_id = s.org_id and l.business_day = s.business_day and l.sale_id = s.id
         where s.distributor_id = seen_distributor()
           and (seen_channel() is null or s.channel = seen_channel())
           and (seen_locations() is null or s.location_id = any (seen_locations())))
$$;
revoke all on function sold_so_far, sold_by_facts from public;

create or replace function products_it_sold() returns setof uuid
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
    limits text := concat_ws('|', current_setting('shelfcast.org', true), current_setting('shelfcast.partner', true),
                             current_setting('shelfcast.channel', true), current_setting('shelfcast.locations', true));
    rolled bigint;
    found uuid[];
begin
    if current_setting('transaction_read_only') <> 'on'
       or current_setting('transaction_isolation') not in ('repeatable read', 'serializable') then
        return query select unnest(sold_so_far());
        return;
    end if;
    if current_setting('shelfcast.sold_by_whom', true) is distinct from limits then
        select seq into rolled from rollup_cursors
         where org_id = nullif(current_setting('shelfcast.org', true), '')::uuid
           and built_before is null and unmarked_from is null and not is_off;
        found := case when rolled is null then sold_so_far() else sold_by_facts(rolled) end;
        perform set_config('shelfcast.sold_products', found::text, true), set_config('shelfcast.sold_by_whom', limits, true);
    end if;
    return query select unnest(current_setting('shelfcast.sold_products')::uuid[]);
end $$;
