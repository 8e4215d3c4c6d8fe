import random
from datetime import date, timedelta
from itertools import pairwise

import pytest

from backend.analytics.rollups.covering import Segment, cover
from backend.analytics.rollups.grains import Span, kept_spans

D = date


@pytest.mark.parametrize("finest", list(Span))
def test_a_range_is_cut_into_pieces_that_follow_one_another(finest):
    dice = random.Random(finest)
    for _ in range(300):
        first = D(2022, 1, 1) + timedelta(days=dice.randrange(900))
        last = first + timedelta(days=dice.randrange(900))
        coarsest = Span(dice.randint(finest, Span.YEAR))

        pieces = cover(first, last, finest, coarsest)

        assert (pieces[0].first, pieces[-1].last) == (first, last)
        ends = pairwise(pieces)
        assert all(_follows(one.last, other.first) for one, other in ends)
        assert {one.span for one in pieces} <= {None, *kept_spans(finest)}
        assert all(_is_whole(one) for one in pieces)


def test_days_that_no_cell_covers_are_left_to_facts():
    pieces = cover(D(2023, 11, 9), D(2025, 2, 25), Span.THIRD, Span.YEAR)

    assert pieces == (
        Segment(None, D(2023, 11, 9), D(2023, 11, 10)),
        Segment(Span.THIRD, D(2023, 11, 11), D(2023, 11, 30)),
        Segment(Span.MONTH, D(2023, 12, 1), D(2023, 12, 31)),
        Segment(Span.YEAR, D(2024, 1, 1), D(2024, 12, 31)),
        Segment(Span.MONTH, D(2025, 1, 1), D(2025, 1, 31)),
        Segment(Span.THIRD, D(2025, 2, 1), D(2025, 2, 20)),
        Segment(None, D(2025, 2, 21), D(2025, 2, 25)),
    )


def test_a_range_without_ends_is_of_the_coarsest_cells():
    assert cover(None, None, Span.DAY, Span.YEAR) == (Segment(Span.YEAR, None, None),)
    assert cover(D(2024, 3, 1), None, Span.MONTH, Span.YEAR) == (
        Segment(Span.MONTH, D(2024, 3, 1), D(2024, 12, 31)),
        Segment(Span.YEAR, D(2025, 1, 1), None),
    )


def _follows(last, first):
    return last + timedelta(days=1) == first


def _is_whole(one):
    starts = {Span.THIRD: {1, 11, 21}, Span.MONTH: {1}, Span.YEAR: {1}}.get(one.span)
    if starts is None:
        return True
    after = one.last + timedelta(days=1)
    years = one.span is not Span.YEAR or one.first.month == after.month == 1
    return years and one.first.day in starts and after.day in starts
