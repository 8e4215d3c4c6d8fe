-- Who is limited to locations or to a channel reads the roll-ups of these. A distributor adds up lines: a fact does not say who sold it.
create function seen_location_numbers() returns int[]
language sql stable security definer set search_path = public, pg_temp as $$
    select array_agg(no) from rollup_keys
     where org_id = nullif(current_setting('shelfcast.org', true), '')::uuid and id = any (seen_locations())
$$;
create function seen_mix_numbers() returns int[]
language sql stable security definer set search_path = public, pg_temp as $$
    select array_agg(no) from rollup_mixes
     where org_id = nullif(current_setting('shelfcast.org', true), '')::uuid and channel = seen_channel()
$$;
revoke all on function seen_location_numbers, seen_mix_numbers from public;
grant execute on function seen_location_numbers, seen_mix_numbers to shelfcast_limited;

drop policy sight on rollup_facts;
create policy sight on rollup_facts as restrictive to shelfcast_limited
    using ((select seen_distributor()) is null
           and ((select seen_locations()) is null or location = any ((select seen_location_numbers())::int[]))
           and ((select seen_channel()) is null or mix = any ((select seen_mix_numbers())::int[])))
    with check (false);

-- The numbers of grains whose first or second column is the location, or what holds the channel (backend/analytics/rollups/grains.py).
drop policy sight on rollup_cells;
create policy sight on rollup_cells as restrictive to shelfcast_limited
    using ((select seen_distributor()) is null
           and ((select seen_locations()) is null
                or grain in (2, 24, 31, 35, 44, 45) and a = any ((select seen_location_numbers())::int[])
                or grain in (11, 13, 19, 28) and b = any ((select seen_location_numbers())::int[]))
           and ((select seen_channel()) is null
                or grain in (4, 11, 14, 16, 23, 30, 33) and a = any ((select seen_mix_numbers())::int[])
                or grain in (12, 18, 27, 38) and b = any ((select seen_mix_numbers())::int[])))
    with check (false);

-- Ids say nothing of what was sold; names of sellers and places that sales went to do.
drop policy sight on rollup_keys;
create policy sight on rollup_keys as restrictive to shelfcast_limited
    using ((select seen_distributor()) is null and id is not null) with check (false);
drop policy sight on rollup_areas;
create policy sight on rollup_areas as restrictive to shelfcast_limited
    using ((select seen_distributor()) is null) with check (false);

-- How old the oldest sale that is not rolled is, and how many entries of the log wait: of the organisation that is furthest behind.
-- At most ten thousand are counted.
create function rollup_lag() returns table (seconds float8, entries bigint)
language sql stable security definer set search_path = public, pg_temp as $$
    select coalesce(max(extract(epoch from clock_timestamp() - oldest)), 0)::float8, coalesce(max(waiting), 0)
      from rollup_cursors c cross join lateral (
           select min(recorded_at) as oldest, count(*) as waiting
             from (select recorded_at from event_log e
                    where e.org_id = c.org_id and e.seq > c.seq and e.kind in ('SaleRecorded', 'ReturnRecorded')
                    order by e.seq limit 10000) behind) behind
     where not c.is_off
$$;
revoke all on function rollup_lag from public;
grant execute on function rollup_lag to shelfcast_auth;
