"""What reads make of a piece, as a table, and that the order in which they come does not matter."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from backend.pieces.rules import (
    SAME_PURCHASE,
    Holding,
    Outcome,
    PieceState,
    ReadPointRole,
    Turn,
    anew,
    difference,
    in_order,
    is_misplaced,
    seen_at,
    state_of,
)

START = datetime(2026, 5, 1, 9, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)
SEEN, IN_STOCK, SOLD, LEFT = PieceState
PLACES = {"A": A, "B": B}
ROLES = {
    "in": ReadPointRole.RECEIVING,
    "till": ReadPointRole.CHECKOUT,
    "shelf": ReadPointRole.SHELF,
    "count": ReadPointRole.CYCLE_COUNT,
    "exit": ReadPointRole.EXIT,
}


def at(minutes):
    return START + timedelta(minutes=minutes)


def turn(number, word):
    """Return the turn of a word such as `till A`, made in the minute of its number."""
    role, place = word.split()
    return Turn(
        at=at(number),
        is_checkout=role == "till",
        key=str(number),
        read_id=UUID(int=100 + number),
        location_id=PLACES[place],
        device="d",
        sells=True,
    )


def read_all(*words):
    """Return state, holding and outcome after reads such as `in A`, one a minute."""
    sight, turns = None, []
    for number, word in enumerate(words):
        role, place = word.split()
        sight = seen_at(sight, ROLES[role], PLACES[place], role, at(number))
        if role in ("in", "till"):
            turns.append(turn(number, word))
    assert sight is not None
    outcome = in_order(Holding(), turns)
    return state_of(outcome.holding, sight), sight, outcome


def net(outcome):
    """Return what shifts and sales leave at A and at B."""
    left = {"A": 0, "B": 0}
    names = {A: "A", B: "B"}
    for shift in outcome.shifts:
        left[names[shift.location_id]] += shift.sign
    for sale in outcome.sales:
        left[names[sale.location_id]] -= 1
    return left["A"], left["B"]


TABLE = [
    # reads, state, units at A, units at B, sales
    ("in A", IN_STOCK, 1, 0, 0),
    ("in A, in A", IN_STOCK, 1, 0, 0),
    ("in A, in B", IN_STOCK, 0, 1, 0),
    ("in A, in B, in A", IN_STOCK, 1, 0, 0),
    ("in A, till A", SOLD, 0, 0, 1),
    ("in A, till A, till A", SOLD, 0, 0, 1),
    ("in A, till B", SOLD, 0, 0, 1),
    ("in A, till A, in A", IN_STOCK, 1, 0, 1),
    ("in A, till A, in B", IN_STOCK, 0, 1, 1),
    ("in A, till A, in A, till A", SOLD, 0, 0, 2),
    ("till A", SOLD, -1, 0, 1),
    ("till A, in A", IN_STOCK, 0, 0, 1),
    ("shelf A", SEEN, 0, 0, 0),
    ("count A", SEEN, 0, 0, 0),
    ("shelf A, in A", IN_STOCK, 1, 0, 0),
    ("shelf A, till A", SOLD, -1, 0, 1),
    ("in A, shelf B", IN_STOCK, 1, 0, 0),
    ("in A, exit A", LEFT, 1, 0, 0),
    ("exit A", LEFT, 0, 0, 0),
    ("in A, exit A, shelf A", IN_STOCK, 1, 0, 0),
    ("in A, exit A, in A", IN_STOCK, 1, 0, 0),
    ("in A, exit A, in B", IN_STOCK, 0, 1, 0),
    ("in A, exit A, till A", SOLD, 0, 0, 1),
    ("in A, till A, exit A", SOLD, 0, 0, 1),
    ("in A, till A, shelf A", SOLD, 0, 0, 1),
    ("in A, till A, exit A, in A", IN_STOCK, 1, 0, 1),
    ("in A, till A, in A, exit A", LEFT, 1, 0, 1),
    ("exit A, shelf A", SEEN, 0, 0, 0),
]


@pytest.mark.parametrize(("reads", "state", "at_a", "at_b", "sales"), TABLE, ids=str)
def test_what_reads_make_of_a_piece(reads, state, at_a, at_b, sales):
    found, _, outcome = read_all(*reads.split(", "))

    assert found is state
    assert net(outcome) == (at_a, at_b)
    assert len(outcome.sales) == sales


@pytest.mark.parametrize("reads", [row[0] for row in TABLE])
def test_looking_back_at_all_turns_finds_what_was_done(reads):
    turns = [
        turn(number, word)
        for number, word in enumerate(reads.split(", "))
        if word.startswith(("in", "till"))
    ]

    assert anew(turns[::-1]) == in_order(Holding(), turns)


def taken(turns):
    """Take turns in one by one as the register does; return all that was done, and the holding."""
    holding, known, done = Holding(), [], Outcome(Holding())
    for one in turns:
        if holding.decided_at is None or one.at > holding.decided_at:
            outcome = in_order(holding, [one])
        else:
            outcome = difference(anew(known), anew([*known, one]))
        took = {sale.read_id for sale in outcome.sales}
        known = [_marked(old, old.took or old.read_id in took) for old in known]
        known.append(_marked(one, one.read_id in took))
        done = Outcome(
            outcome.holding,
            done.shifts + outcome.shifts,
            done.sales + outcome.sales,
            done.bought_again + outcome.bought_again,
        )
        holding = outcome.holding
    return done


def _marked(one, took):
    values = {name: getattr(one, name) for name in one.__struct_fields__}
    return Turn(**values | {"took": took})


@pytest.mark.parametrize(
    "words",
    [
        ["in A", "till A", "in A", "till A"],
        ["in A", "in B", "till B", "in A"],
        ["in A", "till B", "till A", "in B"],
        ["till A", "in A", "in B", "till B", "till B"],
    ],
    ids=str,
)
def test_in_whatever_order_turns_come_the_piece_ends_the_same(words):
    turns = [turn(number, word) for number, word in enumerate(words)]
    wanted = in_order(Holding(), turns)

    for order in permutations(turns):
        done = taken(order)

        assert done.holding == wanted.holding
        assert len(done.sales) == len(wanted.sales)
        if words[0].startswith("in"):  # else the sale may have been at either place
            assert net(done) == net(wanted)


def test_a_late_receipt_moves_the_piece_at_its_own_time():
    later, earlier = turn(9, "in B"), turn(3, "in A")

    done = taken([later, earlier])

    moves = sorted((shift.at, shift.location_id, shift.sign) for shift in done.shifts)
    assert moves == [(at(3), A, 1), (at(9), A, -1), (at(9), B, 1)]


def test_a_checkout_read_that_comes_late_sells_nothing_again():
    done = taken([turn(0, "in A"), turn(9, "till A"), turn(5, "till A")])

    assert [sale.at for sale in done.sales] == [at(9)]
    assert done.holding.sold_at == at(5)


@pytest.mark.parametrize(
    ("minutes", "place", "is_again"),
    [(0, "A", 0), (15, "A", 0), (16, "A", 1), (1, "B", 1)],
    ids=str,
)
def test_a_sold_piece_at_a_till_is_bought_again_later_or_elsewhere(minutes, place, is_again):
    assert timedelta(minutes=15) == SAME_PURCHASE
    turns = [turn(1, "till A"), turn(1 + minutes, f"till {place}")]

    assert in_order(Holding(), turns).bought_again == is_again


def test_a_piece_that_stays_at_the_till_is_not_bought_again():
    turns = [turn(minute, "till A") for minute in range(0, 120, 10)]

    assert in_order(Holding(), turns).bought_again == 0


def test_an_older_sighting_changes_neither_place_nor_state():
    _, sight, outcome = read_all("in A", "exit A")

    older = seen_at(sight, ReadPointRole.SHELF, B, "shelf", at(0.5))

    assert (older.location_id, older.read_point) == (A, "exit")
    assert state_of(outcome.holding, older) is LEFT


@pytest.mark.parametrize(
    ("reads", "found"),
    [
        ("in A, shelf A", False),
        ("in A, shelf B", True),
        ("in A, exit B", True),
        ("in A, shelf B, shelf A", False),
        ("in A, till A, shelf B", False),
        ("shelf A, shelf B", False),
    ],
    ids=str,
)
def test_a_piece_in_stock_seen_elsewhere_is_misplaced(reads, found):
    state, sight, outcome = read_all(*reads.split(", "))

    assert is_misplaced(state, sight.location_id, outcome.holding.stock_location_id) is found
