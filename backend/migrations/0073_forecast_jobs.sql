-- is_partial: the last day a model learned had not ended; it is what its parent makes of today.
alter table forecast_models add column is_partial boolean not null default false;

-- For the metrics of a process: the oldest model that forecasts, the longest last update, runs that failed within a day.
create function forecast_health() returns table (champion_age double precision, update_seconds double precision, failed bigint)
language sql stable security definer set search_path = public, pg_temp as $$
    select (select extract(epoch from now() - min(trained_at)) from forecast_models where status = 'CHAMPION' and kind = 'PERIODS'),
           (select max(update_seconds)::float8 from forecast_cursors),
           (select count(*) from forecast_runs where status = 'FAILED' and ended_at > now() - interval '1 day')
$$;
revoke all on function forecast_health from public;
grant execute on function forecast_health to shelfcast_auth;
