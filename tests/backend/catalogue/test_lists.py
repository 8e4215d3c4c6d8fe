"""Distributors and promotions are listed, filtered and sorted."""

import pytest

from backend.catalogue import service as catalogue
from backend.catalogue.service import DistributorDraft
from backend.identity.authentication import Identity

DISTRIBUTORS = """
query ($filter: DistributorFilter, $sort: DistributorSort) {
  distributors(filter: $filter, sort: $sort) { nodes { code } } }"""
PROMOTIONS = """
query ($sort: PromotionSort) { promotions(sort: $sort) { nodes { code } } }"""
UPSERT_PROMOTIONS = """
mutation ($input: UpsertPromotionsInput!) { upsertPromotions(input: $input) { rejectedCount } }"""


@pytest.fixture
async def suppliers(app, principal):
    """B of Illinois, A of Bavaria and C of nowhere, changed in this order."""
    database = app.state.services[Identity].database
    for draft in (
        DistributorDraft(code="B", name="Alpha", state="Illinois", country="United States"),
        DistributorDraft(
            code="A", name="50% off", city="München", state="Bayern", country="Germany"
        ),
        DistributorDraft(code="C", name="Beta"),
    ):
        async with database.work(principal) as work:
            await catalogue.upsert_distributors(work, [draft])


@pytest.mark.parametrize(
    ("chosen", "codes"),
    [
        (None, ["A", "B", "C"]),
        ({}, ["A", "B", "C"]),
        ({"codes": ["C", "A", "none"]}, ["A", "C"]),
        ({"codes": []}, []),
        ({"search": "ALPH"}, ["B"]),
        ({"search": "ünch"}, ["A"]),
        ({"search": "%"}, ["A"]),
        ({"states": ["Bayern", "Illinois"]}, ["A", "B"]),
        ({"countries": ["Germany"]}, ["A"]),
        ({"countries": ["Germany"], "states": ["Illinois"]}, []),
    ],
    ids=str,
)
async def test_distributors_are_found_by_each_filter(graphql, suppliers, chosen, codes):
    answer = await graphql(DISTRIBUTORS, {"filter": chosen})

    assert [node["code"] for node in answer["data"]["distributors"]["nodes"]] == codes


@pytest.mark.parametrize(
    ("by", "codes"),
    [("CODE", ["A", "B", "C"]), ("NAME", ["A", "B", "C"]), ("UPDATED_AT", ["B", "A", "C"])],
)
async def test_distributors_are_sorted_either_way(graphql, suppliers, by, codes):
    for direction, expected in (("ASC", codes), ("DESC", codes[::-1])):
        answer = await graphql(DISTRIBUTORS, {"sort": {"by": by, "direction": direction}})
        found = [node["code"] for node in answer["data"]["distributors"]["nodes"]]
        assert found == expected


async def test_promotions_are_sorted_by_their_first_day_or_their_code(graphql):
    def promotion(code, day):
        return {"code": code, "name": code, "startsOn": day, "endsOn": day, "discountRate": "0.1"}

    sent = [
        promotion("B", "2027-01-01"),
        promotion("A", "2027-01-02"),
        promotion("C", "2027-01-01"),
    ]
    await graphql(UPSERT_PROMOTIONS, {"input": {"promotions": sent}})

    async def codes(sort):
        answer = await graphql(PROMOTIONS, {"sort": sort})
        return [node["code"] for node in answer["data"]["promotions"]["nodes"]]

    assert (await codes(None))[2] == "A"
    assert (await codes({"direction": "DESC"}))[0] == "A"
    assert await codes({"by": "CODE"}) == ["A", "B", "C"]
    assert await codes({"by": "CODE", "direction": "DESC"}) == ["C", "B", "A"]
