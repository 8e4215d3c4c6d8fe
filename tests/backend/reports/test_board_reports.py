"""A published board as a report, and Markdown as the paragraphs of one."""

import pytest

from backend.analytics.presets.choices import Choice
from backend.analytics.presets.names import AnalysisName
from backend.analytics.rules import SalesDimension as D
from backend.core.scopes import Scope
from backend.reports.boards import service
from backend.reports.boards.errors import NothingPublished
from backend.reports.boards.rules import Block, BlockKind, Draft
from backend.reports.boards.words import paragraphs_of
from backend.reports.contents.catalogue import kind_of
from backend.reports.contents.kind import Ask, Content, ContentName
from backend.reports.documents import Grid, Words
from backend.reports.pivots.periods import Period
from backend.reports.pivots.rules import PivotDefinition, PivotMeasure
from backend.sales.filters import SalesCriteria
from tests.backend.analytics import brute
from tests.world import principal_with

BLOCKS = (
    Block(BlockKind.SUMMARY, "What happened", "Sales **rose**.\n\n- in [Ohio](https://x.example)"),
    Block(
        BlockKind.ANALYSIS,
        "By category",
        analysis=AnalysisName.SALES_BY_CATEGORY,
        period=Period.ALL_TIME,
    ),
    Block(
        BlockKind.PIVOT,
        "Profit",
        pivot=PivotDefinition(
            (D.CATEGORY,), measures=(PivotMeasure.PROFIT,), period=Period.ALL_TIME
        ),
    ),
)


@pytest.fixture
async def board(database, principal):
    async with database.work(principal) as work:
        return await service.save(work, Draft("Week 12", BLOCKS))


async def made(database, principal, board_id):
    content = Content(ContentName.BOARD, str(board_id), SalesCriteria(), Choice())
    async with database.work(principal, read_only=True) as work:
        return await kind_of(ContentName.BOARD).make(Ask(work, content, "https://shop.example"))


async def test_a_report_has_the_words_and_figures_of_the_board(
    database, principal, board, owner_url, org_id
):
    await brute.fill(owner_url, org_id, sales=20)
    async with database.work(principal) as work:
        await service.publish(work, board.id, board.version)

    found = await made(database, principal, board.id)

    words, analysis, pivot = found.sections
    assert words == Words("What happened", ("Sales rose.", "• in Ohio"))
    assert isinstance(analysis, Grid)
    assert analysis.rows
    assert isinstance(pivot, Grid)
    assert pivot.totals
    assert pivot.totals[0] == "Total"
    assert found.title == "Week 12"


async def test_who_may_not_know_profit_reads_that_instead(
    database, principal, board, owner_url, org_id
):
    await brute.fill(owner_url, org_id, sales=20)
    async with database.work(principal) as work:
        await service.publish(work, board.id, board.version)
    reader = principal_with(org_id, Scope.SALES_READ, Scope.REPORTS_READ)

    found = await made(database, reader, board.id)

    assert isinstance(found.sections[1], Grid)
    assert isinstance(found.sections[2], Words)


async def test_a_draft_cannot_be_reported(database, principal, board):
    with pytest.raises(NothingPublished):
        await made(database, principal, board.id)


@pytest.mark.parametrize(
    ("markdown", "paragraphs"),
    [
        ("One\ntwo\n\nthree", ("One two", "three")),
        ("# Head\nText", ("Head", "Text")),
        ("- a\n- *b*\n1. c", ("• a", "• b", "1. c")),
        ("<script>x</script>", ("<script>x</script>",)),
        ("2 * 3 * 4", ("2 * 3 * 4",)),
        ("", ()),
    ],
)
def test_markdown_becomes_paragraphs(markdown, paragraphs):
    assert paragraphs_of(markdown) == paragraphs
