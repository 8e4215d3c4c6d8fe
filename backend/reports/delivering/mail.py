"""A report as a mail: its summary as text, small files attached, links to all of them. Pure."""

from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from urllib.parse import urlsplit

from backend.reports.delivering.parcel import Parcel
from backend.reports.rendering.facts import facts
from backend.reports.rendering.files import MEDIA_TYPES
from backend.reports.rules import ReportFormat

MOST_ATTACHED: Final = 10_000_000
"""Bytes of all attachments; what does not fit is there by its link."""


def message_id(parcel: Parcel) -> str:
    """Return the same for every attempt at one report: a mail that comes twice is known by it."""
    host = urlsplit(parcel.origin).hostname or "localhost"
    return f"<report.{parcel.run_id}@{host}>"


def message(parcel: Parcel, recipient: str, contents: Mapping[ReportFormat, bytes]) -> EmailMessage:
    """Return the mail. `contents` are the files to attach, as far as there is room."""
    made = EmailMessage()
    made["To"] = recipient
    made["Subject"] = parcel.subject
    made["Date"] = format_datetime(parcel.now)
    made["Message-ID"] = message_id(parcel)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(body(parcel))
    room = MOST_ATTACHED
    for form, content in contents.items():
        if len(content) <= room:
            room -= len(content)
            kind, _, rest = MEDIA_TYPES[form].partition(";")[0].partition("/")
            made.add_attachment(
                content, maintype=kind, subtype=rest, filename=parcel.file_name(form)
            )
    return made


def body(parcel: Parcel) -> str:
    """Return the text: what it is about, the summary, where the files are."""
    document = parcel.document
    lines = [document.organisation, document.title, ", ".join(facts(document)), ""]
    if document.restates:
        lines += [document.restates, ""]
    for title, said in parcel.sentences():
        lines += [title, *(f"- {one}" for one in said), ""]
    until = f"{parcel.expires_at:%Y-%m-%d %H:%M} UTC"
    lines.append(f"Download (until {until}; keep the links to yourself):")
    lines += [f"{form.value}: {parcel.address(form)}" for form in parcel.files]
    return "\n".join([*lines, ""])
