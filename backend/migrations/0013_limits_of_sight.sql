-- What a principal limited to locations, a distributor or a channel sees and writes of its organisation.
-- Such a principal works as shelfcast_limited, which has all that shelfcast_app has and the policies `sight` on top:
-- they are restrictive, so that they can only take away. Whoever is not limited works as shelfcast_app and pays nothing.
grant shelfcast_app to shelfcast_limited;

-- Limits: locations '' (all) or an array of ids such as '{}' (none); partner '' or a distributor's id; channel '' or a channel.
drop function identify;
create function identify(org uuid, locations text, partner text, channel text, plan_once boolean)
returns table (currency text, timezone text)
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform set_config('shelfcast.org', org::text, true);
    if locations <> '' or partner <> '' or channel <> '' then
        perform set_config('shelfcast.locations', locations, true),
                set_config('shelfcast.partner', partner, true),
                set_config('shelfcast.channel', channel, true);
    end if;
    if plan_once then
        perform set_config('plan_cache_mode', 'force_generic_plan', true);
    end if;
    return query select o.currency::text, o.timezone from organisations o where o.id = org;
end $$;
revoke all on function identify from public;
grant execute on function identify to shelfcast_app;

-- The limits of the transaction. Policies ask for them as (select …()): once per statement, not per row.
create function seen_locations() returns uuid[] language sql stable parallel safe as $$
    select nullif(current_setting('shelfcast.locations', true), '')::uuid[]
$$;
create function seen_distributor() returns uuid language sql stable parallel safe as $$
    select nullif(current_setting('shelfcast.partner', true), '')::uuid
$$;
create function seen_channel() returns text language sql stable parallel safe as $$
    select nullif(current_setting('shelfcast.channel', true), '')
$$;
create function is_partner() returns boolean language sql stable parallel safe as $$
    select seen_distributor() is not null or seen_channel() is not null
$$;
-- Reactions to what a limited principal did act for the whole organisation: alerts, levels that follow a product.
create function acts_for_all() returns boolean language sql stable parallel safe as $$
    select coalesce(current_setting('shelfcast.acts_for_all', true), '') = 'on'
$$;

-- What a distributor sold may be somebody else's supply: it sees those products too.
create function products_it_sold() returns setof uuid
language sql stable security definer set search_path = public, pg_temp as $$
    select distinct l.product_id
      from sales s join sale_lines l on l.org_id = s.org_id and l.sale_id = s.id
     where s.org_id = nullif(current_setting('shelfcast.org', true), '')::uuid
       and s.distributor_id = seen_distributor()
       and (seen_channel() is null or s.channel = seen_channel())
       and (seen_locations() is null or s.location_id = any (seen_locations()))
$$;
create index sales_distributor on sales (org_id, distributor_id) where distributor_id is not null;

-- Lines are written in the statement that writes their sale, which a policy of theirs cannot see yet:
-- they are refused for a sale that is there already and out of sight.
create function is_out_of_sight(sale uuid) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
    select exists (
        select from sales s
         where s.org_id = nullif(current_setting('shelfcast.org', true), '')::uuid and s.id = sale
           and not ((seen_locations() is null or s.location_id = any (seen_locations()))
                    and (seen_distributor() is null or s.distributor_id is not distinct from seen_distributor())
                    and (seen_channel() is null or s.channel = seen_channel())))
$$;
revoke all on function seen_locations, seen_distributor, seen_channel, is_partner, acts_for_all, products_it_sold,
    is_out_of_sight from public;
grant execute on function seen_locations, seen_distributor, seen_channel, is_partner, acts_for_all, products_it_sold,
    is_out_of_sight to shelfcast_limited;

-- Limits who is limited to the rows of a table for which `sight` holds, in reading and in writing (`writing` where it differs).
-- In both, @place is: the row's location is seen; @place(column) the same of another column; @product: its product is.
create procedure limit_sight(target regclass, sight text, writing text default null)
language plpgsql as $$
declare
    rule text;
    rules text[];
begin
    foreach rule in array array[sight, coalesce(writing, sight)] loop
        rule := replace(rule, '@place', '@place(location_id)');
        rule := replace(rule, '@place(location_id)(', '@place(');
        rule := regexp_replace(rule, '@place\((\w+)\)',
            '((select seen_locations()) is null or \1 = any ((select seen_locations())::uuid[]))', 'g');
        rule := replace(rule, '@product', format(
            '((select seen_distributor()) is null or exists (select from products seen'
            ' where seen.org_id = %1$s.org_id and seen.id = %1$s.product_id))', target));
        rules := rules || format('(select acts_for_all()) or (%s)', rule);
    end loop;
    execute format('create policy sight on %s as restrictive to shelfcast_limited using (%s) with check (%s)',
                   target, rules[1], rules[2]);
end $$;
revoke all on procedure limit_sight from public;

call limit_sight('locations', '@place(id)');
call limit_sight('products',
    '(select seen_distributor()) is null or distributor_id = (select seen_distributor())'
    ' or id in (select products_it_sold())',
    '(select seen_distributor()) is null or distributor_id = (select seen_distributor())');
call limit_sight('product_gtins', '@product');
call limit_sight('product_prices', '@product');
call limit_sight('distributors', '(select seen_distributor()) is null or id = (select seen_distributor())');
call limit_sight('categories',
    '(select seen_distributor()) is null or id in (select category_id from products)'
    ' or id in (select subcategory_id from products)');
call limit_sight('promotions',
    '((select seen_locations()) is null or location_ids = ''{}'' or location_ids && (select seen_locations()))'
    ' and ((select seen_distributor()) is null or product_ids = ''{}''
           or exists (select from products p where p.org_id = promotions.org_id and p.id = any (promotions.product_ids)))',
    '((select seen_locations()) is null or location_ids <> ''{}'' and location_ids <@ (select seen_locations()))'
    ' and not (select is_partner())');

-- A distributor sees the stock of what it supplies, not of what it only sold.
call limit_sight('stock_levels',
    '@place and ((select seen_distributor()) is null or exists (select from products p
        where p.org_id = stock_levels.org_id and p.id = stock_levels.product_id
          and p.distributor_id = (select seen_distributor())))',
    '@place and @product');
call limit_sight('stock_movements',
    '@place and ((select seen_distributor()) is null or exists (select from products p
        where p.org_id = stock_movements.org_id and p.id = stock_movements.product_id
          and p.distributor_id = (select seen_distributor())))',
    '@place and @product');

call limit_sight('sales',
    '@place and ((select seen_distributor()) is null or distributor_id = (select seen_distributor()))'
    ' and ((select seen_channel()) is null or channel = (select seen_channel()))');
call limit_sight('sale_lines',
    'exists (select from sales s where s.org_id = sale_lines.org_id and s.id = sale_lines.sale_id)',
    '@product and not is_out_of_sight(sale_id)');

call limit_sight('customers', 'not (select is_partner())');
call limit_sight('customer_keys', 'not (select is_partner())');
call limit_sight('devices', '@place and not (select is_partner())');
call limit_sight('read_points',
    'exists (select from devices d where d.org_id = read_points.org_id and d.id = read_points.device_id)');
call limit_sight('raw_reads', '@place and not (select is_partner())');
call limit_sight('parked_codes', '@place and not (select is_partner())');
call limit_sight('alerts', '(location_id is null or @place) and not (select is_partner())');
-- Which sales of an entry are a partner's own is for `visible` to say: an entry holds those of many.
call limit_sight('event_log',
    '(location_id is null or @place)'
    ' and (not (select is_partner()) or topic in (''SALES'', ''LOCATIONS'')'
    ' or (select seen_distributor()) is null and topic in (''STOCK'', ''CATALOGUE''))');

-- A code nobody knew is parked once at each location: who is limited to one must not meet the row of another.
alter table parked_codes drop constraint parked_codes_pkey, add primary key (org_id, location_id, code);
drop index parked_codes_last;
create index parked_codes_last on parked_codes (org_id, last_seen_at, code, location_id);
