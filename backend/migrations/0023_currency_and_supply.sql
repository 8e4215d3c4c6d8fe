-- The currency stays once there are sales. A change of it takes this lock alone, inserts of sales share it until their commit; so
-- neither overlooks the other (a lock of two numbers, which feed_horizon never counts).
create or replace function identify(org uuid, locations text, partner text, channel text, plan_once boolean)
returns table (currency text, timezone text)
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform set_config('shelfcast.org', org::text, true);
    if locations <> '' or partner <> '' or channel <> '' then
        perform set_config('shelfcast.locations', locations, true),
                set_config('shelfcast.partner', partner, true),
                set_config('shelfcast.channel', channel, true);
    end if;
    if plan_once then
        perform set_config('plan_cache_mode', 'force_generic_plan', true);
    end if;
    select o.currency::text, o.timezone into currency, timezone from organisations o where o.id = org;
    if found then
        perform set_config('shelfcast.currency', currency, true);
        return next;
    end if;
end $$;

-- Refuses sales whose transaction began while the organisation had another currency: their sums would be in that one.
create function keep_currency() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    org uuid := nullif(current_setting('shelfcast.org', true), '')::uuid;
begin
    perform pg_advisory_xact_lock_shared(x'4355'::int, hashtext(org::text));
    if exists (select from organisations o where o.id = org
                and o.currency::text <> nullif(current_setting('shelfcast.currency', true), '')) then
        raise exception 'the currency changed' using errcode = 'serialization_failure';
    end if;
    return null;
end $$;
revoke all on function keep_currency from public;
create trigger keep_currency before insert on sales for each statement execute function keep_currency();

-- A distributor follows the stock and the products it supplies; which items of an entry those are is for `visible` to say.
drop policy sight on event_log;
call limit_sight('event_log',
    '(location_id is null or @place)'
    ' and (not (select is_partner()) or topic in (''SALES'', ''LOCATIONS'', ''STOCK'', ''CATALOGUE''))');
