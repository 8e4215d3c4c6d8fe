"""When a device that sends garbage is left alone, and for how long."""

from __future__ import annotations

from edge_agent.hygiene import LONGEST_QUARANTINE_S, MAX_BYTES, MAX_PIECES, Hygiene


def test_a_device_that_stumbles_now_and_then_is_listened_to():
    hygiene = Hygiene()

    for _ in range(10 * MAX_PIECES):
        hygiene.note_garbage(20)
        hygiene.note_sound()

    assert not hygiene.is_too_much


def test_many_pieces_or_many_bytes_are_too_much():
    pieces, size = Hygiene(), Hygiene()

    for _ in range(MAX_PIECES):
        pieces.note_garbage(0)
    size.note_garbage(MAX_BYTES)

    assert pieces.is_too_much
    assert size.is_too_much


def test_a_quarantine_is_longer_each_time_until_something_sound_comes():
    hygiene = Hygiene()

    assert [hygiene.quarantine_s() for _ in range(3)] == [60, 120, 240]
    assert [hygiene.quarantine_s() for _ in range(30)][-1] == LONGEST_QUARANTINE_S
    hygiene.note_sound()
    assert hygiene.quarantine_s() == 60
