"""Every sentence of a summary is made of figures that GraphQL answers with."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from backend.analytics.presets.choices import Choice
from backend.core.scopes import Scope
from backend.reports.contents.catalogue import KINDS
from backend.reports.contents.kind import Ask, Content, ContentName
from backend.reports.documents import Figures, Grid, Heading
from backend.sales.filters import SalesCriteria
from tests.backend.reports.conftest import page_content, week
from tests.world import principal_with, run_sql

FIELDS = "units grossSales discount netSales netSalesWithoutCost orders returns cost profit"
SUMMARY = f"""
query ($groupBy: [SalesDimension!]!, $filter: SalesFilter) {{
  salesSummary(groupBy: $groupBy, filter: $filter) {{
    rows {{ keys {{ id }} {FIELDS} }} totals {{ {FIELDS} }}
  }}
}}"""
NUMBER = re.compile(r"[+−]?(?:\$|€)?\d+(?:,\d{3})*(?:\.\d+)?(?: %)?")
DAYS = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4}")


@pytest.fixture
def said(database, principal):
    """Makes a page and returns its headings and its key figures."""

    async def make(content=None, who=principal):
        content = content or page_content(criteria=week())
        async with database.work(who, read_only=True) as work:
            made = await KINDS[content.kind].make(Ask(work, content, "https://shop.example"))
        headings = [one for one in made.sections if isinstance(one, Heading)]
        figures = [one for one in made.sections if isinstance(one, Figures)]
        return headings, figures

    return make


def texts(headings):
    return [sentence.text for one in headings for sentence in one.sentences]


async def test_a_summary_says_what_changed_why_and_what_to_look_at(shop, said):
    headings, _ = await said()

    assert [one.title for one in headings] == ["What changed", "Why", "What to look at"]
    changed, why, look = ([sentence.text for sentence in one.sentences] for one in headings)
    assert changed[0].startswith("Net sales were $270.00, $90.00 (50.0 %) more than the $180.00")
    assert changed[1] == (
        "There were 3 orders after 1, worth $90.00 each on average after $180.00."
    )
    assert why[0] == (
        "By category, most of the rise came from Drinks (+$150.00, +83.3 % of all before);"
        " against it went Things (−$60.00)."
    )
    assert any(text.startswith("By location, most of the rise came from South") for text in why)
    assert look == [
        "These lose the most money: Cup (−$10.00).",
        "While sales rose, these sold less: Cup (−$60.00).",
    ]


async def test_every_number_of_a_sentence_is_a_figure_it_cites(shop, said):
    headings, _ = await said()

    for heading in headings:
        for sentence in heading.sentences:
            shown = {figure.shown for figure in sentence.figures}
            numbers = set(NUMBER.findall(DAYS.sub("", sentence.text)))
            assert numbers <= shown, sentence.text


async def test_every_figure_is_what_graphql_answers(shop, said, graphql):
    headings, figures = await said()
    cited = [one for found in headings for said_ in found.sentences for one in said_.figures]

    for figure in [*cited, *(one for found in figures for one in found.figures)]:
        assert await evaluated(graphql, figure.source) == pytest.approx(
            Decimal(figure.value), abs=Decimal("0.000001")
        ), figure


async def evaluated(graphql, source):
    """Return what the formula of a source gives with the answers of its queries."""
    values = await asked(graphql, source.variables, source.path)
    formula = source.formula
    if source.against is not None:
        against = {**source.variables, "filter": source.against}
        values |= prefixed("before", await asked(graphql, against, source.path))
        values |= prefixed("whole", await asked(graphql, against, ("totals",)))
    return eval(formula.replace(".", "_"), {"abs": abs, **values})


async def asked(graphql, variables, path):
    answer = await graphql(SUMMARY, variables)
    found = answer["data"]["salesSummary"]
    if path[0] == "totals":
        row = found["totals"]
    else:
        rows = [row for row in found["rows"] if row["keys"][0]["id"] == path[1]]
        row = rows[0] if rows else dict.fromkeys(FIELDS.split(), 0)
    return {name: Decimal(str(row[name] or 0)) for name in FIELDS.split()}


def prefixed(name, values):
    return {f"{name}_{key}": value for key, value in values.items()}


async def test_who_may_not_analyse_reads_nothing_of_profit(shop, said, org_id):
    who = principal_with(org_id, Scope.SALES_READ)

    headings, _ = await said(who=who)

    assert not any("rofit" in text or "lose" in text for text in texts(headings))


async def test_without_anything_before_nothing_is_compared(shop, said):
    first = week().first_day.replace(year=2000)

    headings, _ = await said(page_content(criteria=SalesCriteria(first, week().last_day)))

    assert "there is nothing before it" in texts(headings)[0]


async def test_days_before_that_are_not_wholly_known_are_not_compared(shop, said, owner_url):
    for table in ("sale_lines", "sales"):
        later = f"update {table} set business_day = business_day + 4 where business_day < $1"
        await run_sql(owner_url, later, week().first_day)

    headings, _ = await said()

    assert "is not wholly known, so it is not compared" in texts(headings)[0]


async def test_a_shop_that_sold_nothing_is_told_so(said):
    headings, _ = await said(page_content(criteria=SalesCriteria()))

    assert texts(headings) == ["Nothing was sold yet."]


async def test_a_filter_limits_the_summary(shop, said):
    drinks = replace(week(), categories=frozenset({"Drinks"}))

    headings, _ = await said(page_content(criteria=drinks))

    assert texts(headings)[0].startswith("Net sales were $250.00")


@pytest.mark.parametrize("name", ["overview", "sales", "trends", "places", "products", "profit",
                                  "channels", "distributors", "customers"])  # fmt: skip
async def test_every_page_can_be_reported(shop, said, name):
    headings, figures = await said(page_content(name, week()))

    assert headings
    assert figures


async def test_the_lines_of_sales_add_up_to_the_summary(shop, database, principal, graphql):
    content = Content(ContentName.SALE_LINES, "", week(), Choice())

    async with database.work(principal, read_only=True) as work:
        made = await KINDS[content.kind].make(Ask(work, content, ""))

    (grid,) = made.sections
    assert isinstance(grid, Grid)
    totals = await asked(
        graphql,
        {"groupBy": [], "filter": {"from": str(week().first_day), "to": str(week().last_day)}},
        ("totals",),
    )
    at = {one.name: n for n, one in enumerate(grid.columns)}
    for name in ("units", "grossSales", "discount", "returns", "netSales", "cost"):
        assert sum(Decimal(row[at[name]] or 0) for row in grid.rows) == totals[name]
