"""What a report says, in the schema: sentences with the figures they cite."""

from typing import Self

from strawberry.scalars import JSON

from backend.analytics.presets.table import ColumnKind
from backend.core.scopes import Scope
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.reports import documents


@seen_with(Scope.REPORTS_READ)
@object_type
class ReportSource:
    """Where a figure can be seen."""

    query: str
    """The root field that answers with it."""
    variables: JSON
    """Its arguments."""
    path: list[str]
    """Which object of the answer: `totals`, or `rows` and the id of a row's key."""
    formula: str
    """How it is made of the fields there; `before.` are those of the same with `against`."""
    against: JSON | None
    """The filter it is compared with."""
    page: str
    """Path and query of the page of the dashboard that shows it."""

    @classmethod
    def of(cls, source: documents.Source) -> Self:
        """Return a source as clients see it."""
        return cls(
            query=source.query,
            variables=JSON(source.variables),
            path=list(source.path),
            formula=source.formula,
            against=None if source.against is None else JSON(source.against),
            page=source.page,
        )


@seen_with(Scope.REPORTS_READ)
@object_type
class ReportFigure:
    """A figure that a sentence cites."""

    label: str
    """What it is."""
    shown: str
    """How the sentence writes it."""
    value: str | None
    """The exact decimal."""
    kind: ColumnKind
    """What it counts."""
    source: ReportSource
    """Where it can be seen."""

    @classmethod
    def of(cls, figure: documents.Figure) -> Self:
        """Return a figure as clients see it."""
        return cls(
            label=figure.label,
            shown=figure.shown,
            value=figure.value,
            kind=figure.kind,
            source=ReportSource.of(figure.source),
        )


@seen_with(Scope.REPORTS_READ)
@object_type
class ReportSentence:
    """A sentence whose every number is one of its figures."""

    text: str
    """The sentence."""
    figures: list[ReportFigure]
    """The figures it cites."""


@seen_with(Scope.REPORTS_READ)
@object_type
class ReportSummarySection:
    """A part of the summary: what changed, why, or what to look at."""

    title: str
    """Its heading."""
    sentences: list[ReportSentence]
    """Its sentences."""

    @classmethod
    def of(cls, heading: documents.Heading) -> Self:
        """Return a part of the summary as clients see it."""
        said = [
            ReportSentence(text=one.text, figures=list(map(ReportFigure.of, one.figures)))
            for one in heading.sentences
        ]
        return cls(title=heading.title, sentences=said)
