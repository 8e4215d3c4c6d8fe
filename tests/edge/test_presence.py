"""Answers of an RFID reader become appear, present and leave."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from edge_agent.clock import Stamp
from edge_agent.presence import MAX_TAGS, Presence, ReportMode, TagField, TagSettings
from edge_agent.protocols import TagSeen

EPC, OTHER = b"\x30" + bytes(11), b"\x31" + bytes(11)
CAME, THERE, LEFT = Presence.APPEARED, Presence.PRESENT, Presence.LEFT


def at(ms: int, *, wall_ms: int | None = None) -> Stamp:
    return Stamp("boot", 1_700_000_000_000 + ms if wall_ms is None else wall_ms, ms)


def see(field: TagField, ms: int, *, epc: bytes = EPC, point: str = "dock", **details):
    return field.see(TagSeen(epc, **details), point, at(ms))


def kinds(sightings):
    return [sighting.presence for sighting in sightings]


def test_a_tag_appears_once_however_often_it_is_answered():
    field = TagField()

    sightings = [one for ms in range(0, 4000, 10) for one in see(field, ms)]

    assert kinds(sightings) == [CAME]


def test_a_tag_unseen_for_the_window_has_left_at_the_time_it_was_last_seen():
    field = TagField(TagSettings(leave_ms=500))
    see(field, 0)
    see(field, 100)

    assert field.tick(at(599)) == []
    (left,) = field.tick(at(600))

    assert (left.presence, left.last_seen, left.first_seen) == (LEFT, at(100), at(0))
    assert len(field) == 0


def test_a_tag_that_comes_back_appears_again():
    field = TagField(TagSettings(leave_ms=500))
    see(field, 0)

    assert kinds(see(field, 700)) == [LEFT, CAME]


def test_a_pause_shorter_than_the_window_is_smoothed_away():
    field = TagField(TagSettings(leave_ms=500))
    see(field, 0)

    assert see(field, 499) == []


def test_count_and_peak_are_those_since_the_report_before():
    field = TagField(TagSettings(leave_ms=500))
    see(field, 0, rssi=-70, antenna=1)
    see(field, 10, rssi=-40, antenna=2, count=3)
    see(field, 20, rssi=-60, antenna=3)

    (left,) = field.tick(at(1000))

    assert (left.count, left.rssi, left.antenna) == (4, -40, 2)


def test_a_reader_without_dbm_tells_near_from_far_in_its_own_figure():
    field = TagField(TagSettings(leave_ms=500, min_rssi=50))
    assert see(field, 0, rssi_raw=49) == []
    see(field, 10, rssi_raw=60, antenna=1)
    see(field, 20, rssi_raw=90, antenna=2)

    (left,) = field.tick(at(1000))

    assert (left.rssi, left.antenna) == (None, 2)


def test_passers_by_do_not_appear_when_more_answers_are_asked_for():
    field = TagField(TagSettings(appear_count=3, appear_window_ms=100, leave_ms=10_000))

    assert [one for ms in (0, 50) for one in see(field, ms)] == []
    assert see(field, 200) == []
    assert see(field, 250) == []
    (came,) = see(field, 300)
    assert (came.presence, came.count, came.first_seen) == (CAME, 3, at(200))


def test_one_that_never_appeared_does_not_leave():
    field = TagField(TagSettings(appear_count=3, leave_ms=100))
    see(field, 0)

    assert field.tick(at(1000)) == []


def test_the_period_reports_what_is_still_there():
    field = TagField(TagSettings(ReportMode.PERIOD, period_ms=1000, leave_ms=5000))
    sightings = [one for ms in range(0, 3001, 100) for one in see(field, ms)]

    assert kinds(sightings) == [THERE, THERE, THERE]
    assert sum(one.count for one in sightings) == 30


def test_both_reports_changes_and_periods():
    field = TagField(TagSettings(ReportMode.BOTH, period_ms=1000, leave_ms=1500))
    sightings = [one for ms in range(0, 2001, 100) for one in see(field, ms)]
    sightings += field.tick(at(5000))

    assert kinds(sightings) == [CAME, THERE, THERE, LEFT]


def test_a_tag_that_left_within_a_period_is_still_counted_by_it():
    field = TagField(TagSettings(ReportMode.PERIOD, period_ms=60_000, leave_ms=100))
    see(field, 0)

    assert kinds(field.tick(at(200))) == [THERE]


def test_tags_and_read_points_are_kept_apart():
    field = TagField()

    assert kinds(see(field, 0) + see(field, 0, epc=OTHER) + see(field, 0, point="exit")) == [
        CAME, CAME, CAME,
    ]  # fmt: skip


def test_setting_the_wall_clock_makes_no_tag_leave():
    field = TagField(TagSettings(leave_ms=500))
    see(field, 0)

    assert field.see(TagSeen(EPC), "dock", at(100, wall_ms=2_000_000_000_000)) == []
    assert field.tick(at(200, wall_ms=0)) == []


def test_no_tag_leaves_because_its_reader_was_away():
    field = TagField(TagSettings(leave_ms=500))
    see(field, 0)

    field.resume(at(60_000))

    assert field.tick(at(60_100)) == []
    assert kinds(field.tick(at(60_500))) == [LEFT]


def test_the_field_says_when_it_has_to_be_looked_at():
    field = TagField(TagSettings(leave_ms=500))
    assert field.due_ms(at(0)) is None

    see(field, 0)

    assert field.due_ms(at(100)) == 400
    assert field.due_ms(at(900)) == 0


def test_what_was_seen_since_the_last_report_is_told_at_the_end():
    field = TagField()
    see(field, 0)
    see(field, 10)

    (last,) = field.close(at(20))

    assert (last.presence, last.count) == (THERE, 1)
    assert field.close(at(30)) == []


def test_an_appearance_that_was_not_stored_is_told_again():
    field = TagField()
    see(field, 0)

    field.forget(EPC, "dock")

    assert kinds(see(field, 10)) == [CAME]


def test_no_reader_can_fill_the_memory():
    field = TagField()

    sightings = [s for n in range(MAX_TAGS + 5) for s in see(field, 0, epc=n.to_bytes(12, "big"))]

    assert len(field) == MAX_TAGS
    assert kinds(sightings).count(LEFT) == 5


@given(
    answers=st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from([EPC, OTHER]), st.integers(1, 5)),
        max_size=60,
    ),
    report=st.sampled_from(list(ReportMode)),
)
@pytest.mark.parametrize("leave_ms", [50, 500])
def test_no_answer_is_lost_or_counted_twice(leave_ms, answers, report):
    field = TagField(TagSettings(report, period_ms=300, leave_ms=leave_ms))
    now, told = 0, []

    for pause, epc, count in answers:
        now += pause
        told += see(field, now, epc=epc, count=count)
        told += field.tick(at(now))
    told += field.close(at(now))

    assert sum(one.count for one in told) == sum(count for _, _, count in answers)
    assert all(one.first_seen.mono_ms <= one.last_seen.mono_ms for one in told)
