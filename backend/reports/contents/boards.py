"""Reports of a published board: its words, and its figures as its reader may see them."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from backend.analytics.presets import service as analyses
from backend.analytics.presets.choices import Choice
from backend.core.principal import MissingScope
from backend.infra.work import Work
from backend.reports import addresses
from backend.reports.boards import service
from backend.reports.boards.errors import BoardNotFound, NothingPublished
from backend.reports.boards.rules import Block
from backend.reports.boards.words import paragraphs_of
from backend.reports.contents.charts import chart_of
from backend.reports.contents.kind import Ask, Content, ContentKind, ContentName, Entry, Made
from backend.reports.contents.pivots import grid_of_pivot
from backend.reports.documents import Section, Words, grid_of
from backend.reports.errors import InvalidReport
from backend.reports.pivots import answering
from backend.reports.readers import known_id
from backend.sales.filters import SalesCriteria

MOST_LISTED: Final = 200
HIDDEN: Final = "This is about cost and profit, which are not yours to see."


async def check(work: Work, content: Content) -> str:
    """Return the title of a published board; its figures bring their own filters and days."""
    if content.choice != Choice() or content.criteria != SalesCriteria():
        raise InvalidReport(
            "a board brings its own filters and takes no choice", field=["input", "content"]
        )
    return (await _published(work, _id(content))).title


async def make(ask: Ask) -> Made:
    """Return the latest published version, its figures as they are now."""
    version = await _published(ask.work, _id(ask.content))
    sections = [await _section(ask.work, block) for block in version.blocks]
    about = f"Published {version.published_at:%d %B %Y} as version {version.number}."
    return Made(version.title, sections, about=about, as_of=ask.work.now)


async def entries(work: Work) -> Sequence[Entry]:
    """Return the published boards that the principal finds."""
    page = await service.list_boards(
        work,
        service.BoardCriteria(is_published=True),
        service.BoardOrder.TITLE,
        descending=False,
        first=MOST_LISTED,
        after=None,
    )
    return [
        Entry(ContentName.BOARD, str(one.id), one.title, "A published board.", has_filter=False)
        for _, one in page.rows
    ]


async def _section(work: Work, block: Block) -> Section:
    try:
        return await _figures(work, block) if block.is_figures else _words(block)
    except MissingScope:
        return Words(block.title, (HIDDEN,))


async def _figures(work: Work, block: Block) -> Section:
    if block.pivot is not None:
        return grid_of_pivot(block.title, await answering.answer(work, block.pivot))
    assert block.analysis is not None, "a block of figures has a pivot or an analysis"
    criteria = block.sales(answering.today_of(work))
    found = await analyses.analyse(work, block.analysis, criteria, block.choice)
    chosen = found.preset.options.resolve(block.choice)
    page = addresses.analysis_page(block.analysis, criteria, block.choice)
    chart = chart_of(found.table, chosen.measure)
    return grid_of(block.title, found.table, chart=chart, page=page)


def _words(block: Block) -> Words:
    return Words(block.title, paragraphs_of(block.words))


async def _published(work: Work, board_id: UUID) -> service.Version:
    board = await service.find(work, board_id)
    (versions,) = await service.versions_of(work, [board_id])
    if board.published_number is None or not versions:
        raise NothingPublished(
            "publish it first", field=["input", "content", "name"], value=str(board_id)
        )
    return versions[0]


def _id(content: Content) -> UUID:
    found = known_id(content.name)
    if found is None:
        raise BoardNotFound(
            "no such board", field=["input", "content", "name"], value=content.name[:60]
        )
    return found


KIND = ContentKind(ContentName.BOARD, check, make, entries)
