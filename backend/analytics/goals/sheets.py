"""Plans as tables of text."""

from backend.analytics.goals.errors import UnreadablePlan
from backend.imports import sheets
from backend.imports.errors import UnreadableFile
from backend.imports.sheets import MOST_LINES, Sheet


def read_sheet(content: bytes) -> Sheet:
    """Return the table a file holds, its cells trimmed, empty ones left out.

    Raises:
        UnreadablePlan: too large, empty or no table.
    """
    try:
        return sheets.read_sheet(content)
    except UnreadableFile as exc:
        raise UnreadablePlan(exc.message, field=["input", "content"], **exc.details) from exc


__all__ = ["MOST_LINES", "Sheet", "read_sheet"]
