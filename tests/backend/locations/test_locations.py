from datetime import UTC, date, datetime

import pytest

from backend.core.errors import ShelfcastError
from backend.core.ids import new_id
from backend.core.scopes import Scope
from backend.identity.authentication import Identity
from backend.locations import service as locations
from backend.locations.drafts import LocationDraft, read_location
from backend.locations.events import LocationChanged
from backend.locations.graphql import LocationChanged as Told
from backend.locations.rules import LocationKind, LocationRef, SalesSource, Weekday
from tests.backend.statements import counted
from tests.world import principal_with

PATH = ["input", "locations", "0"]
UPSERT = """
mutation($input: UpsertLocationsInput!) {
  upsertLocations(input: $input) {
    acceptedCount rejectedCount
    results { code status location { version timezone } userErrors { code field } }
  }
}
"""
LIST = """
query($first: Int! = 50, $filter: LocationFilter, $sort: LocationSort) {
  locations(first: $first, filter: $filter, sort: $sort) {
    nodes { code name kind latitude longitude city state postalCode region country timezone
            salesSource openingDays attributes updatedAt version }
  }
}
"""


def store(code="S1", **given):
    return LocationDraft(code=code, **{"name": "One", "kind": LocationKind.STORE} | given)


async def put(database, principal, *drafts, **options):
    async with database.work(principal) as work:
        done = await locations.upsert_locations(work, drafts, **options)
    return [(row.error and row.error.code, detail) for row, detail in done]


async def test_a_new_location_gets_the_usual_defaults(database, principal):
    [(error, detail)] = await put(database, principal, store())

    assert error is None
    assert (detail.ref.timezone, detail.ref.sales_source) == ("UTC", SalesSource.POS)
    assert detail.opening_days == tuple(Weekday)


async def test_what_is_left_out_stays_and_what_is_null_is_cleared(database, principal, reactions):
    events = []

    async def note(work, seen):
        events.extend(seen)

    reactions.on(LocationChanged, note)
    full = store(
        timezone="America/Chicago", latitude=41.9, longitude=-87.6, city="Chicago", country="US",
        sales_source=SalesSource.READS, opening_days=[Weekday.SUNDAY, Weekday.MONDAY],
        attributes={"m2": 120},
    )  # fmt: skip
    await put(database, principal, full)

    [(_, same)] = await put(database, principal, full)
    [(_, kept)] = await put(database, principal, store(name="Two"))
    [(_, cleared)] = await put(
        database, principal,
        store(name="Two", timezone=None, latitude=None, longitude=None, city=None,
              sales_source=None, opening_days=None, attributes=None),
    )  # fmt: skip

    assert (same.version, kept.version, cleared.version) == (1, 2, 3)
    assert (kept.ref.timezone, kept.place.city) == ("America/Chicago", "Chicago")
    assert kept.opening_days == (Weekday.MONDAY, Weekday.SUNDAY)
    assert (cleared.ref.timezone, cleared.place.city, cleared.place.country) == ("UTC", None, "US")
    assert events[1].changed == ("name",)
    assert events[1].fact()["location"]["name"] == "Two"
    assert events[1].location_id == kept.ref.id
    told = Told.from_fact(events[1].fact())
    assert (told.location.name, told.location.kind) == ("Two", LocationKind.STORE)


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"code": ""}, "INVALID_CODE", ["code"]),
        ({"name": " "}, "INVALID_TEXT", ["name"]),
        ({"timezone": "Mars/Olympus"}, "INVALID_TIME_ZONE", ["timezone"]),
        ({"timezone": "../../etc/passwd"}, "INVALID_TIME_ZONE", ["timezone"]),
        ({"country": "\x00"}, "INVALID_TEXT", ["country"]),
        ({"attributes": {"a": {"b": [[[[[[[1]]]]]]]}}}, "ATTRIBUTES_TOO_LARGE", ["attributes"]),
    ],
)
def test_a_location_that_makes_no_sense_says_which_field_and_why(given, code, field):
    with pytest.raises(ShelfcastError) as raised:
        read_location(store(**given), PATH)

    assert (raised.value.code, raised.value.field) == (code, [*PATH, *field])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"latitude": 90.1, "longitude": 0}, "latitude"),
        ({"latitude": 0, "longitude": float("nan")}, "longitude"),
        ({"latitude": 10}, "longitude"),
        ({"longitude": 10}, "latitude"),
    ],
)
async def test_coordinates_are_on_earth_and_come_in_pairs(database, principal, given, field):
    async with database.work(principal) as work:
        [(row, detail)] = await locations.upsert_locations(work, [store(**given)])

    assert detail is None
    assert (row.error.code, row.error.field) == ("INVALID_COORDINATES", [*PATH, field])


async def test_codes_and_ids_stand_for_locations(database, principal):
    [(_, one), (_, two)] = await put(
        database, principal, store("S1"), store("W1", kind=LocationKind.WAREHOUSE)
    )

    async with database.work(principal) as work:
        by_code = await locations.resolve_locations(work, ["W1", "NO", "\x00", "\ud800"])
        by_id = await locations.locations_by_id(work, [one.ref.id])
        everything = await locations.all_locations(work)

    assert by_code == {"W1": two.ref}
    assert by_id == {one.ref.id: one.ref}
    assert everything == [one.ref, two.ref]


async def test_who_is_limited_to_a_location_sees_and_changes_no_other(database, principal):
    [(_, one), _] = await put(database, principal, store("S1"), store("S2"))
    limited = principal_with(principal.org_id, Scope.ADMIN, locations=[one.ref.id])

    async with database.work(limited) as work:
        found = await locations.resolve_locations(work, ["S1", "S2"])
        everything = await locations.all_locations(work)
        page = await locations.list_locations(
            work,
            locations.LocationCriteria(),
            locations.LocationOrder.CODE,
            descending=False,
            first=10,
            after=None,
        )
    done = await put(
        database, limited, store("S1", name="Mine"), store("S2", name="Theirs"), store("S3")
    )

    assert list(found) == ["S1"]
    assert [ref.code for ref in everything] == ["S1"]
    assert [detail.ref.code for _, detail in page.rows] == ["S1"]
    assert [error for error, _ in done] == [
        None,
        "LOCATION_OUT_OF_REACH",
        "LOCATION_OUT_OF_REACH",
    ]


def test_a_business_day_is_the_locations_own_day():
    tokyo = LocationRef(new_id(), "T", "Tokyo", LocationKind.STORE, "Asia/Tokyo", SalesSource.POS)

    assert tokyo.business_day(datetime(2026, 11, 20, 16, tzinfo=UTC)) == date(2026, 11, 21)


async def test_locations_sent_come_back_and_are_found_by_each_filter(graphql):
    sent = [
        {"code": "S1", "name": "Loop", "kind": "STORE", "state": "IL", "country": "US",
         "region": "Central", "timezone": "America/Chicago", "latitude": 41.88,
         "longitude": -87.63, "city": "Chicago", "openingDays": ["MONDAY"]},
        {"code": "S2", "name": "Annex", "kind": "STORE", "state": "NY", "country": "US"},
        {"code": "W1", "name": "Depot", "kind": "WAREHOUSE", "country": "DE"},
        {"code": "X", "name": "Bad", "kind": "STORE", "timezone": "Nowhere"},
    ]  # fmt: skip
    answer = await graphql(UPSERT, {"input": {"locations": sent}})

    payload = answer["data"]["upsertLocations"]
    assert (payload["acceptedCount"], payload["rejectedCount"]) == (3, 1)
    assert payload["results"][3]["userErrors"] == [
        {"code": "INVALID_TIME_ZONE", "field": ["input", "locations", "3", "timezone"]}
    ]
    for given, codes in [
        (None, ["S1", "S2", "W1"]),
        ({"kinds": ["WAREHOUSE"]}, ["W1"]),
        ({"states": ["IL", "NY"]}, ["S1", "S2"]),
        ({"countries": ["DE"]}, ["W1"]),
        ({"regions": ["Central"]}, ["S1"]),
        ({"codes": ["S2", "NO"]}, ["S2"]),
        ({"search": "chic"}, ["S1"]),
        ({"search": "DEP"}, ["W1"]),
    ]:
        found = await graphql(LIST, {"filter": given})
        assert [node["code"] for node in found["data"]["locations"]["nodes"]] == codes, given
    by_name = await graphql(LIST, {"sort": {"by": "NAME", "direction": "DESC"}})
    assert [node["name"] for node in by_name["data"]["locations"]["nodes"]] == [
        "Loop",
        "Depot",
        "Annex",
    ]
    one = await graphql('{ location(code: "S1") { city openingDays salesSource } }')
    assert one["data"]["location"] == {
        "city": "Chicago",
        "openingDays": ["MONDAY"],
        "salesSource": "POS",
    }
    assert (await graphql('{ location(code: "NO") { city } }'))["data"]["location"] is None


async def test_locations_ask_for_their_scopes(graphql):
    read = await graphql(LIST, None, "stock:read")
    write = await graphql(UPSERT, {"input": {"locations": []}}, "locations:read")

    assert read["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"
    assert write["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"


async def test_a_list_takes_as_many_statements_for_200_locations_as_for_two(
    app, graphql, principal
):
    database = app.state.services[Identity].database
    await put(database, principal, *[store(f"S{n:03}") for n in range(200)])

    with counted(app) as few:
        await graphql(LIST, {"first": 2})
    with counted(app) as many:
        answer = await graphql(LIST, {"first": 200})

    assert len(answer["data"]["locations"]["nodes"]) == 200
    assert 0 < len(many) <= len(few), many
