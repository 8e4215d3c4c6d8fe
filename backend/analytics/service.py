"""Verbs of analytics."""

from typing import Any

from backend.analytics import queries, statements
from backend.analytics.errors import TooManyGroups
from backend.analytics.rules import (
    MOST_GROUPS,
    SECRET_ORDERS,
    Group,
    Key,
    Measures,
    Question,
    Summary,
)
from backend.core.scopes import Scope
from backend.infra.work import Work
from backend.sales.filters import SalesCriteria


async def summarise(work: Work, question: Question, criteria: SalesCriteria) -> Summary:
    """Answer a question about the sales that meet the criteria, as of this unit of work.

    Raises:
        TooManyGroups: more rows than an answer may have.
        SummaryTooSlow: it takes longer than one statement may.
        MissingScope: sorted by cost or profit by one who may not know them.
    """
    if question.order in SECRET_ORDERS:
        work.principal.require(Scope.ANALYTICS_READ)
    text, values = statements.summary(question, criteria, work.principal)
    rows = await queries.run(work, text, values)
    if len(rows) > MOST_GROUPS:
        raise TooManyGroups(
            f"more than {MOST_GROUPS} rows: group by less, filter, or ask for the top",
            field=["groupBy"],
            limit=MOST_GROUPS,
        )
    groups = tuple(_group(question, row) for row in rows if row["is_group"])
    return Summary(work.now, groups, _measures(rows[0], "total_"))


def _group(question: Question, row: dict[str, Any]) -> Group:
    keys = tuple(
        Key(dimension, row[f"id{n}"], row[f"label{n}"])
        for n, dimension in enumerate(question.group_by)
    )
    return Group(keys, _measures(row, ""))


def _measures(row: dict[str, Any], prefix: str) -> Measures:
    return Measures(*(row[prefix + name] for name in statements.MEASURES))
