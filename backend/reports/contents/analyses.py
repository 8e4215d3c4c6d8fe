"""Reports of one analysis: its table, drawn where it can be, and the summary in words."""

from collections.abc import Sequence

from backend.analytics.presets import service
from backend.analytics.presets.catalogue import PRESETS
from backend.analytics.presets.graphql import QUESTIONS
from backend.analytics.presets.names import AnalysisName
from backend.infra.work import Work
from backend.reports import addresses
from backend.reports.contents.charts import chart_of
from backend.reports.contents.kind import Ask, Content, ContentKind, ContentName, Entry, Made
from backend.reports.documents import grid_of
from backend.reports.errors import InvalidReport


def analysis_named(name: str) -> AnalysisName:
    """Return the analysis of that name.

    Raises:
        InvalidReport: there is none.
    """
    if name not in AnalysisName.__members__:
        raise InvalidReport(
            "no analysis has that name", field=["input", "content", "name"], value=name[:60]
        )
    return AnalysisName(name)


async def check(work: Work, content: Content) -> str:
    """Return the title of an analysis; what it needs is checked like its choices."""
    preset = PRESETS[analysis_named(content.name)]
    for scope in sorted(preset.scopes):
        work.principal.require(scope)
    preset.options.resolve(content.choice)
    return preset.title


async def make(ask: Ask) -> Made:
    """Answer the analysis."""
    content = ask.content
    name = analysis_named(content.name)
    found = await service.analyse(ask.work, name, content.criteria, content.choice)
    page = addresses.analysis_page(name, content.criteria, content.choice)
    chosen = found.preset.options.resolve(content.choice)
    grid = grid_of(
        found.preset.title, found.table, chart=chart_of(found.table, chosen.measure), page=page
    )
    covers = found.covers
    return Made(
        title=found.preset.title,
        sections=[grid],
        first=covers.first,
        last=covers.last,
        is_partial=covers.is_partial,
        as_of=found.as_of,
    )


async def entries(work: Work) -> Sequence[Entry]:
    """Return all analyses that the principal may ask for."""
    return [
        Entry(ContentName.ANALYSIS, one.name.value, one.title, QUESTIONS[one.name])
        for one in PRESETS.values()
        if all(work.principal.has(scope) for scope in one.scopes)
    ]


KIND = ContentKind(ContentName.ANALYSIS, check, make, entries)
