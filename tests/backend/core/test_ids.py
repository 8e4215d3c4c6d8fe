"""Identifiers are ordered, digests say what is equal."""

import uuid
from decimal import Decimal

from hypothesis import given, strategies as st

from backend.core.ids import content_digest, key_digest, new_id


def test_ids_are_uuids_of_version_seven_in_the_order_of_their_making():
    ids = [new_id() for _ in range(1000)]

    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert all(isinstance(one, uuid.UUID) and one.version == 7 for one in ids)


@given(st.uuids())
def test_a_key_that_is_a_uuid_stands_for_itself(key):
    assert key_digest(str(key)) == key.bytes


@given(st.text(min_size=1, max_size=50), st.text(min_size=1, max_size=50))
def test_other_keys_have_different_digests(one, other):
    assert (key_digest(one) == key_digest(other)) == (one == other)
    assert len(key_digest(one)) == 16


def test_36_characters_are_not_always_a_uuid():
    assert len(key_digest("x" * 36)) == 16


def test_equal_content_has_equal_digests_whatever_its_order():
    assert content_digest({"a": Decimal("1.0"), "b": 2}) == content_digest(
        {"b": 2, "a": Decimal("1.0")}
    )
    assert content_digest({"a": 1}) != content_digest({"a": 2})
