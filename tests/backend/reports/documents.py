"""A report to draw files of, whose names are as bad as names get."""

from datetime import UTC, date, datetime

from backend.analytics.presets.table import ColumnKind
from backend.reports.documents import (
    Chart,
    Document,
    Figure,
    Figures,
    Grid,
    GridColumn,
    Heading,
    Sentence,
    Source,
)

FORMULAS = (
    "=cmd|' /C calc'!A0",
    "+1+cmd|'x'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    " =1+1",
    '=HYPERLINK("http://evil.example","x")',
)
MARKUP = '#set page(width: 1pt) *bold* <script>alert(1)</script> $x$ `raw` @label \\ " ]'
COLUMNS = (
    GridColumn("product", "Product", ColumnKind.TEXT),
    GridColumn("day", "Day", ColumnKind.DATE),
    GridColumn("netSales", "Net sales", ColumnKind.MONEY),
    GridColumn("share", "Share", ColumnKind.PERCENT),
    GridColumn("orders", "Orders", ColumnKind.COUNT),
)


def figure(label="Net sales, 2017", shown="$1,234", value="1234.5678"):
    source = Source("salesSummary", {"groupBy": []}, ("totals",), "netSales", "/sales?from=2017")
    return Figure(label, shown, value, ColumnKind.MONEY, source, "-0.125")


def grid(rows, **extra):
    return Grid("Sales by product", COLUMNS, rows, **extra)


def row(name, net="12.3456", share="0.125", orders=3):
    return [name, "2017-03-05", net, share, orders]


def document(*sections, title="The business at a glance"):
    return Document(
        title=title,
        organisation="Shop & Sons",
        currency="USD",
        timezone="UTC",
        as_of=datetime(2018, 1, 1, 7, tzinfo=UTC),
        first=date(2017, 1, 1),
        last=date(2017, 12, 31),
        about="All sales",
        reader="Kim Doe",
        dashboard="https://shop.example",
        sections=sections,
        totals={"netSales": "1234.5678"},
    )


def full():
    """Return a report with everything in it."""
    said = Sentence("Net sales were $1,234.", (figure(),))
    rows = [row(name) for name in (*FORMULAS, MARKUP)]
    drawn = Chart(is_line=False, label="product", value="netSales")
    return document(
        Figures("Key figures", (figure(),)),
        Heading("What changed", (said,)),
        grid(rows, totals=[None, None, "98.7648", None, 24], chart=drawn, page="/sales"),
    )
