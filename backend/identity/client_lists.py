"""Lists of OAuth clients."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.identity.models import Client
from backend.identity.rules import ClientDetails, ClientKind, ClientTraits
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work


class ClientOrder(StrEnum):
    """By what clients are sorted."""

    NAME = "NAME"
    """By name."""
    CREATED_AT = "CREATED_AT"
    """By when they were made."""


_ORDERS: Final = {
    ClientOrder.NAME: (("name", "id"), (str, UUID)),
    ClientOrder.CREATED_AT: (("created_at", "id"), (datetime, UUID)),
}


@dataclass(frozen=True, slots=True)
class ClientCriteria:
    """Which clients; None does not limit. `text` is part of a name."""

    is_revoked: bool | None = None
    text: str | None = None


async def page_of_clients(
    work: Work,
    criteria: ClientCriteria,
    by: ClientOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[Client]:
    """Return a page of clients."""
    query = Client.all()
    if criteria.is_revoked is not None:
        query = query.filter(revoked_at__isnull=not criteria.is_revoked)
    if criteria.text is not None:
        query = query.filter(name__icontains=criteria.text)
    columns, types = _ORDERS[by]
    ordering = Ordering(f"clients {by}", columns, types, descending)
    return await fetch_page(work, query, ordering, first, after)


def details_of(client: Client) -> ClientDetails:
    """Return what an administrator sees of a stored client."""
    return ClientDetails(
        client_id=client.client_id,
        name=client.name,
        scopes=tuple(Scope(scope) for scope in client.scopes),
        location_ids=None if client.location_ids is None else tuple(client.location_ids),
        traits=ClientTraits(
            kind=ClientKind(client.kind),
            redirect_uris=tuple(client.redirect_uris),
            jwks=client.jwks,
            is_first_party=client.is_first_party,
            role=None if client.role is None else Role(client.role),
            distributor_id=client.distributor_id,
            channel=client.channel,
        ),
        created_at=client.created_at,
        last_used_at=client.last_used_at,
        revoked_at=client.revoked_at,
    )
