-- Sums by three columns, by region and of what is bought together are gone: the copy of facts as columns answers that.
-- Of months that are let go they held what nothing else does; others begin with what is kept.
create temporary table dropped on commit drop as
    select unnest(array[56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 77]::smallint[]) as grain;
delete from rollup_cells where grain in (select grain from dropped);
delete from rollup_grains where grain in (select grain from dropped);
drop policy sight on rollup_cells;
alter table rollup_cells drop constraint rollup_cells_pkey, drop column c;
alter table rollup_cells add primary key (org_id, grain, span, starts_on, a, b);

-- The numbers of grains whose first or second column is the location, or what holds the channel.
create policy sight on rollup_cells as restrictive to shelfcast_limited
    using ((select seen_distributor()) is null
           and ((select seen_locations()) is null
                or grain in (2, 24, 31, 35, 44, 45) and a = any ((select seen_location_numbers())::int[])
                or grain in (11, 13, 19, 28) and b = any ((select seen_location_numbers())::int[]))
           and ((select seen_channel()) is null
                or grain in (4, 11, 14, 16, 23, 30, 33) and a = any ((select seen_mix_numbers())::int[])
                or grain in (12, 18, 27, 38) and b = any ((select seen_mix_numbers())::int[])))
    with check (false);

-- Nor is anything looked up in facts by what the copy filters.
drop index rollup_facts_area, rollup_facts_category, rollup_facts_distributor;

-- Grains are chosen anew, by fewer cells for each line.
update rollup_cursors set chosen_for = 0;
