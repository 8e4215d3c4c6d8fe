"""What other domains know of a customer: an id and a segment."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CustomerRef:
    """A customer as it stands in sales and events; `segment` None where nobody said."""

    id: UUID
    segment: str | None
