-- Facts are copied as columns by the processes that answer questions. epoch: another one says that facts are numbered anew;
-- rewritten: how often a month of facts was changed that were there already.
alter table rollup_cursors
    add column epoch uuid not null default gen_random_uuid(),
    add column rewritten bigint not null default 0;

-- The months in which facts changed, and which of those times was the last.
create table rollup_rewrites (
    org_id uuid not null,
    month date not null,
    no bigint not null,
    primary key (org_id, month)
);
call isolate('rollup_rewrites');
create policy sight on rollup_rewrites as restrictive to shelfcast_limited using (false) with check (false);

-- How far facts are, of organisations that have so many.
create function rollup_standings(at_least bigint)
returns table (org_id uuid, epoch uuid, facts bigint, rewritten bigint, kept_from date)
language sql stable security definer set search_path = public, pg_temp as $$
    select c.org_id, c.epoch, c.facts, c.rewritten, l.before
      from rollup_cursors c left join sales_let_go l on l.org_id = c.org_id
     where c.facts >= at_least and c.built_before is null and not c.is_off
$$;
revoke all on function rollup_standings from public;
grant execute on function rollup_standings to shelfcast_auth;

create or replace procedure reset_rollups() language plpgsql as $$
begin
    if exists (select from sales_let_go) then
        raise exception 'the lines of some months are let go: their sums cannot be made anew'
            using hint = 'The sums of those months must be carried over by the migration itself.';
    end if;
    truncate rollup_cursors, rollup_keys, rollup_mixes, rollup_places, rollup_areas, rollup_facts, rollup_grains,
        rollup_cells, rollup_days, rollup_moves, rollup_rewrites;
end $$;
