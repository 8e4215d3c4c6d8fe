-- Who did what from where: appended only, each entry sealed with a hash over itself and the one before it.

create table audit_log (
    org_id uuid not null,
    seq bigint not null,
    at timestamptz not null,
    actor_kind text not null check (actor_kind in ('USER', 'CLIENT', 'PROGRAM')),
    actor_id text not null,
    client_id text,
    address text,
    action text not null,
    subject text,
    details jsonb not null,
    previous_hash bytea not null,
    hash bytea not null,
    primary key (org_id, seq)
);
call isolate('audit_log', 'select');

-- One chain per organisation: the lock (of two numbers, so that feed_horizon never counts it) is held until the commit, which
-- must be near. The same canonical text is hashed by backend/identity/audit.py.
create function append_audit(
    actor_kind text, actor_id text, client_id text, address text, actions text[], subjects text[], details text[]
) returns void language plpgsql security definer set search_path = public, pg_temp as $$
declare
    org uuid := nullif(current_setting('shelfcast.org', true), '')::uuid;
    entry audit_log;
    n int;
begin
    if org is null then
        raise exception 'append_audit needs an organisation';
    end if;
    perform pg_advisory_xact_lock(x'4155'::int, hashtext(org::text));
    select a.seq, a.hash into entry.seq, entry.hash from audit_log a where a.org_id = org order by a.seq desc limit 1;
    entry.org_id := org;
    entry.seq := coalesce(entry.seq, 0);
    entry.hash := coalesce(entry.hash, decode(repeat('00', 32), 'hex'));
    entry.actor_kind := append_audit.actor_kind;
    entry.actor_id := append_audit.actor_id;
    entry.client_id := append_audit.client_id;
    entry.address := append_audit.address;
    for n in 1 .. cardinality(actions) loop
        entry.seq := entry.seq + 1;
        entry.at := clock_timestamp();
        entry.action := actions[n];
        entry.subject := subjects[n];
        entry.details := append_audit.details[n]::jsonb;
        entry.previous_hash := entry.hash;
        entry.hash := sha256(convert_to(jsonb_build_array(
            entry.org_id, entry.seq, (extract(epoch from entry.at) * 1000000)::bigint, entry.actor_kind, entry.actor_id,
            entry.client_id, entry.address, entry.action, entry.subject, entry.details, encode(entry.previous_hash, 'hex')
        )::text, 'UTF8'));
        insert into audit_log values (entry.*);
    end loop;
end $$;
revoke all on function append_audit from public;
grant execute on function append_audit to shelfcast_app;

-- What an organisation may change of itself; row-level security keeps it to itself.
grant update (name, currency, timezone, fiscal_year_start, fiscal_calendar, closed_at) on organisations to shelfcast_app;

-- Deletes about `most` rows of each table of an organisation that was closed longer than `grace` ago, and returns how many;
-- when nothing is left it deletes the organisation itself and returns 0. Tables that others refer to come last.
create function purge_closed_organisation(grace interval, most int) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    org uuid := nullif(current_setting('shelfcast.org', true), '')::uuid;
    target record;
    gone bigint;
    total bigint := 0;
begin
    if not exists (select from organisations o where o.id = org and o.closed_at <= now() - grace) then
        raise exception 'only an organisation that was closed long enough ago is purged';
    end if;
    for target in
        select c.oid::regclass as name,
               exists (select from pg_constraint f where f.contype = 'f' and f.conrelid = c.oid and f.confrelid = c.oid) as is_tree
          from pg_class c
          join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
         order by (select count(*) from pg_constraint f where f.contype = 'f' and f.confrelid = c.oid and f.conrelid <> c.oid)
    loop
        -- Of a tree all rows at once: part of it would leave children without their parent.
        execute format(
            'delete from %1$s where org_id = $1 and ctid = any (array(select ctid from %1$s where org_id = $1 limit $2))',
            target.name
        ) using org, case when target.is_tree then null else most end;
        get diagnostics gone = row_count;
        total := total + gone;
    end loop;
    if total = 0 then
        delete from organisations o where o.id = org;
    end if;
    return total;
end $$;
revoke all on function purge_closed_organisation from public;
grant execute on function purge_closed_organisation to shelfcast_app;
