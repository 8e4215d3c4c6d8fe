"""SQL of how good forecasts were, and of what one of them was made from."""

from typing import Final

# What was missed, one row per key. `sold` and the errors of a day are sums over `scored` forecasts.
# A series is scaled by what its naive forecasts missed on the same days: the last week again for
# absolute errors, the day before for squared ones.
_ACCURACY: Final = """
with missed as (
  select *, sold / nullif(scored, 0) - lag(sold / nullif(scored, 0)) over series as step
    from forecast_errors
   where org_id = $1 and day between $2 and $3
     and ($4::uuid[] is null or product_id = any($4::uuid[]))
     and ($5::uuid[] is null or location_id = any($5::uuid[]))
  window series as (partition by location_id, product_id order by day)
), series as (
  select location_id, product_id, count(*) as days,
         sum(sold::float8) as sold, sum(absolute::float8) as absolute,
         sum(signed::float8) as signed, sum(pinball::float8) as pinball,
         sum(covered::float8) as covered, sum(scored::float8) as scored,
         sum(absolute::float8) / nullif(sum(naive_absolute::float8), 0) as mase,
         sqrt(sum(squared::float8) / nullif(sum(scored::float8), 0)
              / nullif(avg(step::float8 * step), 0)) as rmsse
    from missed group by location_id, product_id
)
select {key} as key, count(*) as series, sum(days)::bigint as days, sum(sold) as sold,
       sum(absolute) as absolute, sum(signed) as signed, sum(pinball) as pinball,
       sum(covered) as covered, sum(scored) as scored, avg(mase) as mase, avg(rmsse) as rmsse
  from series s {join}
 group by 1
 order by sum(absolute) desc, 1
 limit $6
"""
_CLASSES: Final = """left join forecasts f
    on f.org_id = $1 and f.location_id = s.location_id and f.product_id = s.product_id"""
OF_EVERYTHING: Final = _ACCURACY.format(key="null::text", join="")
BY_CLASS: Final = _ACCURACY.format(key="f.demand_class", join=_CLASSES)
BY_PRODUCT: Final = _ACCURACY.format(key="s.product_id::text", join="")
BY_LOCATION: Final = _ACCURACY.format(key="s.location_id::text", join="")

# A forecast and what it took from all series; null: it was kept otherwise, or not at all.
ONE: Final = """
select f.first_day, f.model_id, f.trained_through,
       everything.content as everything, place.content as place, good.content as good
  from forecasts f
  left join forecast_pools everything
    on everything.org_id = $1 and everything.id = $1 and everything.made_at = f.made_at
  left join forecast_pools place
    on place.org_id = $1 and place.id = f.location_id and place.made_at = f.made_at
  left join forecast_pools good
    on good.org_id = $1 and good.id = f.product_id and good.made_at = f.made_at
 where f.org_id = $1 and f.location_id = $2 and f.product_id = $3
"""
