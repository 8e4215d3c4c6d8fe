-- A subcategory is told apart in the index, after the day: of all that a store or a state sold only its own facts are fetched. Before
-- the day it would serve no short range.
drop index rollup_facts_location, rollup_facts_area;
create index rollup_facts_location on rollup_facts (org_id, location, mix, day, node);
create index rollup_facts_area on rollup_facts (org_id, area, mix, day, node);
-- A product has one subcategory, that one category: taken for independent, PostgreSQL would expect a tenth of the facts.
create statistics rollup_facts_goods (dependencies) on category, node, product from rollup_facts;
analyze rollup_facts;
