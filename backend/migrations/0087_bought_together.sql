-- What else is in an order: its facts lie where its store sold, all over the month.
create index rollup_facts_sale on rollup_facts (org_id, sale);

-- Grains are chosen anew: there are more to choose from.
update rollup_cursors set chosen_for = 0;
