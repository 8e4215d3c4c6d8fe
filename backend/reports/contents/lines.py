"""Reports of the lines of sales themselves, for who wants to count on in a spreadsheet."""

from collections.abc import Sequence
from typing import Any, Final

from backend.analytics import queries
from backend.analytics.presets.choices import Choice
from backend.analytics.presets.table import ColumnKind
from backend.analytics.rules import SalesDimension
from backend.core.scopes import Scope
from backend.infra.work import Work
from backend.reports import addresses
from backend.reports.contents.kind import Ask, Content, ContentKind, ContentName, Entry, Made
from backend.reports.documents import MOST_ROWS, Grid, GridColumn, cells
from backend.reports.errors import InvalidReport, ReportTooLarge
from backend.sales import retention
from backend.sales.filters import JOINS, LINES, conditions

_K = ColumnKind
_D = SalesDimension
TITLE: Final = "Lines of sales"
_COLUMNS: Final = (
    GridColumn("day", "Day", _K.DATE, _D.DAY),
    GridColumn("sale", "Sale", _K.TEXT),
    GridColumn("kind", "Kind", _K.TEXT),
    GridColumn("location", "Location", _K.TEXT, _D.LOCATION),
    GridColumn("channel", "Channel", _K.TEXT, _D.CHANNEL),
    GridColumn("product", "SKU", _K.TEXT, _D.PRODUCT),
    GridColumn("productName", "Product", _K.TEXT, label_of="product"),
    GridColumn("category", "Category", _K.TEXT, _D.CATEGORY),
    GridColumn("units", "Units", _K.UNITS),
    GridColumn("unitPrice", "Unit price", _K.MONEY),
    GridColumn("grossSales", "Gross sales", _K.MONEY),
    GridColumn("discount", "Discount", _K.MONEY),
    GridColumn("returns", "Returns", _K.MONEY),
    GridColumn("netSales", "Net sales", _K.MONEY),
    GridColumn("cost", "Cost", _K.MONEY),
)
_SECRET: Final = frozenset({"cost"})
# Returns count against units and net sales, so that each column adds up to `salesSummary`.
_LINES: Final = """
select s.business_day, s.idempotency_key as sale, initcap(s.kind) as kind, at.code as location,
       s.channel, p.sku, p.name as product, c.name as category,
       sign * l.quantity as units, round(l.gross / l.quantity, 4) as unit_price,
       greatest(sign, 0) * l.gross as gross, greatest(sign, 0) * l.discounted as discount,
       greatest(-sign, 0) * l.net as returns, sign * l.net as net, sign * l.cost as cost
  from sales s {lines} {joins}
  join locations at on at.org_id = s.org_id and at.id = s.location_id
  left join categories c on c.org_id = p.org_id and c.id = p.category_id
  cross join lateral (select case s.kind when 'SALE' then 1 else -1 end as sign) signs
 where {among}
 order by s.business_day, s.sold_at, s.id, l.line_no
 limit {limit}
"""


async def check(work: Work, content: Content) -> str:
    """Return the title; nothing is named or chosen."""
    work.principal.require(Scope.SALES_READ)
    if content.name or content.choice != Choice():
        raise InvalidReport("lines of sales take no name and no choice", field=["input", "content"])
    return TITLE


async def make(ask: Ask) -> Made:
    """Return the lines that the filter admits.

    Raises:
        ReportTooLarge: there are more than a report may have.
        SalesNotKept: its days begin before those whose sales are kept.
    """
    work = ask.work
    criteria = await retention.within_kept(work, ask.content.criteria)
    among = conditions(criteria, work.principal)
    needs = among.sale_joins | among.line_joins | {"p"}
    text = _LINES.format(
        lines=LINES,
        joins=" ".join(JOINS[alias] for alias in sorted(needs)),
        among=" and ".join(["s.org_id = $1", *among.on_sale, *among.on_days, *among.on_line]),
        limit=MOST_ROWS + 1,
    )
    found = await queries.run(work, text, among.values)
    if len(found) > MOST_ROWS:
        raise ReportTooLarge(f"more than {MOST_ROWS} lines: filter, or take fewer days")
    kept = [n for n, one in enumerate(_COLUMNS) if _is_open(work, one)]
    rows = [[row[n] for n in kept] for row in map(_ordered, found)]
    grid = Grid(
        title=TITLE,
        columns=tuple(_COLUMNS[n] for n in kept),
        rows=rows,
        page=addresses.page("sales", criteria),
        is_data=True,
    )
    return Made(TITLE, [grid], criteria.first_day, criteria.last_day, as_of=work.now)


def _ordered(row: dict[str, Any]) -> list[Any]:
    return cells(row.values())


def _is_open(work: Work, column: GridColumn) -> bool:
    return column.name not in _SECRET or work.principal.has(Scope.ANALYTICS_READ)


async def entries(_: Work) -> Sequence[Entry]:
    """Return the one entry there is."""
    said = "Every line sold or returned, one row each, up to 200,000; for CSV and Excel."
    return [Entry(ContentName.SALE_LINES, "", TITLE, said)]


KIND = ContentKind(ContentName.SALE_LINES, check, make, entries)
