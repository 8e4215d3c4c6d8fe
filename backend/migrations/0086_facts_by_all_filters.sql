-- Whatever else is filtered by is told apart in the index: of all that a store, a state, a category or a distributor sold only the facts
-- that are wanted are fetched. What filters choose first stays in front; the order of the rest follows what is filtered by most.
drop index rollup_facts_location, rollup_facts_area, rollup_facts_distributor, rollup_facts_category;
create index rollup_facts_location on rollup_facts (org_id, location, mix, day, node, area, distributor);
create index rollup_facts_area on rollup_facts (org_id, area, mix, day, node, location, distributor);
create index rollup_facts_distributor on rollup_facts (org_id, distributor, mix, day, node, area, location);
create index rollup_facts_category on rollup_facts (org_id, category, mix, node, day, area, location, distributor);
