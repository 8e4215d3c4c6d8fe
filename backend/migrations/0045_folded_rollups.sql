-- Roll-ups anew: facts are numbered in the order of rolling, and each grain says up to which number its cells hold them.
-- What was rolled before is dropped; the worker rolls it from the lines, which summaries add up meanwhile.
drop table rollup_facts, rollup_cells;
delete from rollup_cursors;
delete from rollup_moves;
delete from rollup_keys;
delete from rollup_mixes;
delete from rollup_places;
delete from rollup_areas;

-- facts: the number of the last fact. chosen_for: how many facts there were when the grains were last chosen;
-- lines_a_day: how many of them fell on a day.
alter table rollup_cursors
    add column facts bigint not null default 0,
    add column chosen_for bigint not null default 0,
    add column lines_a_day real not null default 0;

-- One row per line, in numbers. Amounts and quantities are in ten-thousandths, returns negative; gross and discount are 0 for them.
-- costs: 1 where the cost is known, else cost is 0. leads, bits: 1 first line of its sale, 2 of its product there, 4 of its node
-- (subcategory, else category), 8 of its category, 16 of its distributor, 64 of its discount band, 128 of its node and distributor,
-- 256 of its category and distributor, all 0 for returns: their sum is a number of orders. 32: a return.
create table rollup_facts (
    org_id uuid not null,
    no bigint not null,
    units bigint not null,
    gross bigint not null,
    discount bigint not null,
    net bigint not null,
    cost bigint not null,
    sale uuid not null,
    day date not null,
    mix int not null,
    location int not null,
    place int not null,
    area int not null,
    customer int not null,
    seller int not null,
    product int not null,
    node int not null,
    category int not null,
    distributor int not null,
    leads smallint not null,
    hour smallint not null,
    band smallint not null,
    costs smallint not null,
    line_no smallint not null,
    primary key (org_id, no)
);
create index rollup_facts_day on rollup_facts (org_id, day);
create index rollup_facts_product on rollup_facts (org_id, product, day);
create index rollup_facts_customer on rollup_facts (org_id, customer, day);
call isolate('rollup_facts');

-- Which sums are kept. finest: the least span it has cells of; folded: the number of the last fact that is in its cells.
create table rollup_grains (
    org_id uuid not null,
    grain smallint not null,
    finest smallint not null,
    folded bigint not null default 0,
    primary key (org_id, grain)
);
call isolate('rollup_grains');

-- Sums of facts. grain: which columns a and b stand for; span: 0 a day, 1 a third of a month, 2 a month, 3 a year, which
-- begins on starts_on.
create table rollup_cells (
    org_id uuid not null,
    grain smallint not null,
    span smallint not null,
    starts_on date not null,
    a int not null,
    b int not null,
    costs int not null,
    lines int not null,
    orders int not null,
    units bigint not null,
    gross bigint not null,
    discount bigint not null,
    net bigint not null,
    cost bigint not null,
    costed bigint not null,
    returned bigint not null,
    primary key (org_id, grain, span, starts_on, a, b)
);
call isolate('rollup_cells');

create policy sight on rollup_facts as restrictive to shelfcast_limited using (false) with check (false);
create policy sight on rollup_cells as restrictive to shelfcast_limited using (false) with check (false);
