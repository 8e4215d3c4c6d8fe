import json

import pytest


@pytest.fixture
async def post(client, token):
    """Sends a raw body to /graphql as an administrator."""
    headers = {"Authorization": f"Bearer {await token()}", "Content-Type": "application/json"}

    async def send(content, **changed):
        return await client.post("/graphql", content=content, headers={**headers, **changed})

    return send


@pytest.fixture
def errors(post):
    """Returns the extensions of the errors that an operation is answered with."""

    async def ask(query, variables=None):
        answer = await post(json.dumps({"query": query, "variables": variables}))
        assert answer.status_code == 200, answer.text
        return [error["extensions"] for error in answer.json()["errors"]]

    return ask


def code_of(answer):
    return answer.json()["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"5",
        b"null",
        b"[]",
        b'"text"',
        b"[{}]",
        b"{}",
        b'{"query": null}',
        b'{"query": ""}',
        b'{"query": 5}',
        b'{"query": {"a": 1}}',
        b'{"query": "{organisation{name}}", "variables": 5}',
        b'{"query": "{organisation{name}}", "variables": "{}"}',
        b'{"query": "{organisation{name}}", "variables": [1]}',
        b'{"query": "{organisation{name}}", "operationName": 5}',
        b'{"query": "{organisation{name}}", "operationName": "other"}',
        b'{"query": "{organisation{name}}", "extensions": 5}',
        b'{"query": "{organisation{name}}", "variables": {"a": NaN}}',
        b'{"query": "{organisation{name}}", "variables": {"a": "\\ud800"}}',
        b'{"query": "{organisation{name}}", "variables": {"a": "\xff"}}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"variables": ' + b'{"a":' * 50_000,
        b'{"query": "fragment f on Query { organisation { name } }"}',
    ],
    ids=lambda content: content[:60].decode("latin-1"),
)
async def test_what_is_not_graphql_over_http_is_a_bad_request(post, content):
    answer = await post(content)

    assert (answer.status_code, code_of(answer)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "x"])
async def test_another_content_type_is_a_bad_request(post, kind):
    answer = await post(b'{"query": "{organisation{name}}"}', **{"Content-Type": kind})

    assert (answer.status_code, code_of(answer)) == (400, "BAD_REQUEST")


async def test_another_method_is_refused(client, token):
    answer = await client.put("/graphql", headers={"Authorization": f"Bearer {await token()}"})

    assert answer.status_code == 405


@pytest.mark.parametrize("is_announced", [True, False], ids=["announced", "streamed"])
async def test_a_body_of_ten_megabytes_is_refused(post, is_announced):
    async def parts():
        for _ in range(10):
            yield b" " * 1_000_000

    answer = await post(b" " * 10_000_000 if is_announced else parts())

    assert (answer.status_code, code_of(answer)) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    "query",
    ["{", "{organisation}}", "query (", "{a(b: )}", "\x00", "{ organisation { name }", "😀", "#"],
)
async def test_a_document_that_cannot_be_parsed_says_so(errors, query):
    (extensions,) = await errors(query)

    assert extensions["code"] == "GRAPHQL_PARSE_FAILED"


@pytest.mark.parametrize(
    "query",
    [
        "{ nonsense }",
        "{ organisation }",
        "{ organisation { nonsense } }",
        "{ organisation(first: 1) { name } }",
        "{ ...missing }",
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
        "query ($unused: Int) { organisation { name } }",
        "query ($x: Nonsense) { organisation { name } }",
        "mutation { nonsense }",
        "{ stockLevels(first: $undefined) { nodes { id } } }",
        '{ stockAt(sku: "a", location: "b", asOf: "yesterday") { id } }',
        "{ stockLevels(first: 99999999999999) { nodes { id } } }",
        "{ organisation @nonsense { name } }",
    ],
)
async def test_a_document_that_does_not_fit_the_schema_says_so(errors, query):
    found = await errors(query)

    assert {extensions["code"] for extensions in found} == {"GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { types { fields { type { fields { type { fields { name }}}}}}}}",
        "{ organisation { name } "
        + " ".join(f"a{number}: organisation {{ name }}" for number in range(1_000))
        + "}",
        "{" + " ".join(f"a{number}: __typename" for number in range(101)) + "}",
        "{" + "stockLevels { nodes { product { sku } } } " * 300 + "}",
        "{ organisation { name } }" + " " * 60_000,
        '{ stockAt(sku: "' + "x" * 60_000 + '", location: "b") { id } }',
    ],
    ids=["introspection", "1000 aliases", "101 aliases", "many fields", "long", "long string"],
)
async def test_a_document_beyond_the_limits_is_refused(errors, query):
    found = await errors(query)

    codes = {extensions["code"] for extensions in found}
    assert codes <= {"LIMIT_EXCEEDED", "GRAPHQL_VALIDATION_FAILED"}


async def test_a_deep_document_is_refused(errors):
    levels = "a { " * 13 + "a" + " }" * 13

    assert (await errors("{" * 3_000))[0]["code"] == "GRAPHQL_PARSE_FAILED"
    assert "LIMIT_EXCEEDED" in {found["code"] for found in await errors(f"{{ {levels} }}")}


async def test_a_document_of_nested_fragments_is_measured_in_no_time(errors):
    count = 60
    fragments = " ".join(
        f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} organisation {{ id }} }}"
        for n in range(count)
    )
    last = f"fragment f{count} on Query {{ organisation {{ id }} }}"

    found = await errors(f"{{ ...f0 }} {fragments} {last}")

    assert found[0]["code"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("variables", "field", "value"),
    [
        ({"at": "yesterday"}, ["at"], "yesterday"),
        ({"at": "2026-01-01T00:00:00"}, ["at"], "2026-01-01T00:00:00"),
        ({"at": 5}, ["at"], 5),
        ({"at": {"a": 1}}, ["at"], "{'a': 1}"),
        ({"at": "0000-01-01T00:00:00Z"}, ["at"], "0000-01-01T00:00:00Z"),
        ({"sku": None}, ["sku"], None),
        ({"sku": 5}, ["sku"], 5),
        ({"sku": ["x"]}, ["sku"], "['x']"),
    ],
    ids=repr,
)
async def test_a_variable_of_the_wrong_type_is_named_with_its_value(
    errors, variables, field, value
):
    query = """
        query ($sku: String!, $at: DateTime) {
            stockAt(sku: $sku, location: "x", asOf: $at) { id }
        }"""

    (extensions,) = await errors(query, {"sku": "a"} | variables)

    assert extensions == {"code": "BAD_USER_INPUT", "field": field, "value": value}


async def test_a_wrong_value_deep_in_the_input_is_found(errors):
    query = "mutation ($input: RecordSalesInput!) { recordSales(input: $input) { acceptedCount } }"
    line = {"sku": "a", "quantity": "1"}
    sale = {"idempotencyKey": "k", "location": "x", "channel": "IN_STORE", "lines": [line]}
    sale["soldAt"] = "2026-01-01T00:00:00Z"
    bad = sale | {"lines": [line, line | {"quantity": "many"}]}

    (extensions,) = await errors(query, {"input": {"sales": [sale, bad]}})

    assert extensions == {
        "code": "BAD_USER_INPUT",
        "field": ["input", "sales", "1", "lines", "1", "quantity"],
        "value": "many",
    }


async def test_a_character_the_database_cannot_hold_is_the_client_s_mistake(errors):
    query = "query ($sku: String!) { stockLevels(filter: {skus: [$sku]}) { nodes { id } } }"

    (extensions,) = await errors(query, {"sku": "a\x00b"})

    assert extensions["code"] == "BAD_USER_INPUT"


async def test_a_query_may_be_sent_with_get_and_a_mutation_may_not(client, token):
    headers = {"Authorization": f"Bearer {await token()}"}
    mutation = 'mutation { acknowledgeAlert(input: {id: "1"}) { __typename } }'

    read = await client.get("/graphql?query={organisation{code}}", headers=headers)
    written = await client.get("/graphql", params={"query": mutation}, headers=headers)

    assert read.json()["data"]["organisation"]["code"] == "test"
    assert written.status_code in {400, 405}
    assert "code" in written.json()["errors"][0]["extensions"]
