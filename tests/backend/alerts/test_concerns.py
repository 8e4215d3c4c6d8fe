"""Alerts about a subject open once and settle by its name, many at a time."""

import asyncio

import pytest

from backend.alerts import service
from backend.alerts.rules import AlertKind, Concern
from backend.app import reactions as all_reactions
from backend.catalogue import service as catalogue
from backend.core.ids import new_id
from backend.locations import service as locations
from tests.backend.shop import TEA, open_shop
from tests.backend.stock.test_ledger import adjust, adjustment

SUSPECT, TWICE = AlertKind.SUSPECT_EXIT, AlertKind.PIECE_SOLD_TWICE
ABOUT = """query ($filter: AlertFilter) { alerts(filter: $filter) { nodes {
  kind severity state subject location { code } product { sku } version } } }"""
EVENTS = "select json_array_length(items) as items from event_log where kind = 'AlertChanged'"


@pytest.fixture
def reactions():
    """All of them, as in every program."""
    return all_reactions()


async def open_all(database, principal, *concerns):
    async with database.work(principal) as work:
        await service.open_concerns(work, concerns)


async def settle(database, principal, kinds, subjects):
    async with database.work(principal) as work:
        await service.settle(work, kinds, subjects)


async def about(graphql, **criteria):
    return (await graphql(ABOUT, {"filter": criteria}))["data"]["alerts"]["nodes"]


async def test_a_concern_about_nothing_but_its_subject_opens_once(graphql, database, principal):
    await open_all(database, principal, Concern(SUSPECT, "a"))
    await open_all(database, principal, Concern(SUSPECT, "a"), Concern(SUSPECT, "b"))

    found = await about(graphql)
    assert sorted(one["subject"] for one in found) == ["a", "b"]
    assert {(one["location"], one["product"], one["severity"]) for one in found} == {
        (None, None, "CRITICAL")
    }


async def test_the_same_subject_may_concern_two_places(graphql, database, principal):
    await open_shop(graphql)
    async with database.work(principal) as work:
        places = await locations.resolve_locations(work, ["north", "south"])

    await open_all(
        database, principal, *(Concern(SUSPECT, "a", location=places[code]) for code in places)
    )

    found = await about(graphql, subjects=["a"])
    assert {one["location"]["code"] for one in found} == {"north", "south"}
    assert await about(graphql, subjects=["b"]) == []


async def test_a_movement_settles_no_concern_about_a_piece_of_the_product(
    graphql, database, principal
):
    await open_shop(graphql)
    async with database.work(principal) as work:
        place = (await locations.resolve_locations(work, ["north"]))["north"]
        product = (await catalogue.resolve_skus(work, [TEA]))[TEA]
    await open_all(database, principal, Concern(SUSPECT, "a", location=place, product=product))

    await adjust(graphql, adjustment("plenty", 50))

    (alert,) = await about(graphql, skus=[TEA])
    assert (alert["kind"], alert["state"]) == ("SUSPECT_EXIT", "OPEN")


async def test_settling_ends_what_is_open_of_those_kinds_and_subjects(graphql, database, principal):
    await open_all(database, principal, *(Concern(SUSPECT, subject) for subject in "abc"))
    await open_all(database, principal, Concern(TWICE, "a"))

    await settle(database, principal, [SUSPECT], ["a", "b", "nobody"])

    left = await about(graphql, states=["OPEN"])
    assert sorted((one["kind"], one["subject"]) for one in left) == [
        ("PIECE_SOLD_TWICE", "a"),
        ("SUSPECT_EXIT", "c"),
    ]
    over = await about(graphql, states=["RESOLVED"])
    assert {(one["subject"], one["version"]) for one in over} == {("a", 2), ("b", 2)}


async def test_what_is_over_can_open_again(graphql, database, principal):
    await open_all(database, principal, Concern(SUSPECT, "a"))
    await settle(database, principal, [SUSPECT], ["a"])

    await open_all(database, principal, Concern(SUSPECT, "a"))

    states = [one["state"] for one in await about(graphql, subjects=["a"])]
    assert sorted(states) == ["OPEN", "RESOLVED"]


async def test_only_what_changed_is_told(database, principal):
    await open_all(database, principal, Concern(SUSPECT, "a"), Concern(SUSPECT, "b"))
    await open_all(database, principal, Concern(SUSPECT, "a"))
    await settle(database, principal, [SUSPECT], ["a", str(new_id())])
    await settle(database, principal, [SUSPECT], ["a"])

    async with database.work(principal, read_only=True) as work:
        told = await work.rows(EVENTS)

    assert sorted(row["items"] for row in told) == [1, 2]


async def test_many_that_open_and_settle_the_same_do_not_deadlock(graphql, database, principal):
    subjects = [str(number) for number in range(40)]

    async def turn(number):
        order = subjects if number % 2 else subjects[::-1]
        await open_all(database, principal, *(Concern(SUSPECT, subject) for subject in order))
        await settle(database, principal, [SUSPECT], order)

    await asyncio.gather(*(turn(number) for number in range(12)))

    assert await about(graphql, states=["OPEN"]) == []
