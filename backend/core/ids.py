"""Identifiers of rows and digests of keys."""

import uuid
from hashlib import blake2b

import msgspec
import uuid_utils

_ENCODER = msgspec.json.Encoder(order="sorted", decimal_format="string")


def new_id() -> uuid.UUID:
    """Return a UUIDv7: unique, and in the order of its making within this process."""
    return uuid.UUID(int=uuid_utils.uuid7().int)


def key_digest(key: str) -> uuid.UUID:
    """Return 128 bits that stand for a client's key.

    A key that is a UUID stands for itself, so that time-ordered keys stay close together in the
    index.
    """
    if len(key) == 36:
        try:
            return uuid.UUID(key)
        except ValueError:
            pass
    return uuid.UUID(bytes=blake2b(key.encode(), digest_size=16).digest())


def content_digest(content: object) -> uuid.UUID:
    """Return 128 bits that are equal for equal content: order of mapping keys does not matter."""
    return uuid.UUID(bytes=blake2b(_ENCODER.encode(content), digest_size=16).digest())
