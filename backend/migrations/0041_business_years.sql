-- Business years of 52 or 53 weeks: how quarters are divided, and on which Saturday a year ends.
alter table organisations drop constraint organisations_fiscal_calendar_check;
alter table organisations
    add constraint organisations_fiscal_calendar_check check (
        fiscal_calendar in ('CALENDAR', 'FISCAL', 'RETAIL_445', 'RETAIL_454', 'RETAIL_544')),
    add column fiscal_year_end text not null default 'NEAREST' check (fiscal_year_end in ('NEAREST', 'LAST'));
grant update (fiscal_year_end) on organisations to shelfcast_app;

-- What changed after a moment is asked by that moment.
drop index rollup_days_restated;
alter table rollup_days drop column restated_at;
create index rollup_days_changed on rollup_days (org_id, changed_at);
