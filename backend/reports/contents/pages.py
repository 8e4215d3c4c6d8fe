"""Reports of a page: a summary in words, key figures, and the analyses that the page is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from backend.analytics.presets import service
from backend.analytics.presets.catalogue import PRESETS
from backend.analytics.presets.choices import Choice
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.preset import Coverage
from backend.analytics.rules import SalesDimension
from backend.core.scopes import Scope
from backend.infra.work import Work
from backend.reports import addresses
from backend.reports.contents.charts import chart_of
from backend.reports.contents.kind import Ask, Content, ContentKind, ContentName, Entry, Made
from backend.reports.documents import Grid, Section, grid_of
from backend.reports.errors import InvalidReport
from backend.reports.summary import sentences

_A = AnalysisName
_D = SalesDimension


_NOTHING: Final = Choice()


@dataclass(frozen=True, slots=True)
class Part:
    """One analysis of a page; one by time has steps that fit the days."""

    name: AnalysisName
    choice: Choice = _NOTHING
    is_by_time: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the dashboard as a report."""

    title: str
    description: str
    parts: tuple[Part, ...]
    address: str = ""
    has_summary: bool = True


def _by(name: AnalysisName, top: int | None = None, by: SalesDimension | None = None) -> Part:
    return Part(name, Choice(by=by, top=top))


_TIME: Final = Part(_A.SALES_OVER_TIME, is_by_time=True)
PAGES: Final = {
    "overview": Page(
        "The business at a glance",
        "What changed, why and what to look at; sales over time, by category and place; what grew,"
        " what sells best and what earns.",
        (
            _TIME,
            _by(_A.SALES_BY_CATEGORY),
            _by(_A.SALES_BY_STATE, 25),
            _by(_A.GROWTH_DRIVERS, 25, _D.PRODUCT),
            _by(_A.BEST_SELLERS, 25, _D.PRODUCT),
            _by(_A.PROFIT_BY_ITEM, 25),
            _by(_A.SALES_BY_SUBCATEGORY),
            _by(_A.CHANNELS),
        ),
        "sales",
    ),
    "sales": Page(
        "Sales",
        "What was sold, when and of what.",
        (
            _TIME,
            _by(_A.SALES_BY_CATEGORY),
            _by(_A.SALES_BY_SUBCATEGORY),
            _by(_A.SALES_BY_PRODUCT, 100),
        ),
    ),
    "trends": Page(
        "Trends",
        "How sales grow, when their season is, what gains and loses share.",
        (
            _by(_A.GROWTH),
            _by(_A.GROWTH_DRIVERS, 50, _D.SUBCATEGORY),
            _by(_A.SEASONAL_PEAKS),
            _by(_A.EMERGING_AND_FADING, 50),
        ),
    ),
    "places": Page(
        "Places",
        "What was sold where: regions, states, postal codes.",
        (
            _by(_A.SALES_BY_REGION),
            _by(_A.SALES_BY_STATE),
            _by(_A.SALES_BY_POSTAL_CODE, 100),
        ),
    ),
    "products": Page(
        "Products",
        "What sells best, what hardly sells, and how few products bring most of it.",
        (
            _by(_A.BEST_SELLERS, 50, _D.PRODUCT),
            _by(_A.LEAST_SELLERS, 50, _D.PRODUCT),
            _by(_A.ABC_XYZ),
            _by(_A.WEEKS_OF_SUPPLY),
        ),
    ),
    "profit": Page(
        "Profit and discount",
        "What earns money, what loses it, and what discounts have to do with it.",
        (
            _by(_A.PROFIT_BY_ITEM, 100),
            _by(_A.DISCOUNT_BANDS),
            _by(_A.BREAK_EVEN_DISCOUNT),
        ),
    ),
    "channels": Page(
        "Channels",
        "How channels and kinds of sale compare.",
        (_by(_A.SALES_BY_CHANNEL), _by(_A.CHANNELS), _by(_A.DIRECT_AGAINST_TRACE)),
    ),
    "distributors": Page(
        "Distributors",
        "What each distributor sells, and where.",
        (
            _by(_A.SALES_BY_DISTRIBUTOR),
            Part(_A.DISTRIBUTOR_BY_STATE),
            Part(_A.DISTRIBUTOR_BY_PRODUCT),
        ),
    ),
    "customers": Page(
        "Customers",
        "Which customers and segments bring the most, and how much they buy at once.",
        (_by(_A.SALES_BY_SEGMENT), _by(_A.CUSTOMERS_BY_VALUE, 100), _by(_A.BASKET_SIZE)),
    ),
}  # fmt: skip


def page_named(name: str) -> Page:
    """Return the page of that name.

    Raises:
        InvalidReport: there is none.
    """
    if name not in PAGES:
        raise InvalidReport(
            f"name is one of {', '.join(PAGES)}",
            field=["input", "content", "name"],
            value=name[:60],
        )
    return PAGES[name]


async def check(work: Work, content: Content) -> str:
    """Return the title of a page."""
    work.principal.require(Scope.SALES_READ)
    if content.choice != Choice():
        raise InvalidReport("a page takes no choice", field=["input", "content", "choice"])
    return page_named(content.name).title


async def make(ask: Ask) -> Made:
    """Make the summary and all parts that the reader may see."""
    page = page_named(ask.content.name)
    criteria, grids = ask.content.criteria, list[Section]()
    covers = Coverage(None, None)
    for part in page.parts:
        scopes = PRESETS[part.name].scopes
        if all(ask.work.principal.has(scope) for scope in scopes):
            grid, covers = await _part(ask, part)
            grids.append(grid)
    first, last = criteria.first_day or covers.first, criteria.last_day or covers.last
    spanned = replace(ask, content=replace(
        ask.content, criteria=replace(criteria, first_day=first, last_day=last)
    ))  # fmt: skip
    said = await sentences(spanned, page.address or ask.content.name)
    return Made(
        title=page.title,
        sections=[*said, *grids],
        first=first,
        last=last,
        is_partial=covers.is_partial,
        as_of=ask.work.now,
    )


async def _part(ask: Ask, part: Part) -> tuple[Grid, Coverage]:
    criteria, choice = ask.content.criteria, part.choice
    if part.is_by_time:
        choice = replace(choice, grain=_grain(criteria.first_day, criteria.last_day))
    found = await service.analyse(ask.work, part.name, criteria, choice)
    page = addresses.analysis_page(part.name, criteria, choice)
    chart = chart_of(found.table, found.preset.options.resolve(choice).measure)
    return grid_of(found.preset.title, found.table, chart=chart, page=page), found.covers


def _grain(first: date | None, last: date | None) -> SalesDimension:
    """Return how long the steps are, so that a line has twelve to ninety of them."""
    if first is None or last is None:
        return _D.MONTH
    span = (last - first).days
    return _D.DAY if span <= 92 else _D.WEEK if span <= 400 else _D.MONTH


async def entries(_: Work) -> Sequence[Entry]:
    """Return all pages."""
    return [
        Entry(ContentName.PAGE, name, one.title, one.description) for name, one in PAGES.items()
    ]


KIND = ContentKind(ContentName.PAGE, check, make, entries)
