"""Mail through the server that SHELFCAST_SMTP_URL names."""

import logging
from email.message import EmailMessage
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from backend.core.errors import Invalid, Unreachable
from backend.core.settings import BackendSettings

log = logging.getLogger(__name__)

_TIMEOUT: Final = 15.0
_PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class InvalidMailUrl(Invalid):
    """SHELFCAST_SMTP_URL cannot be read."""

    code = "INVALID_SMTP_URL"


class MailUnreachable(Unreachable):
    """The mail server does not take the message; it may do so later."""

    code = "MAIL_UNAVAILABLE"


class MailRefused(MailUnreachable):
    """The mail server refuses the message for good: no such address, or too large."""

    code = "MAIL_REFUSED"


class Mailer:
    """Sends messages through one server, a connection for each."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            schemes = ", ".join(f"{scheme}://" for scheme in _PORTS)
            raise InvalidMailUrl(
                f"SHELFCAST_SMTP_URL begins with one of {schemes} and names a host"
            )
        self._sender = sender
        self._scheme = parts.scheme
        self._host = parts.hostname
        self._port = parts.port or _PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, recipient: str, subject: str, body: str) -> None:
        """Send one message; `body` is text.

        Raises:
            MailUnreachable: the server cannot be reached, or refuses it.
        """
        message = EmailMessage()
        message["To"] = recipient
        message["Subject"] = subject
        message.set_content(body)
        await self.post(message)

    async def post(self, message: EmailMessage) -> None:
        """Send a message that lacks nothing but its sender.

        Raises:
            MailRefused: the server refuses it for good.
            MailUnreachable: the server cannot be reached, or refuses it for now.
        """
        message["From"] = self._sender
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._scheme == "smtps",
                # True insists; None would take plain text where a man in the middle says so.
                start_tls=self._scheme == "smtp+starttls",
                timeout=_TIMEOUT,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as exc:
            log.warning("the mail server took no message: %s", exc)
            if _is_final(exc):
                raise MailRefused("the mail server refuses this message") from exc
            raise MailUnreachable("the mail server took no message; try again") from exc


def _is_final(exc: Exception) -> bool:
    """Tell whether the server answered 5xx to the message itself, not to who we are."""
    if isinstance(exc, aiosmtplib.SMTPAuthenticationError):
        return False
    if isinstance(exc, aiosmtplib.SMTPRecipientsRefused):
        return all(one.code >= 500 for one in exc.recipients)
    return isinstance(exc, aiosmtplib.SMTPResponseException) and exc.code >= 500


def mailer(settings: BackendSettings) -> Mailer | None:
    """Return what sends mail, None where no server is set.

    Raises:
        InvalidMailUrl: the setting cannot be read.
    """
    if settings.smtp_url is None:
        return None
    return Mailer(settings.smtp_url.get_secret_value(), settings.mail_from)
