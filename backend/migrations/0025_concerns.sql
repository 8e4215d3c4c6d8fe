-- An alert may be about something other than a level: `subject` names it, such as the EPC of a piece or the code of an agent.
alter table alerts add column subject text;

-- Which kinds there are is for the code to say.
alter table alerts drop constraint alerts_kind_check, add check (kind ~ '^[A-Z_]{1,60}$');

-- At most one that is not resolved per kind, place, product and subject, whichever of them it has.
drop index alerts_live;
create unique index alerts_live on alerts (org_id, location_id, product_id, kind, subject) nulls not distinct
    where state <> 'RESOLVED';
create index alerts_subject on alerts (org_id, subject, kind) where subject is not null and state <> 'RESOLVED';
