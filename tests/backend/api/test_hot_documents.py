"""The short cut for hot documents answers exactly as the general path does."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

from backend.devices.graphql import IngestReadsInput, ReadInput
from backend.devices.rules import IngestDraft, ReadDraft
from backend.infra.api.hot import HotDocuments
from backend.sales.graphql import PlaceInput, RecordSalesInput, SaleInput, SaleLineInput
from backend.sales.hot import RecordSalesDraft
from backend.sales.rules import LineDraft, Place, SaleDraft
from tests.backend.shop import INGEST, RECORD_SALES, TEA, TEA_GTIN, open_shop, read, sale

GENERAL = "fragment all on {payload} {{ acceptedCount duplicateCount rejectedCount }}"


def general(document, payload):
    """Return the document in a form the short cut leaves alone: the counts come by a fragment."""
    body = document.replace("acceptedCount duplicateCount rejectedCount", "...all", 1)
    return body + GENERAL.format(payload=payload)


def masked(data):
    """Return data as text, without the ids of what was made and the moment it was asked at."""
    text = re.sub(r'"id": "[0-9a-f-]{36}"', '"id"', json.dumps(data, sort_keys=True))
    return re.sub(r'ahead of [^"]*', "ahead", text)


texts = st.text(max_size=12) | st.sampled_from(["dock", "till", TEA_GTIN, TEA, "north", "\x00"])
numbers = st.one_of(
    st.integers(-(2**33), 2**33),
    st.decimals(places=3, min_value=-5, max_value=5).map(str),
    st.sampled_from(["NaN", "1e30", "", "x", True, 1.5, 0.0001, 1e-9, None]),
)
moments = st.sampled_from(
    [
        "2024-01-01T00:00:00Z",
        "2024-01-01T00:00:00",
        "2024-01-01T00:00:00+05:30",
        "2999-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "1800-01-01T00:00:00Z",
        "2024-02-30T00:00:00Z",
        "2024-01-01",
        17,
        None,
    ]
)
reads = st.fixed_dictionaries(
    {"key": texts, "readPoint": texts, "code": texts, "observedAt": moments},
    optional={
        "symbology": texts | st.none(),
        "seq": numbers,
        "count": numbers,
        "rssi": numbers,
        "antenna": numbers,
        "unknown": texts,
    },
)
lines = st.fixed_dictionaries(
    {"quantity": numbers},
    optional={"sku": texts | st.none(), "gtin": texts, "unitPrice": numbers, "discount": numbers},
)
sales = st.fixed_dictionaries(
    {
        "idempotencyKey": texts,
        "location": texts,
        "channel": st.sampled_from(["ONLINE", "IN_STORE", "online", None]),
        "soldAt": moments,
        "lines": st.lists(lines, max_size=3),
    },
    optional={
        "saleType": st.sampled_from(["DIRECT", "TRACE", None]),
        "currency": texts,
        "exchangeRate": numbers,
        "shipTo": st.none() | st.fixed_dictionaries({"city": texts}),
    },
)


@pytest.mark.parametrize(
    ("document", "payload", "field", "rows", "extra"),
    [
        (INGEST, "IngestReadsPayload", "reads", reads, {"device": "north-1"}),
        (RECORD_SALES.replace("netSales profit", ""), "RecordSalesPayload", "sales", sales, {}),
    ],
    ids=["ingestReads", "recordSales"],
)
async def test_the_short_cut_is_equal_to_the_general_path(
    graphql, app, document, payload, field, rows, extra
):
    await open_shop(graphql)
    cases = []

    @hypothesis_settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        database=None,
    )
    @given(st.lists(rows, max_size=3))
    def collect(batch):
        cases.append(batch)

    collect()
    for number, batch in enumerate(cases):
        keyed = [_keyed(row, f"~{number}~") for row in batch]
        short = await graphql(document, {"input": {field: keyed, **extra}})
        keyed = [_keyed(row, f"~{number}~g") for row in batch]
        long = await graphql(general(document, payload), {"input": {field: keyed, **extra}})

        assert _comparable(short, f"~{number}~") == _comparable(long, f"~{number}~g"), batch


def _keyed(row, suffix):
    name = "key" if "key" in row else "idempotencyKey"
    return row | {name: row[name] + suffix}


def _comparable(answer, suffix):
    """Return what must be equal: all data; of errors their codes and fields."""
    errors = [
        (e["extensions"]["code"], e["extensions"].get("field")) for e in answer.get("errors", [])
    ]
    return masked(answer["data"]).replace(suffix, ""), errors


async def test_a_plain_document_takes_the_short_cut_and_one_with_a_fragment_does_not(
    graphql, app, monkeypatch
):
    await open_shop(graphql)
    taken = []
    plain = HotDocuments.__call__

    async def watched(self, context, body):
        answer = await plain(self, context, body)
        taken.append(answer is not None)
        return answer

    monkeypatch.setattr(HotDocuments, "__call__", watched)
    once = {"input": {"device": "north-1", "reads": [read("a")]}}
    await graphql(INGEST, once)
    await graphql(general(INGEST, "IngestReadsPayload"), once)
    await graphql(
        RECORD_SALES.replace("netSales profit", ""), {"input": {"sales": [sale("s", (TEA, 1))]}}
    )

    assert taken == [True, False, True]


@pytest.mark.parametrize(
    ("draft", "given_type"),
    [
        (ReadDraft, ReadInput),
        (IngestDraft, IngestReadsInput),
        (SaleDraft, SaleInput),
        (LineDraft, SaleLineInput),
        (Place, PlaceInput),
        (RecordSalesDraft, RecordSalesInput),
    ],
    ids=lambda one: one.__name__,
)
def test_a_draft_has_the_fields_of_its_input(draft, given_type):
    fields = {field.python_name for field in given_type.__strawberry_definition__.fields}

    assert set(draft.__struct_fields__) == fields
