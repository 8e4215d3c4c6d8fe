"""Lists of agents and of the codes that let them in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import Q

from backend.fleet.models import Agent, EnrolmentCode
from backend.fleet.rules import AgentState, AgentTrouble
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work
from backend.locations import service as locations


class AgentOrder(StrEnum):
    """By what agents are sorted."""

    NAME = "NAME"
    """By name."""
    ENROLLED_AT = "ENROLLED_AT"
    """By when they were let in."""
    UPDATED_AT = "UPDATED_AT"
    """By when something last changed that a person would see."""


_ORDERS: Final = {
    AgentOrder.NAME: (("name", "id"), (str, UUID)),
    AgentOrder.ENROLLED_AT: (("enrolled_at", "id"), (datetime, UUID)),
    AgentOrder.UPDATED_AT: (("updated_at", "id"), (datetime, UUID)),
}


class EnrolmentCodeOrder(StrEnum):
    """By what enrolment codes are sorted."""

    MADE_AT = "MADE_AT"
    """By when they were made."""
    EXPIRES_AT = "EXPIRES_AT"
    """By until when they can be used."""


_CODE_ORDERS: Final = {
    EnrolmentCodeOrder.MADE_AT: "made_at",
    EnrolmentCodeOrder.EXPIRES_AT: "expires_at",
}


@dataclass(frozen=True, slots=True)
class AgentCriteria:
    """Which agents; None does not limit. `text` is part of a name or of the machine's."""

    ids: tuple[UUID, ...] | None = None
    states: frozenset[AgentState] | None = None
    troubles: frozenset[AgentTrouble] | None = None
    locations: tuple[str, ...] | None = None
    text: str | None = None


async def list_agents(
    work: Work,
    criteria: AgentCriteria,
    order: AgentOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[Agent]:
    """Return a page of agents.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    query = Agent.filter(await _conditions(work, criteria))
    columns, types = _ORDERS[order]
    ordering = Ordering(f"agents-{order}", columns, types, descending)
    return await fetch_page(work, query, ordering, first, after)


async def list_codes(
    work: Work,
    places: Sequence[str] | None,
    order: EnrolmentCodeOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[EnrolmentCode]:
    """Return a page of enrolment codes; `places` are location codes, None does not limit.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    query = EnrolmentCode.all()
    if places is not None:
        query = query.filter(location__code__in=list(places))
    columns = (_CODE_ORDERS[order], "id")
    ordering = Ordering(f"enrolments-{order}", columns, (datetime, UUID), descending)
    return await fetch_page(work, query, ordering, first, after)


async def find_agents(work: Work, ids: Iterable[UUID]) -> dict[UUID, Agent]:
    """Return the agents with these ids; those that are not there, or not seen, are absent."""
    rows = await Agent.filter(id__in=list(ids)).using_db(work.tx)
    return {row.id: row for row in rows}


async def _conditions(work: Work, criteria: AgentCriteria) -> Q:
    chosen: dict[str, Any] = {}
    if criteria.ids is not None:
        chosen["id__in"] = list(criteria.ids)
    if criteria.states is not None:
        chosen["state__in"] = [state.value for state in criteria.states]
    if criteria.troubles is not None:
        chosen["troubles__overlap"] = [trouble.value for trouble in criteria.troubles]
    if criteria.locations is not None:
        places = await locations.resolve_locations(work, criteria.locations)
        chosen["location_ids__overlap"] = [place.id for place in places.values()]
    if criteria.text is None:
        return Q(**chosen)
    return Q(**chosen) & (Q(name__icontains=criteria.text) | Q(hostname__icontains=criteria.text))
