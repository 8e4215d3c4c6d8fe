-- Who asks for a store or a state by more than one other thing, or sees two stores only, reads a
-- few per cent of the facts. Many lines have the same place and day, so an index takes ten bytes each.
create index rollup_facts_location on rollup_facts (org_id, location, day);
create index rollup_facts_area on rollup_facts (org_id, area, day);
