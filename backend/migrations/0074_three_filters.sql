-- Three filters at once: cells by up to three columns, facts that lie in the order in which filters choose.
alter table rollup_cells rename to rollup_cells_of_two;
alter table rollup_cells_of_two rename constraint rollup_cells_pkey to rollup_cells_of_two_pkey;

-- As before, and c: the third column. It takes a place that was empty.
create table rollup_cells (
    org_id uuid not null,
    grain smallint not null,
    span smallint not null,
    starts_on date not null,
    a int not null,
    b int not null,
    c int not null,
    costs int not null,
    lines int not null,
    orders int not null,
    units bigint not null,
    gross bigint not null,
    discount bigint not null,
    net bigint not null,
    cost bigint not null,
    costed bigint not null,
    returned bigint not null
);
insert into rollup_cells
select org_id, grain, span, starts_on, a, b, 0, costs, lines, orders, units, gross, discount, net, cost, costed, returned
  from rollup_cells_of_two order by org_id, grain, span, starts_on, a, b;
drop table rollup_cells_of_two;
alter table rollup_cells add primary key (org_id, grain, span, starts_on, a, b, c);
call isolate('rollup_cells');
-- The numbers of grains whose first, second or third column is the location, or what holds the channel.
create policy sight on rollup_cells as restrictive to shelfcast_limited
    using ((select seen_distributor()) is null
           and ((select seen_locations()) is null
                or grain in (2, 24, 31, 35, 44, 45) and a = any ((select seen_location_numbers())::int[])
                or grain in (11, 13, 19, 28, 59, 62) and b = any ((select seen_location_numbers())::int[])
                or grain in (56, 65) and c = any ((select seen_location_numbers())::int[]))
           and ((select seen_channel()) is null
                or grain in (4, 11, 14, 16, 23, 30, 33, 59, 62, 63) and a = any ((select seen_mix_numbers())::int[])
                or grain in (12, 18, 27, 38, 56, 57, 60, 64, 65) and b = any ((select seen_mix_numbers())::int[])
                or grain in (58) and c = any ((select seen_mix_numbers())::int[])))
    with check (false);

-- A month's facts are laid in order once it is over; months before settled_before are.
-- Grains are chosen anew: there are more to choose from.
alter table rollup_cursors add column settled_before date;
update rollup_cursors set chosen_for = 0;
-- What is filtered by together with a segment, channel or type of sale is found by both.
drop index rollup_facts_location, rollup_facts_area;
create index rollup_facts_location on rollup_facts (org_id, location, mix, day);
create index rollup_facts_area on rollup_facts (org_id, area, mix, day);
create index rollup_facts_distributor on rollup_facts (org_id, distributor, mix, day);
create index rollup_facts_category on rollup_facts (org_id, category, mix, node, day);
