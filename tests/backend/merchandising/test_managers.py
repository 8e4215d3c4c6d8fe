"""What somebody may settle who answers for the stock of shops, and for no model."""

from base64 import b64encode

import pytest

from tests.backend.merchandising.asking import (
    APPLY,
    FACINGS,
    IMPORT,
    UPSERT,
    ask,
    code_of,
    shelf,
    shop_with_shelf,
)
from tests.backend.shop import CUP, TEA, open_shop

MANAGER = ("forecast:read", "stock:read", "stock:write")
TERMS = """
mutation ($input: SetSupplyTermsInput!) {
  setSupplyTerms(input: $input) { acceptedCount } }"""
DELETE = "mutation ($input: DeleteShelvesInput!) { deleteShelves(input: $input) { deleted } }"
TRAIN = "mutation { trainForecast { run { id } } }"
ROLL_BACK = "mutation { rollBackForecastModel { run { id } } }"
ELASTICITIES = """
mutation ($input: SetShelfElasticitiesInput!) {
  setShelfElasticities(input: $input) { elasticities { category } } }"""


@pytest.fixture
def as_(graphql):
    """Runs operations with a few scopes only: `as_("stock:read", …)`."""

    def bound(*scopes):
        async def run(document, variables):
            return await graphql(document, variables, *scopes)

        return run

    return bound


def file(text):
    return b64encode(text.encode()).decode()


async def test_who_writes_stock_settles_shelves_and_terms(graphql, as_):
    id_ = await shop_with_shelf(graphql)
    manager = as_(*MANAGER)

    made = await ask(manager, UPSERT, input={"shelves": [shelf(TEA, code="B2")]})
    stands = {"shelf": id_, "products": [{"sku": CUP, "facings": 3}]}
    set_ = await ask(manager, FACINGS, input=stands)
    applied = await ask(manager, APPLY, input={"shelf": id_})
    imported = await ask(
        manager, IMPORT, input={"shelf": id_, "content": file("SKU,Facings\nCUP-1,2\n")}
    )
    terms = await ask(manager, TERMS, input={"terms": [{"sku": TEA, "leadTimeDays": 3}]})
    gone = await ask(manager, DELETE, input={"shelves": [made["results"][0]["shelf"]["id"]]})

    assert made["acceptedCount"] == 1
    assert {one["product"]["sku"]: one["facings"] for one in set_["shelf"]["products"]}[CUP] == 3
    assert applied["plan"]["method"]
    assert (imported["foundCount"], imported["problems"]) == (1, [])
    assert terms["acceptedCount"] == 1
    assert len(gone["deleted"]) == 1


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        pytest.param(TRAIN, {}, id="train"),
        pytest.param(ROLL_BACK, {}, id="roll back"),
        pytest.param(ELASTICITIES, {"input": {"elasticities": []}}, id="elasticities"),
    ],
)
async def test_who_writes_stock_changes_no_model(graphql, as_, document, variables):
    await open_shop(graphql)

    assert await code_of(as_(*MANAGER), document, **variables) == "MISSING_SCOPE"


async def test_sizes_in_a_file_are_for_who_writes_the_catalogue(graphql, as_):
    id_ = await shop_with_shelf(graphql)
    sent = {"shelf": id_, "content": file("SKU,Width,Height,Depth\nCUP-1,9,10,9\n")}

    refused = await code_of(as_(*MANAGER), IMPORT, input=sent)
    done = await ask(as_(*MANAGER, "catalogue:write"), IMPORT, input=sent)

    assert refused == "MISSING_SCOPE"
    assert done["sizedCount"] == 1


@pytest.mark.parametrize(
    "scopes",
    [
        pytest.param(("stock:read", "stock:write"), id="a clerk"),
        pytest.param(("forecast:read", "stock:read"), id="an auditor"),
    ],
)
@pytest.mark.parametrize(
    ("document", "variables"),
    [
        pytest.param(TERMS, {"input": {"terms": [{"leadTimeDays": 3}]}}, id="terms"),
        pytest.param(UPSERT, {"input": {"shelves": [shelf(TEA)]}}, id="shelves"),
    ],
)
async def test_nobody_else_settles_them(graphql, as_, scopes, document, variables):
    await open_shop(graphql)

    assert await code_of(as_(*scopes), document, **variables) == "MISSING_SCOPE"
