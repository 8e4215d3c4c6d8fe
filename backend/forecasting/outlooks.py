"""What is forecast of goals, as analytics asks for it: sums of what is stored."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from backend.analytics.goals.outlook import Ahead
from backend.analytics.goals.progress import Moment
from backend.analytics.goals.rules import GoalDimension
from backend.infra.work import Work

_MEMBERS: Final = {
    GoalDimension.ORGANISATION: ("''", ""),
    GoalDimension.LOCATION: (
        "l.code",
        "join locations l on l.org_id = f.org_id and l.id = f.location_id",
    ),
    GoalDimension.PRODUCT: (
        "p.sku",
        "join products p on p.org_id = f.org_id and p.id = f.product_id",
    ),
    GoalDimension.CATEGORY: (
        "c.name",
        """join products p on p.org_id = f.org_id and p.id = f.product_id
           join categories c on c.org_id = p.org_id and c.id = p.category_id""",
    ),
}
# Sums from the first day of a forecast to each are stored: the difference of two is what lies
# between. $2: today, $3: the part of it that is left, $4: ends, $5: members.
_AHEAD: Final = """
select w.member, w.until, sum(w.units) as units, min(w.through) as through
  from (select {member} as member, e.until, least(e.until, f.first_day + f.days - 1) as through,
               f.total[least(e.until - f.first_day + 1, f.days)]
               - coalesce(f.total[$2::date - f.first_day + 1], 0)
               + $3::float8 * (f.total[greatest($2::date - f.first_day, 0) + 1]
                       - coalesce(f.total[greatest($2::date - f.first_day, 0)], 0)) as units
          from (select org_id, location_id, product_id, first_day, total_mean as total,
                       cardinality(total_mean) as days
                  from forecasts where org_id = $1) f
          {join}
         cross join unnest($4::date[]) as e (until)
         where f.first_day + f.days > $2::date) w
 where w.member = any($5::text[])
 group by 1, 2
"""


class GoalOutlooks:
    """Fills the port of goals from the stored forecasts."""

    async def ahead(
        self,
        work: Work,
        by: GoalDimension,
        members: frozenset[str],
        at: Moment,
        ends: frozenset[date],
    ) -> Mapping[tuple[str, date], Ahead]:
        """Return by member and end what is forecast until then, or for as long as it reaches."""
        member, join = _MEMBERS[by]
        rows = await work.rows(
            _AHEAD.format(member=member, join=join),
            work.principal.org_id,
            at.day,
            float(1 - at.fraction),
            sorted(ends),
            sorted(members),
        )
        return {
            (row["member"], row["until"]): Ahead(Decimal(row["units"]), row["through"])
            for row in rows
        }
