-- Isolation, organisations and the event log.

create table organisations (
    id uuid primary key,
    code text not null unique check (code ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name text not null,
    currency char(3) not null,
    timezone text not null,
    is_demo boolean not null default false,
    created_at timestamptz not null default now()
);
-- An organisation sees itself only.
alter table organisations enable row level security;
create policy itself on organisations to shelfcast_app
    using (id = (select nullif(current_setting('shelfcast.org', true), '')::uuid))
    with check (id = (select nullif(current_setting('shelfcast.org', true), '')::uuid));
grant select on organisations to shelfcast_app;

-- Tells the policies for whom the transaction runs; no row when there is no such organisation.
-- With plan_once its statements are planned once per connection: PostgreSQL would plan each anew for the few rows of one
-- sale, which is a sixth of its work.
create function identify(org uuid, locations text, partner text, plan_once boolean)
returns table (currency text, timezone text)
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform set_config('shelfcast.org', org::text, true),
            set_config('shelfcast.locations', locations, true),
            set_config('shelfcast.partner', partner, true);
    if plan_once then
        perform set_config('plan_cache_mode', 'force_generic_plan', true);
    end if;
    return query select o.currency::text, o.timezone from organisations o where o.id = org;
end $$;
revoke all on function identify from public;
grant execute on function identify to shelfcast_app;

-- For programs that act for one organisation after the other.
create function list_organisations() returns table (id uuid, code text)
language sql stable security definer set search_path = public, pg_temp as $$
    select o.id, o.code from organisations o order by o.code
$$;
revoke all on function list_organisations from public;
grant execute on function list_organisations to shelfcast_auth;

-- The migrations this database has seen. plpgsql: the table is looked for at the call, it may not exist yet.
create function applied_migrations() returns setof text
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    return query select m.name::text from tortoise_migrations m where m.app = 'retail';
end $$;
revoke all on function applied_migrations from public;
grant execute on function applied_migrations to shelfcast_app, shelfcast_tail, shelfcast_auth;

-- Puts a table behind its organisation: no row is seen or written without shelfcast.org set to its org_id.
-- nullif: the setting remains as '' on a connection where it once was set.
create procedure isolate(target regclass, privileges text default 'select, insert, update, delete')
language plpgsql as $$
begin
    execute format('alter table %s enable row level security', target);
    execute format(
        'create policy organisation on %s to shelfcast_app '
        'using (org_id = (select nullif(current_setting(''shelfcast.org'', true), '''')::uuid)) '
        'with check (org_id = (select nullif(current_setting(''shelfcast.org'', true), '''')::uuid))',
        target);
    execute format('grant %s on %s to shelfcast_app', privileges, target);
end $$;
revoke all on procedure isolate from public;

-- One row: names this history of events. A restored database gets a new one, and old cursors a FeedGap.
create table feed_epoch (
    only_one boolean primary key default true check (only_one),
    epoch text not null default substr(replace(gen_random_uuid()::text, '-', ''), 1, 10)
);
insert into feed_epoch default values;
grant select on feed_epoch to shelfcast_app, shelfcast_tail;

-- Sequence values are drawn inside append_events only; the first is drawn here so that last_value is meant literally.
create sequence event_seq cache 1;
select nextval('event_seq');
grant select on event_seq to shelfcast_app, shelfcast_tail;  -- to see whether somebody is still writing; drawing stays forbidden

-- An entry holds the events of one kind at one location of one transaction; `items` is a JSON array of stored facts.
create table event_log (
    org_id uuid not null,
    seq bigint not null,
    topic text not null,
    kind text not null,
    location_id uuid,
    recorded_at timestamptz not null,
    schema_version smallint not null,
    items json not null,
    primary key (org_id, seq)
);
create index event_log_seq on event_log (seq);
create index event_log_recorded on event_log using brin (recorded_at);
call isolate('event_log', 'select, delete');
create policy tail on event_log for select to shelfcast_tail using (true);
grant select on event_log to shelfcast_tail;

-- Up to which seq an organisation's events were purged (inclusive).
create table feed_floor (
    org_id uuid primary key,
    seq bigint not null
);
call isolate('feed_floor');
create policy tail on feed_floor for select to shelfcast_tail using (true);
grant select on feed_floor to shelfcast_tail;

-- The shared advisory lock on the sequence's value before the first draw is the floor below which readers stay until commit.
-- It is the last statement of a transaction; security definer, so that nobody draws numbers elsewhere.
create function append_events(
    topics text[], kinds text[], location_ids uuid[], schema_versions smallint[], item_lists text[]
) returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
declare
    base bigint;
    org uuid := nullif(current_setting('shelfcast.org', true), '')::uuid;
begin
    if org is null then
        raise exception 'append_events needs an organisation';
    end if;
    select last_value into base from event_seq;
    perform pg_advisory_xact_lock_shared((x'5348'::bigint << 48) | base);
    insert into event_log (org_id, seq, topic, kind, location_id, recorded_at, schema_version, items)
        select org, nextval('event_seq'), t, k, l, clock_timestamp(), v, i::json
          from unnest(topics, kinds, location_ids, schema_versions, item_lists)
               with ordinality as u (t, k, l, v, i, n)
         order by n;
    return base;
end $$;
revoke all on function append_events from public;
grant execute on function append_events to shelfcast_app;

-- Everything up to this seq is committed or never will be. Read rows with a NEW snapshot afterwards (READ COMMITTED).
create function feed_horizon() returns bigint
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    drawn bigint;
    floor bigint;
begin
    select last_value into drawn from event_seq;  -- before the locks are read
    select min(((classid::bigint << 32) | objid::bigint) & x'ffffffffffff'::bigint) into floor
      from pg_locks
     where locktype = 'advisory' and objsubid = 1 and classid::bigint >> 16 = x'5348'::bigint
       and database = (select oid from pg_database where datname = current_database());
    return least(drawn, floor);
end $$;
revoke all on function feed_horizon from public;
grant execute on function feed_horizon to shelfcast_app, shelfcast_tail;

-- What a client's key did, for ever: written in the transaction of the effect.
create table effect_key (
    org_id uuid not null,
    kind smallint not null,
    digest bytea not null,
    content_hash bytea not null,
    effect_id uuid,
    effect_at timestamptz not null,
    primary key (org_id, kind, digest)
);
call isolate('effect_key', 'select, insert, delete');
