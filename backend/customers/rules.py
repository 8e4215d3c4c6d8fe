"""What is known of a customer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from backend.core.patches import chosen
from backend.core.places import optional_text
from backend.core.texts import code_text


@dataclass(frozen=True, slots=True)
class CustomerRef:
    """A customer as it stands in sales and events; `segment` None where nobody said."""

    id: UUID
    segment: str | None


class Personal(msgspec.Struct, frozen=True):
    """What names a person; None is not known. Kept encrypted only."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None


NOBODY = Personal()


@dataclass(frozen=True, slots=True)
class CustomerDetail:
    """A customer without what names a person."""

    ref: CustomerRef
    created_at: datetime
    updated_at: datetime


class CustomerDraft(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A customer as sent; UNSET leaves a field as it is, None clears it."""

    reference: str
    segment: str | UnsetType | None = UNSET
    name: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    address: str | UnsetType | None = UNSET


def read_customer(draft: CustomerDraft, path: list[str]) -> CustomerDraft:
    """Return the draft with every value in the form in which it is kept.

    Raises:
        InvalidCode, InvalidText: what is wrong first.
    """
    return msgspec.structs.replace(
        draft,
        reference=code_text(draft.reference, [*path, "reference"]),
        segment=optional_text(draft.segment, [*path, "segment"]),
        name=optional_text(draft.name, [*path, "name"]),
        email=optional_text(draft.email, [*path, "email"]),
        phone=optional_text(draft.phone, [*path, "phone"]),
        address=optional_text(draft.address, [*path, "address"]),
    )


def merged_personal(draft: CustomerDraft, before: Personal) -> Personal:
    """Return what a draft makes of what was known of a person."""
    return Personal(
        chosen(draft.name, before.name),
        chosen(draft.email, before.email),
        chosen(draft.phone, before.phone),
        chosen(draft.address, before.address),
    )
