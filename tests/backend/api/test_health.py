from backend.infra.api.health import describe_schema
from backend.infra.migrator import known


async def test_a_process_that_lives_says_so(client):
    assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_a_process_is_ready_with_the_schema_it_knows(client):
    assert (await client.get("/readyz")).status_code == 200


async def test_a_process_is_not_ready_without_its_database(client, app, database, postgres):
    await database.__aexit__()
    services = app.state.services
    identity = next(value for kind, value in services.items() if kind.__name__ == "Identity")
    await identity.database.__aexit__()

    answer = await client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] != "ok"


def test_an_old_schema_says_what_to_do():
    newest = max(known())

    assert "shelfcast migrate" in str(describe_schema(known() - {newest}))


def test_a_schema_of_a_later_version_says_what_to_do():
    assert "upgrade" in str(describe_schema(known() | {"9999_later"}))


async def test_figures_are_there_to_be_scraped(client):
    await client.get("/healthz")

    answer = await client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain")
    assert "shelfcast_http_requests_total" in answer.text
