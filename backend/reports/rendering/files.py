"""The file of a document in each format."""

from collections.abc import Callable
from typing import Final

from backend.reports.documents import Document
from backend.reports.rendering import html, pdf, separated, xlsx
from backend.reports.rules import ReportFormat

MEDIA_TYPES: Final = {
    ReportFormat.HTML: "text/html; charset=utf-8",
    ReportFormat.PDF: "application/pdf",
    ReportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ReportFormat.CSV: "text/csv; charset=utf-8",
    ReportFormat.PNG: "image/png",
}
_DRAWING: Final[dict[ReportFormat, Callable[[Document], bytes]]] = {
    ReportFormat.HTML: html.page,
    ReportFormat.PDF: pdf.pages,
    ReportFormat.XLSX: xlsx.workbook,
    ReportFormat.CSV: separated.rows,
    ReportFormat.PNG: pdf.picture,
}


def draw(document: Document, form: ReportFormat) -> bytes:
    """Return the file. It takes a processor for a while: call it on a thread."""
    return _DRAWING[form](document)


def file_name(title: str, day: str, form: ReportFormat) -> str:
    """Return what a file is called: letters, digits and dashes only."""
    plain = "".join(one if one.isascii() and one.isalnum() else "-" for one in title.lower())
    name = "-".join(part for part in plain.split("-") if part)[:60] or "report"
    return f"{name}-{day}.{form.value.lower()}"
