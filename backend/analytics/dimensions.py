"""The table of dimensions: how each is computed, named and sorted in SQL."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from backend.analytics.calendars import BusinessCalendar, Unit
from backend.analytics.rules import SalesDimension
from backend.sales.filters import DISTRIBUTOR, place

WEEKDAYS: Final = "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday"
NOT_SAID: Final = "—"
# Sums have four decimals: a rate computed from them is good to a tenth of a percent at least.
BAND: Final = (
    "case when l.gross > 0 and l.discounted > 0"
    " then least(ceil(round(l.discounted / l.gross, 3) * 10), 6)::int else 0 end"
)


@dataclass(frozen=True, slots=True)
class Dimension:
    """SQL: `key` of sale `s`, line `l` and the aliases in `needs`; the rest of it and a join.

    The key is `{k}` there, and `naming` joins its names as `{n}`.
    `id` and `label` are texts; `order` is what the dimension's natural order follows.
    """

    key: str
    needs: frozenset[str] = frozenset()
    id: str = "{k}::text"
    label: str = "{k}::text"
    order: str = "{k}"
    naming: str = ""

    @property
    def has_label(self) -> bool:
        """Whether it is named by something else than its id."""
        return self.label != self.id


def _named(key: str, table: str, code: str, *, needs: str = "") -> Dimension:
    return Dimension(
        key,
        frozenset(needs.split()),
        id=f"{{n}}.{code}",
        label="{n}.name",
        order=f"{{n}}.{code}",
        naming=f"left join {table} {{n}} on {{n}}.org_id = $1 and {{n}}.id = {{k}}",
    )


def _day(unit: str, form: str) -> Dimension:
    text = f"to_char({{k}}::timestamp, '{form}')"
    # As a timestamp without a time zone: looking the zone up takes longer than all the rest.
    return Dimension(f"date_trunc('{unit}', s.business_day::timestamp)::date", id=text, label=text)


def _place(column: str) -> Dimension:
    return Dimension(place(column), frozenset({"loc"}))


def _enum(column: str) -> Dimension:
    return Dimension(column, label="initcap(replace({k}, '_', ' '))")


_D = SalesDimension
DIMENSIONS: Final[dict[SalesDimension, Dimension]] = {
    _D.HOUR: Dimension(
        "extract(hour from s.sold_at at time zone loc.timezone)::int",
        frozenset({"loc"}),
        label="to_char({k}, 'FM00') || ':00'",
    ),
    _D.WEEKDAY: Dimension(
        "extract(isodow from s.business_day)::int", label=f"split_part('{WEEKDAYS}', ',', {{k}})"
    ),
    _D.DAY: Dimension(
        "s.business_day",
        id="to_char({k}::timestamp, 'YYYY-MM-DD')",
        label="to_char({k}::timestamp, 'YYYY-MM-DD')",
    ),
    _D.WEEK: _day("week", 'IYYY"-W"IW'),
    _D.MONTH: _day("month", "YYYY-MM"),
    _D.QUARTER: _day("quarter", 'YYYY"-Q"Q'),
    _D.YEAR: _day("year", "YYYY"),
    _D.CATEGORY: _named("p.category_id", "categories", "name", needs="p"),
    _D.SUBCATEGORY: _named("p.subcategory_id", "categories", "name", needs="p"),
    _D.PRODUCT: _named("l.product_id", "products", "sku"),
    _D.LOCATION: _named("s.location_id", "locations", "code"),
    _D.STATE: _place("state"),
    _D.POSTAL_CODE: _place("postal_code"),
    _D.REGION: _place("region"),
    _D.COUNTRY: _place("country"),
    _D.DISTRIBUTOR: _named(DISTRIBUTOR, "distributors", "code", needs="p"),
    _D.SALE_TYPE: _enum("s.sale_type"),
    _D.CHANNEL: _enum("s.channel"),
    _D.SEGMENT: Dimension("s.segment"),
    _D.CUSTOMER: Dimension("s.customer_id"),
    _D.SELLER: Dimension("s.sold_by"),
    _D.DISCOUNT_BAND: Dimension(
        BAND,
        id="case {k} when 6 then '100' else ({k} * 10)::text end",
        label="(array['none', 'up to 10 %', '10–20 %', '20–30 %', '30–40 %', '40–50 %',"
        " 'over 50 %'])[{k} + 1]",
    ),
}

_UNITS: Final = {
    _D.FISCAL_WEEK: (Unit.WEEK, "-W"),
    _D.FISCAL_MONTH: (Unit.MONTH, "-P"),
    _D.FISCAL_QUARTER: (Unit.QUARTER, "-Q"),
    _D.FISCAL_YEAR: (Unit.YEAR, ""),
}


def dimension(one: SalesDimension, calendar: BusinessCalendar) -> Dimension:
    """Return how a dimension is computed where business years are divided like that."""
    return _fiscal(one, calendar) if one in _UNITS else DIMENSIONS[one]


@cache
def _fiscal(one: SalesDimension, calendar: BusinessCalendar) -> Dimension:
    """Return a period of the business year: its key is the year and its number, as in 202403.

    The years are written into the statement: they come from our own rules, not from a client.
    """
    unit, sign = _UNITS[one]
    starts = calendar.starts()
    days = f"'{{{','.join(map(str, starts))}}}'::date[]"
    years = f"'{{{','.join(str(calendar.year_of(start)) for start in starts)}}}'::int[]"
    at = f"width_bucket(s.business_day, {days})"
    year = f"({years})[{at}]"
    week = f"((s.business_day - ({days})[{at}]) / 7)"
    if unit is Unit.YEAR:
        return Dimension(year, id="'FY' || {k}", label="'FY' || {k}")
    number = f"{week} + 1"
    if unit is not Unit.WEEK:
        number = _month(calendar, week)
    if unit is Unit.QUARTER:
        number = f"({number} + 2) / 3"
    digits = "FM0" if unit is Unit.QUARTER else "FM00"
    text = f"'FY' || {{k}} / 100 || '{sign}' || to_char({{k}} % 100, '{digits}')"
    return Dimension(f"{year} * 100 + {number}", id=text, label=text)


def _month(calendar: BusinessCalendar, week: str) -> str:
    if calendar.is_of_weeks:
        return f"width_bucket({week}, array[{', '.join(map(str, calendar.month_weeks()))}])"
    first = calendar.first_month if calendar.kind == "FISCAL" else 1
    return f"(extract(month from s.business_day)::int + {12 - first}) % 12 + 1"
