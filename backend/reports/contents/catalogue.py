"""All kinds of content, by their name. Another kind is another line here."""

from typing import Final

from backend.reports.contents import analyses, boards, lines, pages, pivots
from backend.reports.contents.kind import ContentKind, ContentName
from backend.reports.errors import InvalidReport

KINDS: Final[dict[ContentName, ContentKind]] = {
    one.kind: one for one in (pages.KIND, analyses.KIND, lines.KIND, pivots.KIND, boards.KIND)
}


def kind_of(name: ContentName) -> ContentKind:
    """Return a kind of content.

    Raises:
        InvalidReport: nothing of the kind can be reported here.
    """
    if name not in KINDS:
        raise InvalidReport(
            "nothing of this kind can be reported", field=["input", "content", "kind"], value=name
        )
    return KINDS[name]
