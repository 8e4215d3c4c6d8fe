-- Where each audit log ends, kept apart from it: the chain alone does not show that its last entries were cut off.
create table audit_ends (
    org_id uuid primary key,
    seq bigint not null,
    hash bytea not null
);
call isolate('audit_ends', 'select');
insert into audit_ends
    select distinct on (org_id) org_id, seq, hash from audit_log order by org_id, seq desc;

create or replace function append_audit(
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
    -- Not from the log: after a cut its numbers would begin anew and hide it.
    select e.seq, e.hash into entry.seq, entry.hash from audit_ends e where e.org_id = org;
    entry.org_id := org;
    -- Where the note is gone the chain begins anew behind the log, which stays visible.
    entry.seq := coalesce(entry.seq, (select max(a.seq) from audit_log a where a.org_id = org), 0);
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
    insert into audit_ends values (org, entry.seq, entry.hash)
        on conflict (org_id) do update set seq = excluded.seq, hash = excluded.hash;
end $$;
