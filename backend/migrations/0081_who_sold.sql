-- A fact says whether its distributor sold it or only supplies the product: leads has a bit for it, 512. A distributor reads the
-- facts of its own sales by it; until all facts are marked it adds up lines, as before.
-- They lie all over the table: the index has what sums are made of, so that the table is not read where vacuum was. How many facts
-- are marked PostgreSQL is told by statistics.
create index rollup_facts_sold on rollup_facts (org_id, distributor, day)
    include (leads, mix, location, area, customer, product, node, category, hour, band, costs, units, gross, discount, net, cost, sale)
    where leads & 512 <> 0;
create statistics rollup_facts_sold_some on (leads & 512) from rollup_facts;

-- Facts of this day and later are not all marked yet; null: all are. The worker marks them month by month.
-- Grains are chosen anew: what analyses with a name ask about all time has sums now.
alter table rollup_cursors add column unmarked_from date;
update rollup_cursors set unmarked_from = '-infinity', chosen_for = 0;

create function seen_distributor_number() returns int
language sql stable security definer set search_path = public, pg_temp as $$
    select no from rollup_keys
     where org_id = nullif(current_setting('shelfcast.org', true), '')::uuid and id = seen_distributor()
$$;
revoke all on function seen_distributor_number from public;
grant execute on function seen_distributor_number to shelfcast_limited;

drop policy sight on rollup_facts;
create policy sight on rollup_facts as restrictive to shelfcast_limited
    using (((select seen_distributor()) is null
            or leads & 512 <> 0 and distributor = (select seen_distributor_number()))
           and ((select seen_locations()) is null or location = any ((select seen_location_numbers())::int[]))
           and ((select seen_channel()) is null or mix = any ((select seen_mix_numbers())::int[])))
    with check (false);

-- Ids say nothing of what was sold, nor do states and regions without a sale beside them.
drop policy sight on rollup_keys;
create policy sight on rollup_keys as restrictive to shelfcast_limited using (id is not null) with check (false);
drop policy sight on rollup_areas;
create policy sight on rollup_areas as restrictive to shelfcast_limited using (true) with check (false);
