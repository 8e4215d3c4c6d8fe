from datetime import date, timedelta
from uuid import uuid4

import asyncpg
import pytest

from tests.backend.shop import CUP, TEA, open_shop

DAY = date(2026, 3, 2)
ACCURACY = """
query ($by: ForecastAccuracyBy!, $products: [String!], $from: Date, $to: Date, $first: Int! = 50) {
  forecastAccuracy(by: $by, products: $products, from: $from, to: $to, first: $first) {
    from to rows { id label series days wape mase rmsse bias pinball coverage90 }
  }
}"""
ADD = """
insert into forecast_errors (org_id, day, location_id, product_id, model_id, sold, absolute, signed,
                             squared, pinball, covered, scored, naive_absolute)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 2, $12)
"""
CLASS = """
insert into forecasts
values ($1, $2, $3, $4, '{1}', '{1}', '{1}', '{1}', 'SMOOTH', $5, $5, now(), now())
"""
WEEK = {"from": "2026-03-02", "to": "2026-03-08"}


@pytest.fixture
async def scored(graphql, owner_url, org_id):
    """Two forecasts a day of tea at north and south, and of cups at north, over four days."""
    await open_shop(graphql)
    connection = await asyncpg.connect(owner_url)
    try:
        goods = dict(await connection.fetch("select sku, id from products"))
        places = dict(await connection.fetch("select code, id from locations"))
        for number, sold in enumerate((10, 14, 10, 14)):
            for place, sku, missed in (("north", TEA, 2), ("south", TEA, -1), ("north", CUP, 6)):
                await connection.execute(
                    ADD, org_id, DAY + timedelta(days=number), places[place], goods[sku], uuid4(),
                    2 * sold, 2 * abs(missed), 2 * missed, 2 * missed**2, 2 * 0.5, 1, 4,
                )  # fmt: skip
        await connection.execute(CLASS, org_id, places["north"], goods[CUP], DAY, uuid4())
    finally:
        await connection.close()


async def asked(graphql, by, **variables):
    answer = await graphql(ACCURACY, {"by": by, **WEEK, **variables}, "forecast:read")
    assert "errors" not in answer, answer
    return answer["data"]["forecastAccuracy"]["rows"]


async def code_of(graphql, **variables):
    answer = await graphql(ACCURACY, {"by": "NONE", **WEEK, **variables}, "forecast:read")
    return answer["errors"][0]["extensions"]["code"]


async def test_measures_are_ratios_of_what_was_summed_up(scored, graphql):
    (found,) = await asked(graphql, "NONE")

    assert (found["id"], found["series"], found["days"]) == (None, 3, 12)
    assert found["wape"] == pytest.approx((2 + 1 + 6) / 36)
    assert found["bias"] == pytest.approx((2 - 1 + 6) / 36)
    assert found["pinball"] == pytest.approx(0.5 / 12)
    assert found["coverage90"] == pytest.approx(0.5)


async def test_scaled_errors_are_means_over_series(scored, graphql):
    (found,) = await asked(graphql, "NONE")

    # The naive forecasts missed 2 each, a week ago, and 4 the day before.
    assert found["mase"] == pytest.approx((2 + 1 + 6) / 2 / 3)
    assert found["rmsse"] == pytest.approx((2 + 1 + 6) / 4 / 3)


async def test_products_are_told_apart_the_worst_first(scored, graphql):
    found = await asked(graphql, "PRODUCT")

    assert [(one["id"], one["label"], one["series"]) for one in found] == [
        (CUP, "Cup", 1),
        (TEA, "Tea", 2),
    ]
    assert found[0]["wape"] == pytest.approx(6 / 12)


async def test_locations_and_classes_are_told_apart(scored, graphql):
    places, classes = await asked(graphql, "LOCATION"), await asked(graphql, "CLASS")

    assert [(one["id"], one["label"]) for one in places] == [("north", "North"), ("south", "South")]
    assert [one["id"] for one in classes] == ["SMOOTH", None]


async def test_only_what_is_chosen_counts(scored, graphql):
    (found,) = await asked(graphql, "NONE", products=[CUP], to="2026-03-03")

    assert (found["series"], found["days"]) == (1, 2)


async def test_of_days_without_forecasts_nothing_is_said(scored, graphql):
    assert await asked(graphql, "PRODUCT", **{"from": "2020-01-01", "to": "2020-01-31"}) == []


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"products": ["NOPE"]}, "UNKNOWN_PRODUCT"),
        ({"from": "2026-03-09"}, "INVALID_PERIOD"),
        ({"first": 501}, "LIMIT_EXCEEDED"),
        ({"first": -1}, "BAD_USER_INPUT"),
    ],
)
async def test_what_makes_no_sense_is_refused(variables, code, scored, graphql):
    assert await code_of(graphql, **variables) == code


async def test_who_sees_one_store_sees_its_accuracy_only(scored, client, token, owner_url):
    connection = await asyncpg.connect(owner_url)
    south = await connection.fetchval("select id from locations where code = 'south'")
    await connection.close()
    limited = await token("forecast:read", locations=frozenset({south}))

    answer = await client.post(
        "/graphql",
        json={"query": ACCURACY, "variables": {"by": "LOCATION", **WEEK}},
        headers={"Authorization": f"Bearer {limited}"},
    )

    rows = answer.json()["data"]["forecastAccuracy"]["rows"]
    assert [one["id"] for one in rows] == ["south"]
