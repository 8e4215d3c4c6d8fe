"""Cursors are opaque to clients and exact to us."""

import pytest
from hypothesis import given, strategies as st

from backend.core.cursors import (
    FeedPosition,
    InvalidCursor,
    list_cursor,
    parse_feed_position,
    parse_list_cursor,
)

positions = st.builds(
    FeedPosition,
    epoch=st.from_regex(r"[0-9a-f]{10}", fullmatch=True),
    seq=st.integers(0, 2**62),
    item=st.integers(-1, 499),
    snapshot=st.none() | st.text(st.characters(codec="utf-8"), max_size=40),
)


@given(positions)
def test_a_feed_cursor_reads_as_it_was_written(position):
    assert parse_feed_position(str(position)) == position


@pytest.mark.parametrize(
    "text",
    ["", "f1", "f1.a", "f2.a.1", "f1.a.x", "f1.a.1.2.s.x", "f1.a.1.s%%%", "x" * 500, "f1.a.1.s_w"],
)
def test_anything_else_is_no_feed_cursor(text):
    with pytest.raises(InvalidCursor) as caught:
        parse_feed_position(text)

    assert caught.value.field == ["after"]


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=30), max_size=4))
def test_a_list_cursor_reads_as_it_was_written(values):
    assert parse_list_cursor(list_cursor("by-name", values), "by-name") == values


@pytest.mark.parametrize(
    "text", ["", "l1.", "l1.!!!!", "l1.eA", "l2.W10", "l1.W10", "l1." + "A" * 3000]
)
def test_anything_else_is_no_list_cursor(text):
    with pytest.raises(InvalidCursor):
        parse_list_cursor(text, "by-name")


def test_a_cursor_belongs_to_one_sorting():
    with pytest.raises(InvalidCursor):
        parse_list_cursor(list_cursor("by-name", ["x"]), "by-age")
