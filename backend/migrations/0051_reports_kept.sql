-- seen_with: the scopes that opened what a report says; who reads it must hold them.
alter table report_runs add column seen_with text[];
