"""What is handed over of a report, however it goes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.reports import links
from backend.reports.documents import Document, Heading
from backend.reports.links import Link
from backend.reports.rendering.files import file_name
from backend.reports.rules import ReportFormat
from backend.reports.words import days


@dataclass(frozen=True, slots=True)
class Parcel:
    """A report that is made: what it says, and its files by format."""

    org_id: UUID
    run_id: UUID
    name: str
    document: Document
    files: dict[ReportFormat, dict[str, Any]]
    """Format → size and digest of its file."""
    origin: str
    """Where links lead to."""
    key: bytes
    """Seals the links."""
    now: datetime

    @property
    def subject(self) -> str:
        """What the report is called in a mailbox."""
        document = self.document
        said = f"{self.name}: {days(document.first, document.last)}"
        said = f"Restated: {said}" if document.restates else said
        return f"Sample: {said}" if document.is_sample else said

    @property
    def expires_at(self) -> datetime:
        """When its links stop working."""
        return self.now + links.IN_MAIL

    def file_name(self, form: ReportFormat) -> str:
        """Return what a file is called."""
        document = self.document
        day = document.last or document.as_of.date()
        return file_name(self.name, day.isoformat(), form)

    def address(self, form: ReportFormat) -> str:
        """Return the link to a file."""
        sealed = links.sealed(self.key, Link(self.org_id, self.run_id, form, self.expires_at))
        return f"{self.origin}{links.PATH}/{sealed}"

    def sentences(self) -> list[tuple[str, list[str]]]:
        """Return the headings of the summary, each with its sentences."""
        return [
            (one.title, [sentence.text for sentence in one.sentences])
            for one in self.document.sections
            if isinstance(one, Heading)
        ]
