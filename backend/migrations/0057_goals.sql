-- Goals: what was planned for a period and a part of the business, and every amount it ever had.

-- member: as summaries name it (code, SKU, name); '' for the organisation. location_id: of a goal of a location, whoever is
-- limited to it sees it. latched: what alerts were told last.
create table goals (
    org_id uuid not null,
    id uuid not null,
    period text not null,
    kind text not null
        check (kind in ('MONTH', 'QUARTER', 'YEAR', 'FISCAL_MONTH', 'FISCAL_QUARTER', 'FISCAL_YEAR')),
    dimension text not null
        check (dimension in ('ORGANISATION', 'REGION', 'STATE', 'LOCATION', 'CATEGORY', 'PRODUCT', 'DISTRIBUTOR', 'SELLER')),
    member text not null check ((member = '') = (dimension = 'ORGANISATION')),
    measure text not null check (measure in ('NET_SALES', 'UNITS', 'PROFIT')),
    amount numeric(20, 4) not null check (amount > 0),
    location_id uuid check ((location_id is not null) = (dimension = 'LOCATION')),
    latched text check (latched in ('REACHED', 'AT_RISK')),
    version bigint not null,
    updated_at timestamptz not null,
    updated_by text not null,
    primary key (org_id, id),
    unique (org_id, period, dimension, member, measure)
);
create index goals_updated on goals (org_id, updated_at, id);
create index goals_latched on goals (org_id, id) where latched is not null;
call isolate('goals');

-- One row per change; amount null: deleted. A goal that is set again goes on counting its versions.
create table goal_changes (
    org_id uuid not null,
    period text not null,
    dimension text not null,
    member text not null,
    measure text not null,
    version bigint not null,
    amount numeric(20, 4),
    location_id uuid,
    origin text not null check (origin in ('ENTERED', 'IMPORTED', 'COPIED', 'DELETED')),
    changed_at timestamptz not null,
    changed_by text not null,
    primary key (org_id, period, dimension, member, measure, version)
);
call isolate('goal_changes', 'select, insert');

-- When goals count as reached and as about to be missed, as parts of the goal. No row: what the code says.
create table goal_rules (
    org_id uuid primary key,
    reached_at numeric(7, 4) not null check (reached_at > 0),
    missed_below numeric(7, 4) not null check (missed_below > 0),
    version bigint not null
);
call isolate('goal_rules', 'select, insert, update');

-- Who is limited to locations plans them and sees nothing of the whole; partners see no goals.
call limit_sight('goals', '(location_id is not null and @place) and not (select is_partner())');
call limit_sight('goal_changes', '(location_id is not null and @place) and not (select is_partner())');
call limit_sight('goal_rules', 'not (select is_partner())', 'false');

-- An alert about a goal of the whole is for those who see the whole.
drop policy sight on alerts;
call limit_sight('alerts',
    '(location_id is null and kind not like ''GOAL%'' or location_id is not null and @place) and not (select is_partner())');

-- A goal that is reached is good to know.
alter table alerts drop constraint alerts_severity_check,
    add check (severity in ('INFO', 'WARNING', 'CRITICAL'));
