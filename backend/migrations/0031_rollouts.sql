-- Configurations of agents, each rolled out in waves.

-- An agent whose answer was lost comes again with the same code and the same key: it is told the same.
alter table enrolment_codes add column client_id text;

-- The last version given to a configuration of the organisation, by whomever.
create table agent_configuration_versions (
    org_id uuid not null primary key,
    last_version integer not null
);
call isolate('agent_configuration_versions', 'select, insert, update');

-- based_on: the version that was changed; null where it began empty. location_ids: where it was rolled out.
create table agent_configurations (
    org_id uuid not null,
    id uuid not null,
    version integer not null,
    document text not null,
    note text,
    based_on integer,
    location_ids uuid[] not null,
    made_at timestamptz not null,
    made_by text not null,
    primary key (org_id, id),
    unique (org_id, version)
);
call isolate('agent_configurations', 'select, insert');
call limit_sight('agent_configurations',
    '((select seen_locations()) is null or location_ids <> ''{}'' and location_ids <@ (select seen_locations()))'
    ' and not (select is_partner())');

create table agent_rollouts (
    org_id uuid not null,
    id uuid not null,
    configuration_version integer not null,
    state text not null check (state in ('RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED', 'ROLLED_BACK')),
    wave integer not null,
    waves integer not null,
    trial_seconds integer not null,
    grace_seconds integer not null,
    location_ids uuid[] not null,
    started_at timestamptz not null,
    started_by text not null,
    wave_started_at timestamptz not null,
    finished_at timestamptz,
    reason text,
    version bigint not null default 1,
    primary key (org_id, id)
);
create index agent_rollouts_started on agent_rollouts (org_id, started_at, id);
create index agent_rollouts_open on agent_rollouts (org_id) where state in ('RUNNING', 'PAUSED');
call isolate('agent_rollouts');
call limit_sight('agent_rollouts',
    '((select seen_locations()) is null or location_ids <> ''{}'' and location_ids <@ (select seen_locations()))'
    ' and not (select is_partner())');

-- previous_version: what the agent was to run with before; null: its own.
create table agent_rollout_members (
    org_id uuid not null,
    rollout_id uuid not null,
    agent_id uuid not null,
    place integer not null,
    wave integer not null,
    state text not null check (state in ('WAITING', 'SENT', 'CONFIRMED', 'FAILED', 'SKIPPED', 'TAKEN_BACK')),
    previous_version integer,
    sent_at timestamptz,
    delivered_at timestamptz,
    settled_at timestamptz,
    error text,
    primary key (org_id, rollout_id, agent_id)
);
create index agent_rollout_members_agent on agent_rollout_members (org_id, agent_id) where state in ('WAITING', 'SENT');
call isolate('agent_rollout_members');
call limit_sight('agent_rollout_members',
    'exists (select from agents a where a.org_id = agent_rollout_members.org_id and a.id = agent_rollout_members.agent_id)');
