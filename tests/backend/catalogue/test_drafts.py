from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from backend.catalogue.drafts import (
    DistributorDraft,
    PromotionDraft,
    changes,
    merged,
    read_distributor,
    read_product,
    read_promotion,
)
from backend.core.errors import ShelfcastError

from .builders import TEA_GTIN, gtin, product

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PATH = ["input", "products", "3"]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        pytest.param({"sku": ""}, "INVALID_SKU", ["sku"], id="no SKU"),
        pytest.param({"sku": " TEA"}, "INVALID_SKU", ["sku"], id="blank before the SKU"),
        pytest.param({"sku": "T\x00"}, "INVALID_SKU", ["sku"], id="NUL in the SKU"),
        pytest.param({"sku": "\ud800"}, "INVALID_SKU", ["sku"], id="half a surrogate pair"),
        pytest.param({"sku": "x" * 101}, "INVALID_SKU", ["sku"], id="long SKU"),
        pytest.param({"name": "  "}, "INVALID_TEXT", ["name"], id="no name"),
        pytest.param({"category": "a\nb"}, "INVALID_TEXT", ["category"], id="control character"),
        pytest.param({"subcategory": ""}, "INVALID_TEXT", ["subcategory"], id="no subcategory"),
        pytest.param({"price": Decimal(-1)}, "INVALID_AMOUNT", ["price"], id="negative price"),
        pytest.param({"price": Decimal("NaN")}, "INVALID_AMOUNT", ["price"], id="no number"),
        pytest.param({"price": Decimal("1e30")}, "INVALID_AMOUNT", ["price"], id="huge price"),
        pytest.param({"cost": Decimal("0.00001")}, "INVALID_AMOUNT", ["cost"], id="fine cost"),
        pytest.param(
            {"reorder_point": Decimal(-1)}, "INVALID_QUANTITY", ["reorderPoint"], id="reorder point"
        ),
        pytest.param(
            {"gtins": [gtin(TEA_GTIN), gtin("4006381333932")]},
            "INVALID_GTIN",
            ["gtins", "1", "gtin"],
            id="wrong check digit",
        ),
        pytest.param(
            {"gtins": [gtin(TEA_GTIN, 0)]},
            "INVALID_QUANTITY",
            ["gtins", "0", "units"],
            id="0 units",
        ),
        pytest.param(
            {"gtins": [gtin(TEA_GTIN), gtin("4006381333931")]},
            "DUPLICATE_GTIN",
            ["gtins", "1", "gtin"],
            id="one GTIN twice",
        ),
        pytest.param({"gtins": [gtin(TEA_GTIN)] * 51}, "TOO_MANY_GTINS", ["gtins"], id="51 GTINs"),
        pytest.param(
            {"attributes": {"a": "x" * 17_000}}, "ATTRIBUTES_TOO_LARGE", ["attributes"], id="17 kB"
        ),
        pytest.param({"attributes": [1]}, "INVALID_ATTRIBUTES", ["attributes"], id="a list"),
        pytest.param(
            {"attributes": {"a": "\x00"}}, "INVALID_ATTRIBUTES", ["attributes"], id="NUL inside"
        ),
        pytest.param(
            {"valid_from": datetime(1, 1, 1, tzinfo=UTC)},
            "INVALID_TIME",
            ["validFrom"],
            id="year 1",
        ),
    ],
)
def test_a_product_that_makes_no_sense_says_which_field_and_why(given, code, field):
    with pytest.raises(ShelfcastError) as raised:
        read_product(product(**given), PATH, NOW)

    assert (raised.value.code, raised.value.field) == (code, [*PATH, *field])


def test_a_product_is_kept_in_one_form():
    read = read_product(
        product(name=" Tea ", gtins=[gtin("4006381333931")], valid_from=NOW), PATH, NOW
    )

    assert (read.name, read.gtins, read.valid_from) == ("Tea", [gtin(TEA_GTIN)], NOW)


def test_nothing_differs_between_a_product_and_itself():
    once = merged(product(cost=Decimal(1)), None)

    assert changes(once, merged(product(), once)) == ()


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"code": ""}, "INVALID_CODE", ["code"]),
        ({"name": ""}, "INVALID_TEXT", ["name"]),
        ({"city": "\x07"}, "INVALID_TEXT", ["city"]),
        ({"attributes": "x"}, "INVALID_ATTRIBUTES", ["attributes"]),
    ],
)
def test_a_distributor_that_makes_no_sense_says_which_field_and_why(given, code, field):
    draft = DistributorDraft(**{"code": "D", "name": "Dee"} | given)

    with pytest.raises(ShelfcastError) as raised:
        read_distributor(draft, PATH)

    assert (raised.value.code, raised.value.field) == (code, [*PATH, *field])


def promotion(**given):
    facts = {
        "code": "P",
        "name": "Sale",
        "starts_on": date(2026, 12, 1),
        "ends_on": date(2026, 12, 1),
        "discount_rate": Decimal("0.25"),
    }
    return PromotionDraft(**facts | given)


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"code": "\t"}, "INVALID_CODE", ["code"]),
        ({"name": ""}, "INVALID_TEXT", ["name"]),
        ({"ends_on": date(2026, 11, 30)}, "INVALID_PERIOD", ["endsOn"]),
        ({"discount_rate": Decimal("1.01")}, "INVALID_RATE", ["discountRate"]),
        ({"discount_rate": Decimal("NaN")}, "INVALID_RATE", ["discountRate"]),
        ({"discount_rate": Decimal("0.00001")}, "INVALID_RATE", ["discountRate"]),
        ({"skus": ["A"] * 501}, "LIMIT_EXCEEDED", ["skus"]),
        ({"locations": ["A"] * 501}, "LIMIT_EXCEEDED", ["locations"]),
    ],
)
def test_a_promotion_that_makes_no_sense_says_which_field_and_why(given, code, field):
    with pytest.raises(ShelfcastError) as raised:
        read_promotion(promotion(**given), PATH)

    assert (raised.value.code, raised.value.field) == (code, [*PATH, *field])


def test_a_promotion_may_last_one_day_and_concern_everything():
    assert read_promotion(promotion(skus=None), PATH).discount_rate == Decimal("0.25")
