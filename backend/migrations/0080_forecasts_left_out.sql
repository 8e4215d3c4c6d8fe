-- What did not fit: series a model did not learn from, and series a run did not forecast.
alter table forecast_models add column left_out int not null default 0;
alter table forecast_runs add column left_out int not null default 0;
