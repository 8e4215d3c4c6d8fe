"""Sales take effect once, with exact sums, and never wait for stock."""

from decimal import Decimal

from tests.backend.shop import CUP, LEVELS, POT, RECORD_SALES, TEA, TEA_CASE_GTIN, open_shop, sale


async def record(graphql, *sales, **options):
    answer = await graphql(RECORD_SALES, {"input": {"sales": list(sales), **options}})
    assert "errors" not in answer, answer
    return answer["data"]["recordSales"]


async def on_hand(graphql, sku=TEA, location="north"):
    answer = await graphql(LEVELS, {"filter": {"skus": [sku], "locations": [location]}})
    nodes = answer["data"]["stockLevels"]["nodes"]
    return nodes[0]["onHand"] if nodes else None


def codes(payload):
    return [
        row["userErrors"][0]["code"] if row["userErrors"] else None for row in payload["results"]
    ]


async def test_a_sale_takes_its_units_off_the_shelf_even_below_zero(graphql):
    await open_shop(graphql)

    payload = await record(graphql, sale("s1", (TEA, 2), (CUP, 1)))

    assert payload["acceptedCount"] == 1
    assert await on_hand(graphql, TEA) == "-2"
    assert await on_hand(graphql, CUP) == "-1"


async def test_prices_and_costs_left_out_are_the_catalogues(graphql):
    await open_shop(graphql)

    payload = await record(graphql, sale("s1", (TEA, 2)))

    (row,) = payload["results"]
    assert Decimal(row["sale"]["netSales"]) == Decimal(9)
    assert Decimal(row["sale"]["profit"]) == Decimal(5)


async def test_four_decimals_survive(graphql):
    await open_shop(graphql)
    line = {"sku": TEA, "quantity": "3", "unitPrice": "0.3333", "discount": "0.0001"}

    payload = await record(graphql, sale("s1", lines=[line]))

    assert Decimal(payload["results"][0]["sale"]["netSales"]) == Decimal("0.9998")


async def test_a_case_counts_for_its_units(graphql):
    await open_shop(graphql)
    line = {"gtin": TEA_CASE_GTIN, "quantity": 2, "unitPrice": "48"}

    payload = await record(graphql, sale("s1", lines=[line]))

    assert Decimal(payload["results"][0]["sale"]["netSales"]) == Decimal(96)
    assert await on_hand(graphql) == "-24"


async def test_the_same_key_records_once_and_answers_with_the_sale(graphql):
    await open_shop(graphql)
    once = sale("s1", (TEA, 1))
    first = await record(graphql, once)

    again = await record(graphql, once)

    assert again["duplicateCount"] == 1
    assert again["results"][0]["sale"] == first["results"][0]["sale"]
    assert await on_hand(graphql) == "-1"


async def test_the_same_key_with_other_content_is_refused(graphql):
    await open_shop(graphql)
    await record(graphql, sale("s1", (TEA, 1)))

    payload = await record(graphql, sale("s1", (TEA, 5)))

    assert codes(payload) == ["IDEMPOTENCY_KEY_MISMATCH"]
    assert await on_hand(graphql) == "-1"


async def test_a_bad_line_rejects_its_whole_sale_and_no_other(graphql):
    await open_shop(graphql)

    payload = await record(graphql, sale("s1", (TEA, 1), ("NOPE", 1)), sale("s2", (TEA, 1)))

    assert codes(payload) == ["UNKNOWN_PRODUCT", None]
    assert payload["results"][0]["userErrors"][0]["field"] == [
        "input", "sales", "0", "lines", "1", "sku",
    ]  # fmt: skip
    assert await on_hand(graphql) == "-1"


async def test_a_batch_that_is_to_take_effect_as_a_whole_does_not_with_a_bad_row(graphql):
    await open_shop(graphql)

    payload = await record(
        graphql,
        sale("s1", (TEA, 1)),
        sale("s2", ("NOPE", 1)),
        errorPolicy="REJECT_EVERYTHING",
    )

    assert codes(payload) == ["BATCH_REJECTED", "UNKNOWN_PRODUCT"]
    assert await on_hand(graphql) is None
    assert (await record(graphql, sale("s1", (TEA, 1))))["acceptedCount"] == 1


async def test_a_sale_a_distributor_reports_moves_none_of_our_stock(graphql):
    await open_shop(graphql)

    payload = await record(graphql, sale("s1", (TEA, 5), saleType="TRACE"))

    assert payload["acceptedCount"] == 1
    assert await on_hand(graphql) is None


async def test_a_till_in_a_store_whose_reads_are_the_sales_is_refused(graphql):
    await open_shop(graphql)

    payload = await record(graphql, sale("s1", (TEA, 1), location="south"))

    assert codes(payload) == ["SALES_SOURCE_IS_READS"]


async def test_figures_and_times_that_cannot_be_are_refused_with_their_field(graphql):
    await open_shop(graphql)

    payload = await record(
        graphql,
        sale("q0", (TEA, 0)),
        sale("q1", (TEA, "1e30")),
        sale("q2", (TEA, "NaN")),
        sale("t", (TEA, 1), soldAt="2999-01-01T00:00:00Z"),
        sale("c", (TEA, 1), currency="EUR"),
        sale("x", (TEA, 1), currency="euro"),
        sale("l", lines=[]),
        sale("b", lines=[{"sku": TEA, "gtin": "1", "quantity": 1}]),
        sale("d", lines=[{"sku": TEA, "quantity": 1, "discount": "4.51"}]),
        sale("u", (TEA, 1), location="mars"),
        sale("v", (TEA, 1), distributor="nobody"),
        sale("w", (TEA, 1), soldBy="x" * 201),
    )

    assert codes(payload) == [
        "INVALID_QUANTITY",
        "INVALID_QUANTITY",
        "INVALID_QUANTITY",
        "IN_FUTURE",
        "INVALID_CURRENCY",
        "INVALID_CURRENCY",
        "INVALID_SALE",
        "INVALID_SALE",
        "INVALID_AMOUNT",
        "UNKNOWN_LOCATION",
        "UNKNOWN_DISTRIBUTOR",
        "INVALID_SALE",
    ]
    assert all(row["userErrors"][0]["field"] for row in payload["results"])
    assert await on_hand(graphql) is None


async def test_a_foreign_currency_counts_at_its_rate(graphql):
    await open_shop(graphql)
    line = {"sku": POT, "quantity": 1, "unitPrice": "20"}

    payload = await record(graphql, sale("s1", lines=[line], currency="EUR", exchangeRate="1.25"))

    assert Decimal(payload["results"][0]["sale"]["netSales"]) == Decimal(25)


async def test_the_business_day_is_the_locations_own(graphql):
    await open_shop(graphql)
    late = sale("s1", (TEA, 1), soldAt="2024-03-02T03:30:00Z")

    await record(graphql, late)

    answer = await graphql("{ sales { nodes { businessDay soldAt } } }")
    assert answer["data"]["sales"]["nodes"] == [
        {"businessDay": "2024-03-01", "soldAt": "2024-03-02T03:30:00Z"}
    ]
