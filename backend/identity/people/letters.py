"""What people are sent: the links by which they choose a password."""

import logging
from typing import Final

from backend.core.settings import BackendSettings
from backend.identity.people.links import address_of
from backend.identity.people.rules import Link, LinkKind
from backend.infra.mail import MailUnreachable, mailer

log = logging.getLogger(__name__)

_SUBJECTS: Final = {
    LinkKind.INVITATION: "Your invitation to Shelfcast",
    LinkKind.PASSWORD_RESET: "Choose a new password for Shelfcast",
}
_OPENINGS: Final = {
    LinkKind.INVITATION: "you were invited to Shelfcast. To accept, choose a password here:",
    LinkKind.PASSWORD_RESET: "to choose a new password for Shelfcast, open this:",
}
_BODY: Final = """Hello {name},

{opening}

{url}

The link works once, until {until:%d %B %Y, %H:%M} UTC. If you did not expect this message, do
nothing: without the link nobody can use it.
"""


class Letters:
    """Sends links, or gives them back where no mail server is set. One per process."""

    def __init__(self, settings: BackendSettings) -> None:
        self._origin = settings.origin
        self._mailer = mailer(settings)

    @property
    def are_sent(self) -> bool:
        """Tell whether a mail server is set."""
        return self._mailer is not None

    async def deliver(self, link: Link) -> str | None:
        """Send a link; return its URL where it was not sent, to be handed over otherwise."""
        url = address_of(self._origin, link)
        if self._mailer is None:
            return url
        body = _BODY.format(
            name=link.name, opening=_OPENINGS[link.kind], url=url, until=link.expires_at
        )
        try:
            await self._mailer.send(link.email, _SUBJECTS[link.kind], body)
        except MailUnreachable:
            log.warning("a link for user %s was not sent", link.user_id)
            return url
        return None
