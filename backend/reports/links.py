"""Links to files that work for a while without signing in. Pure, given a key."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from backend.reports.errors import InvalidLink
from backend.reports.rules import ReportFormat

PURPOSE: Final = "links to reports"
PATH: Final = "/api/reports/files"
IN_MAIL: Final = timedelta(days=14)
"""How long a link in a mail or webhook works."""
ON_PAGE: Final = timedelta(minutes=15)
"""How long a link works that is asked for to be used at once."""
_FORMATS: Final = tuple(ReportFormat)
_SEALED: Final = 16 + 16 + 1 + 8
_SEAL: Final = 24


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is for."""

    org_id: UUID
    run_id: UUID
    form: ReportFormat
    expires_at: datetime


def sealed(key: bytes, link: Link) -> str:
    """Return the last part of the link's address."""
    moment = int(link.expires_at.timestamp())
    body = link.org_id.bytes + link.run_id.bytes + bytes([_FORMATS.index(link.form)])
    body += moment.to_bytes(8)
    return urlsafe_b64encode(body + _seal(key, body)).decode().rstrip("=")


def opened(key: bytes, text: str, now: datetime) -> Link:
    """Return what a link is for.

    Raises:
        InvalidLink: not ours, or expired.
    """
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as exc:
        raise InvalidLink("this link is not one of ours") from exc
    body, seal = raw[:_SEALED], raw[_SEALED:]
    if len(raw) != _SEALED + _SEAL or not hmac.compare_digest(seal, _seal(key, body)):
        raise InvalidLink("this link is not one of ours")
    link = Link(
        UUID(bytes=body[:16]),
        UUID(bytes=body[16:32]),
        _FORMATS[body[32]],
        datetime.fromtimestamp(int.from_bytes(body[33:]), UTC),
    )
    if link.expires_at <= now:
        raise InvalidLink("this link has expired: sign in, or ask for the report again")
    return link


def _seal(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, sha256)[:_SEAL]
