-- Reports: what is sent to whom and when, each run of it, and the files it made.

-- Who may see a schedule or a run: its person (user_id) or program (client_id), and whoever may do everything.
-- location_ids: the places its reader is limited to when it was made; null: none.
create table report_schedules (
    org_id uuid not null,
    id uuid not null,
    name text not null,
    content jsonb not null,
    formats text[] not null,
    frequency text not null check (frequency in
        ('DAILY', 'WEEKLY', 'MONTHLY', 'QUARTERLY', 'FISCAL_MONTHLY', 'FISCAL_QUARTERLY')),
    due_time text not null check (due_time ~ '^[0-2][0-9]:[0-5][0-9]$'),
    due_day smallint not null check (due_day between 1 and 28),
    resends_restated boolean not null,
    is_paused boolean not null default false,
    user_id uuid,
    client_id text not null,
    scopes text[] not null,
    location_ids uuid[],
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version bigint not null default 1,
    primary key (org_id, id)
);
create index report_schedules_name on report_schedules (org_id, name, id);
create index report_schedules_created on report_schedules (org_id, created_at, id);
call isolate('report_schedules');
call limit_sight('report_schedules',
    '((select seen_locations()) is null or location_ids <@ (select seen_locations())) and not (select is_partner())');

-- One row per reader: a person by mail or download, or a webhook that sees what the schedule's maker sees.
-- next_due_at is the reader's own local time; the worker looks once a minute.
create table report_recipients (
    org_id uuid not null,
    schedule_id uuid not null,
    id uuid not null,
    channel text not null check (channel in ('EMAIL', 'WEBHOOK', 'DOWNLOAD')),
    user_id uuid,
    url text,
    sealed_secret bytea,
    timezone text not null,
    next_due_at timestamptz,
    primary key (org_id, schedule_id, id)
);
create index report_recipients_due on report_recipients (org_id, next_due_at) where next_due_at is not null;
call isolate('report_recipients');
call limit_sight('report_recipients',
    'exists (select from report_schedules s where s.org_id = report_recipients.org_id and s.id = report_recipients.schedule_id)');

-- effect_key: one run for each due moment of a recipient, whoever finds it due, however often.
create table report_runs (
    org_id uuid not null,
    id uuid not null,
    effect_key text not null,
    reason text not null check (reason in ('SCHEDULED', 'ASKED_FOR', 'SAMPLE', 'RESTATED')),
    schedule_id uuid,
    recipient_id uuid,
    restates_id uuid,
    name text not null,
    content jsonb not null,
    formats text[] not null,
    channel text not null check (channel in ('EMAIL', 'WEBHOOK', 'DOWNLOAD')),
    user_id uuid,
    client_id text not null,
    scopes text[],
    location_ids uuid[],
    timezone text not null,
    first_day date,
    last_day date,
    state text not null check (state in ('QUEUED', 'RUNNING', 'SENT', 'KEPT', 'FAILED')),
    progress smallint not null default 0,
    doing text not null default '',
    attempts smallint not null default 0,
    queued_at timestamptz not null,
    due_at timestamptz,
    next_attempt_at timestamptz,
    finished_at timestamptz,
    is_late boolean not null default false,
    restated_at timestamptz,
    failure_code text,
    failure_message text,
    as_of timestamptz,
    totals jsonb,
    restated_totals jsonb,
    version bigint not null default 1,
    primary key (org_id, id)
) with (fillfactor = 70);
create unique index report_runs_effect on report_runs (org_id, effect_key);
create index report_runs_queued on report_runs (org_id, queued_at, id);
create index report_runs_schedule on report_runs (org_id, schedule_id, queued_at);
create index report_runs_open on report_runs (org_id, next_attempt_at) where state in ('QUEUED', 'RUNNING');
call isolate('report_runs');
call limit_sight('report_runs',
    '((select seen_locations()) is null or location_ids <@ (select seen_locations())) and not (select is_partner())');

-- The file DOCUMENT is what the report says, made once; the others are drawn from it, before or after a crash.
create table report_files (
    org_id uuid not null,
    run_id uuid not null,
    format text not null check (format in ('DOCUMENT', 'HTML', 'PDF', 'XLSX', 'CSV', 'PNG')),
    size integer not null,
    digest bytea not null,
    content bytea not null,
    made_at timestamptz not null,
    primary key (org_id, run_id, format)
);
alter table report_files alter column content set storage external;  -- PDF, XLSX and PNG are compressed already
call isolate('report_files');
call limit_sight('report_files',
    'exists (select from report_runs r where r.org_id = report_files.org_id and r.id = report_files.run_id)');
