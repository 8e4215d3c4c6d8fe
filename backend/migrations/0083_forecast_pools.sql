-- What forecasts took from all series, by whom: a location, a product, or everything (the organisation's own id). A question about one
-- series reads these three rows and its own past. made_at is that of the forecasts they belong to.
create table forecast_pools (
    org_id uuid not null,
    id uuid not null,
    content bytea not null,
    made_at timestamptz not null,
    primary key (org_id, id)
) with (fillfactor = 70);
call isolate('forecast_pools');
