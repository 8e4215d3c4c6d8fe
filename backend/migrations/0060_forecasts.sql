-- Forecasts: the models that make them, the runs that make models, what is forecast, and what was missed.

-- Every model is a version; who learned on from another (UPDATED) keeps its parent and the trained model both come from (root_id).
-- TOTALS belong to the trained PERIODS model of the same root. The simple forecasts everything is compared with have rows of
-- their own (family) and no content. first_seen, last_seen: the business days learned from; trained_through: the moment up to
-- which what was recorded is in it.
create table forecast_models (
    org_id uuid not null,
    id uuid not null,
    version int not null,
    family text not null check (family in ('NETWORK', 'WEEKDAY_MEAN', 'SEASONAL_NAIVE', 'LIGHTGBM')),
    kind text not null check (kind in ('PERIODS', 'TOTALS')),
    origin text not null check (origin in ('TRAINED', 'UPDATED')),
    parent_id uuid,
    root_id uuid not null,
    run_id uuid,
    status text not null check (status in ('CHAMPION', 'CHALLENGER', 'RETIRED', 'REJECTED')),
    verdict text,
    seed bigint not null,
    horizon smallint not null check (horizon between 1 and 366),
    series int not null,
    first_seen date not null,
    last_seen date not null,
    trained_through timestamptz not null,
    trained_at timestamptz not null,
    promoted_at timestamptz,
    metrics jsonb not null default '{}',
    baselines jsonb not null default '{}',
    primary key (org_id, id),
    unique (org_id, kind, version)
);
create unique index forecast_models_champion on forecast_models (org_id, kind) where status = 'CHAMPION';
create index forecast_models_trained on forecast_models (org_id, trained_at, id);
create index forecast_models_root on forecast_models (org_id, root_id, kind, last_seen);
call isolate('forecast_models');

-- What networks are made of; a model whose row is gone here is not kept. reservoir: rows of the past a model learns on from.
create table forecast_contents (
    org_id uuid not null,
    model_id uuid not null,
    content bytea not null,
    reservoir bytea,
    primary key (org_id, model_id)
);
alter table forecast_contents alter column content set storage external, alter column reservoir set storage external;
call isolate('forecast_contents');

-- One row per job that trains or updates. `reason`: why it was asked for.
create table forecast_runs (
    org_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('TRAIN', 'RETRAIN', 'UPDATE')),
    reason text not null check (reason in ('ASKED_FOR', 'NIGHTLY', 'FIRST_SALES', 'NEW_SALES', 'DRIFT', 'PROMOTED')),
    status text not null check (status in ('WAITING', 'RUNNING', 'SUCCEEDED', 'FAILED')),
    step text not null default '',
    progress real not null default 0 check (progress between 0 and 1),
    attempts smallint not null default 0,
    requested_by text not null,
    requested_at timestamptz not null,
    started_at timestamptz,
    heard_at timestamptz not null,
    ended_at timestamptz,
    model_id uuid,
    promoted boolean,
    verdict text,
    error jsonb,
    version bigint not null default 1,
    primary key (org_id, id)
) with (fillfactor = 70);
create index forecast_runs_requested on forecast_runs (org_id, requested_at, id);
create index forecast_runs_open on forecast_runs (org_id, heard_at) where status in ('WAITING', 'RUNNING');
create unique index forecast_runs_waiting on forecast_runs (org_id, kind) where status = 'WAITING';
call isolate('forecast_runs');

-- What is forecast: one row per product and location. quantiles: day by day, nine levels each; total_mean and total_quantiles the
-- same of the sums from the first day to each.
create table forecasts (
    org_id uuid not null,
    location_id uuid not null,
    product_id uuid not null,
    first_day date not null,
    mean real[] not null,
    quantiles real[] not null,
    total_mean real[] not null,
    total_quantiles real[] not null,
    demand_class text not null check (demand_class in ('SMOOTH', 'ERRATIC', 'INTERMITTENT', 'LUMPY')),
    model_id uuid not null,
    total_model_id uuid not null,
    trained_through timestamptz not null,
    made_at timestamptz not null,
    primary key (org_id, location_id, product_id)
) with (fillfactor = 70);
create index forecasts_product on forecasts (org_id, product_id);
call isolate('forecasts');

-- What forecasts missed of one day, made one to seven days ahead: sums over those forecasts, `scored` many. naive_absolute: what
-- the seasonal naive forecast missed.
create table forecast_errors (
    org_id uuid not null,
    day date not null,
    location_id uuid not null,
    product_id uuid not null,
    model_id uuid not null,
    sold real not null,
    absolute real not null,
    signed real not null,
    squared real not null,
    pinball real not null,
    covered real not null,
    scored real not null,
    naive_absolute real not null,
    primary key (org_id, day, location_id, product_id)
);
call isolate('forecast_errors');

-- The same over everything, beside what others would have missed: the mean of equal weekdays, and the model before this one.
create table forecast_days (
    org_id uuid not null,
    day date not null,
    model_id uuid not null,
    sold double precision not null,
    absolute double precision not null,
    signed double precision not null,
    pinball double precision not null,
    covered double precision not null,
    scored double precision not null,
    weekday_mean_pinball double precision not null,
    predecessor_id uuid,
    predecessor_pinball double precision,
    primary key (org_id, day)
);
call isolate('forecast_days');

-- What was said at the end of a day of the week after it, for the scoring to come.
create table forecast_snapshots (
    org_id uuid not null,
    day date not null,
    model_id uuid not null,
    content bytea not null,
    primary key (org_id, day)
);
alter table forecast_snapshots alter column content set storage external;
call isolate('forecast_snapshots');

-- How far the worker is: seq, the entry of the log up to which sales were looked at; closed, the last business day that is
-- learned and scored as a whole; trained_on, the local day of the last training at night.
create table forecast_cursors (
    org_id uuid primary key,
    seq bigint not null,
    closed date,
    trained_on date,
    updated_at timestamptz,
    update_seconds real
);
call isolate('forecast_cursors');

-- Who is limited to locations sees what is forecast there; models are everybody's but partners'. Who is limited trains nothing.
call limit_sight('forecast_models', 'not (select is_partner())', 'false');
call limit_sight('forecast_contents', 'false');
call limit_sight('forecast_runs', 'not (select is_partner())', 'false');
call limit_sight('forecasts', '@place and not (select is_partner())', 'false');
call limit_sight('forecast_errors', '@place and not (select is_partner())', 'false');
call limit_sight('forecast_days', 'false');
call limit_sight('forecast_snapshots', 'false');
call limit_sight('forecast_cursors', 'false');
