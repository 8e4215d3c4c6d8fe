from backend.customers import loaders, service as customers
from backend.customers.rules import CustomerDraft, CustomerRef, Personal
from backend.identity.authentication import Identity
from tests.backend.statements import counted
from tests.world import add_organisation, principal_with, run_sql

UPSERT = """
mutation($input: UpsertCustomersInput!) {
  upsertCustomers(input: $input) {
    results { reference status customer { id segment name email } userErrors { code field } }
  }
}
"""
LIST = """
query($first: Int! = 50, $filter: CustomerFilter) {
  customers(first: $first, filter: $filter) {
    nodes { id segment name email phone address createdAt }
  }
}
"""


async def test_a_reference_becomes_the_same_customer_every_time(database, principal):
    async with database.work(principal) as work:
        first = await customers.resolve_customers(work, ["C-1", "C-2"], {"C-1": "Consumer"})
    async with database.work(principal) as work:
        second = await customers.resolve_customers(work, ["C-2", "C-1"])

    assert second == first
    assert {one.segment for one in first.values()} == {"Consumer", None}


async def test_a_segment_said_later_replaces_the_one_known(database, principal):
    async with database.work(principal) as work:
        first = await customers.resolve_customers(work, ["C-1"], {"C-1": "Consumer"})
        second = await customers.resolve_customers(work, ["C-1"], {"C-1": "Corporate"})

    assert second == {"C-1": CustomerRef(first["C-1"].id, "Corporate")}


async def test_a_reference_is_not_kept_in_the_clear(database, owner_url, principal):
    async with database.work(principal) as work:
        await customers.resolve_customers(work, ["jane@example.com"])

    rows = await run_sql(owner_url, "select c::text from customers c")
    assert "jane" not in str(rows)
    assert b"jane".hex() not in str(rows)


def customer(reference, **given):
    return CustomerDraft(reference=reference, **given)


async def put(database, principal, *drafts):
    async with database.work(principal) as work:
        done = await customers.upsert_customers(work, drafts)
    return [detail for _, detail in done]


async def personal(database, principal, *ids):
    async with database.work(principal) as work:
        return await loaders.personal_data(work, list(ids))


async def test_what_names_a_person_can_be_read_back_but_is_nowhere_in_the_clear(
    database, owner_url, principal
):
    [made] = await put(database, principal, customer("C-1", name="Jane Roe", email="j@roe.example"))

    assert await personal(database, principal, made.ref.id) == [
        Personal(name="Jane Roe", email="j@roe.example")
    ]
    for table in ("customers", "customer_keys", "event_log"):
        rows = await run_sql(owner_url, f"select t::text from {table} t")
        assert "Jane" not in str(rows)
        assert b"Jane".hex() not in str(rows)


async def test_without_the_persons_key_nothing_is_left_to_read(database, owner_url, principal):
    [one, two] = await put(
        database, principal, customer("C-1", name="Jane"), customer("C-2", name="Joe")
    )
    await run_sql(owner_url, "delete from customer_keys where customer_id = $1", one.ref.id)

    found = await personal(database, principal, one.ref.id, two.ref.id)

    assert found == [Personal(), Personal(name="Joe")]


async def test_sealed_data_moved_to_another_person_does_not_open(database, owner_url, principal):
    [one, two] = await put(
        database, principal, customer("C-1", name="Jane"), customer("C-2", name="Joe")
    )
    for table, key, column in [
        ("customers", "id", "personal"),
        ("customer_keys", "customer_id", "wrapped_key"),
    ]:
        await run_sql(
            owner_url,
            f"update {table} a set {column} = b.{column} from {table} b"
            f" where a.{key} = $1 and b.{key} = $2",
            one.ref.id,
            two.ref.id,
        )

    assert await personal(database, principal, one.ref.id) == [Personal()]


async def test_each_person_has_a_key_of_their_own(database, owner_url, principal):
    await put(database, principal, customer("C-1", name="Jane"), customer("C-2", name="Jane"))

    rows = await run_sql(owner_url, "select personal, wrapped_key from customers c"
                         " join customer_keys k on k.customer_id = c.id")  # fmt: skip

    assert len({row["personal"] for row in rows}) == 2
    assert len({row["wrapped_key"] for row in rows}) == 2


async def test_what_is_left_out_stays_and_what_is_null_is_cleared(database, owner_url, principal):
    await put(database, principal, customer("C-1", name="Jane", phone="1", segment="Consumer"))
    [kept] = await put(database, principal, customer("C-1", name="Janet"))
    assert await personal(database, principal, kept.ref.id) == [Personal(name="Janet", phone="1")]

    [cleared] = await put(database, principal, customer("C-1", name=None, phone=None, segment=None))

    assert (kept.ref.segment, cleared.ref.segment) == ("Consumer", None)
    [row] = await run_sql(owner_url, "select personal from customers")
    assert row["personal"] is None


async def test_the_same_call_twice_changes_nothing(database, owner_url, principal):
    draft = customer("C-1", name="Jane", segment="Consumer")
    first = await put(database, principal, draft)
    before = await run_sql(owner_url, "select * from customers")

    assert await put(database, principal, draft) == first
    assert await run_sql(owner_url, "select * from customers") == before


async def test_a_sale_and_an_upsert_mean_the_same_customer(database, principal):
    async with database.work(principal) as work:
        sold = await customers.resolve_customers(work, ["C-1"])
    [made] = await put(database, principal, customer("C-1", name="Jane"))

    assert made.ref.id == sold["C-1"].id


async def test_two_organisations_never_share_a_customer(database, owner_url, principal):
    other = principal_with(await add_organisation(owner_url, "other"), *principal.scopes)

    [mine] = await put(database, principal, customer("C-1", name="Jane"))
    [theirs] = await put(database, other, customer("C-1"))

    assert mine.ref.id != theirs.ref.id
    assert await personal(database, other, mine.ref.id) == [Personal()]
    digests = await run_sql(owner_url, "select distinct reference_digest from customers")
    assert len(digests) == 2


async def test_customers_are_written_and_listed_through_the_api(graphql):
    sent = [
        {"reference": "C-1", "segment": "Consumer", "name": "Jane", "email": "j@roe.example"},
        {"reference": "C-2", "segment": "Corporate"},
        {"reference": ""},
        {"reference": "C-3", "name": "x" * 401},
    ]
    answer = await graphql(UPSERT, {"input": {"customers": sent}})

    results = answer["data"]["upsertCustomers"]["results"]
    assert [one["status"] for one in results] == ["ACCEPTED", "ACCEPTED", "REJECTED", "REJECTED"]
    assert results[0]["customer"]["name"] == "Jane"
    assert [one["userErrors"][0] for one in results[2:]] == [
        {"code": "INVALID_CODE", "field": ["input", "customers", "2", "reference"]},
        {"code": "INVALID_TEXT", "field": ["input", "customers", "3", "name"]},
    ]
    for given, count in [(None, 2), ({"segments": ["Consumer"]}, 1), ({"references": ["C-2"]}, 1)]:
        found = await graphql(LIST, {"filter": given})
        assert len(found["data"]["customers"]["nodes"]) == count, given


async def test_customers_are_sorted_by_when_they_were_met_or_changed(graphql):
    for segment, reference in enumerate(["C-1", "C-2", "C-1"]):
        sent = {"reference": reference, "segment": str(segment)}
        await graphql(UPSERT, {"input": {"customers": [sent]}})

    async def segments(sort):
        query = "query($sort: CustomerSort) { customers(sort: $sort) { nodes { segment } } }"
        answer = await graphql(query, {"sort": sort})
        return [node["segment"] for node in answer["data"]["customers"]["nodes"]]

    assert await segments(None) == ["1", "2"]
    assert await segments({"direction": "ASC"}) == ["2", "1"]
    assert await segments({"by": "UPDATED_AT"}) == ["2", "1"]


async def test_customers_are_for_those_who_may_read_them(graphql):
    await graphql(UPSERT, {"input": {"customers": [{"reference": "C-1", "name": "Jane"}]}})

    read = await graphql(LIST, None, "sales:read")
    written = await graphql(
        UPSERT, {"input": {"customers": [{"reference": "C-1"}]}}, "customers:write"
    )

    assert read["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"
    [result] = written["data"]["upsertCustomers"]["results"]
    assert result["customer"]["name"] is None
    assert written["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"


async def test_a_list_takes_as_many_statements_for_100_customers_as_for_two(
    app, graphql, principal
):
    database = app.state.services[Identity].database
    await put(database, principal, *[customer(f"C{n}", name=f"N{n}") for n in range(100)])

    with counted(app) as few:
        await graphql(LIST, {"first": 2})
    with counted(app) as many:
        answer = await graphql(LIST, {"first": 100})

    assert all(node["name"] for node in answer["data"]["customers"]["nodes"])
    assert 0 < len(many) <= len(few), many
