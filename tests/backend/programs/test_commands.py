import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from joserfc.jwk import ECKey

from backend.core.ids import new_id
from backend.identity.oauth.rules import check_origin
from backend.infra import embedded
from backend.programs import (
    checks,
    client,
    command,
    device,
    doctor,
    migrate,
    retention,
    schema,
    server,
    token,
)
from backend.programs.checks import Verdict
from tests.world import add_organisation, run_sql


def test_migrate_makes_the_first_organisation_once(instance, capsys):
    codes = [migrate.main(instance), migrate.main(instance)]

    said = capsys.readouterr().out
    assert codes == [0, 0]
    assert said.count("organisation 'default' made") == 1


@pytest.mark.parametrize(
    "words", [["--currency", "dollars"], ["--timezone", "Moon"], ["--name", ""]]
)
def test_migrate_refuses_an_organisation_that_cannot_be(instance, capsys, words):
    assert migrate.main([*instance, *words]) == 1

    assert capsys.readouterr().err.startswith("shelfcast migrate: ")


def test_an_app_is_made_without_a_secret(settled, capsys):
    words = ["--name", "app", "--scope", "sales:read", "--public", "--role", "CLERK"]

    assert client.main(["create", *settled, *words, "--redirect-uri", "http://127.0.0.1/cb"]) == 0

    made = json.loads(capsys.readouterr().out)
    client.main(["list", "--json", *settled])
    (listed,) = json.loads(capsys.readouterr().out)
    assert "client_secret" not in made
    assert (listed["kind"], listed["role"]) == ("PUBLIC", "CLERK")
    assert listed["redirect_uris"] == ["http://127.0.0.1/cb"]


def test_a_client_proves_itself_with_keys_from_a_file(settled, capsys, tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    key = ECKey.generate_key("P-256").as_dict(private=False)
    good.write_text(json.dumps({"keys": [key]}))
    bad.write_text("nonsense")
    create = ["create", *settled, "--name", "server", "--scope", "sales:read", "--keys"]

    assert client.main([*create, str(good)]) == 0
    assert client.main([*create, str(bad)]) == 1

    assert "client_secret" not in json.loads(capsys.readouterr().out)


def test_secrets_and_keys_are_replaced(settled, capsys):
    client.main(["create", *settled, "--name", "till", "--scope", "sales:write"])
    made = json.loads(capsys.readouterr().out)

    assert client.main(["rotate-secret", made["client_id"], *settled, "--grace", "1"]) == 0
    assert client.main(["rotate-keys", *settled, "--leaked"]) == 0

    secret, key = map(json.loads, capsys.readouterr().out.splitlines())
    assert secret["client_id"] == made["client_id"]
    assert secret["client_secret"] != made["client_secret"]
    assert key["kid"]


def test_a_client_is_made_listed_changed_and_revoked(settled, capsys):
    assert client.main(["create", *settled, "--name", "till", "--scope", "sales:write"]) == 0
    made = json.loads(capsys.readouterr().out)
    client.main(["update", made["client_id"], *settled, "--scope", "sales:read stock:read"])
    client.main(["revoke", made["client_id"], *settled])
    capsys.readouterr()

    client.main(["list", "--json", *settled])

    (listed,) = json.loads(capsys.readouterr().out)
    assert listed["scope"] == "sales:read stock:read"
    assert listed["revoked_at"] is not None
    assert made["client_secret"].startswith("scs_")


@pytest.mark.parametrize(
    "words",
    [
        ["create", "--name", "till", "--scope", "nonsense"],
        ["create", "--name", "", "--scope", "sales:read"],
        ["create", "--name", "till", "--scope", "sales:read", "--locations", "nowhere"],
        ["create", "--name", "till", "--scope", "sales:read", "--org", "nobody"],
        ["revoke", "sc_nobody"],
    ],
    ids=lambda words: " ".join(words),
)
def test_what_cannot_be_done_is_said_in_one_line(settled, capsys, words):
    assert client.main([*words, *settled]) == 1

    assert capsys.readouterr().err.count("\n") == 1


async def test_with_several_organisations_one_must_be_named(database, owner_url):
    codes = [await add_organisation(owner_url, code) and code for code in ("north", "south")]

    with pytest.raises(command.ShelfcastError, match="north, south"):
        await command.principal_of(database, None, "test")
    for code in codes:
        assert await command.principal_of(database, code, "test")


def test_a_token_without_a_backend_says_where_it_looked(instance, capsys):
    words = ["--client", "sc_x", "--secret", "s", "--url", "http://127.0.0.1:9"]

    assert token.main([*words, *instance]) == 1

    assert "http://127.0.0.1:9" in capsys.readouterr().err


def test_a_setting_that_cannot_be_read_is_named(instance, capsys, monkeypatch):
    monkeypatch.setenv("SHELFCAST_PORT", "many")

    assert doctor.main(instance) == 1

    assert "SHELFCAST_PORT" in capsys.readouterr().err


def test_the_schema_is_printed(capsys):
    assert schema.main([]) == 0

    assert "type Query {" in capsys.readouterr().out


def verdicts(findings):
    return {finding.subject: finding.verdict for finding in findings}


def test_the_doctor_finds_a_fresh_installation_well(settled, capsys):
    assert doctor.main([*settled, "--json"]) == 0

    findings = json.loads(capsys.readouterr().out)["findings"]
    worse = [found for found in findings if found["verdict"] != "ok"]
    assert [found["subject"] for found in worse] in ([], ["worker"], ["disk", "worker"])
    assert all(found["remedy"] for found in worse)


async def test_the_doctor_tells_an_old_schema_from_a_new_one(settings, owner_url):
    newest = "select max(name) as name from tortoise_migrations"
    ((name,),) = await run_sql(owner_url, newest)
    await run_sql(owner_url, "delete from tortoise_migrations where name = $1", name)
    old = await checks.check_database(settings, owner_url)
    insert = "insert into tortoise_migrations (app, name, applied_at) values ('retail', $1, now())"
    await run_sql(owner_url, insert, name)
    await run_sql(owner_url, insert, "9999_later")
    new = await checks.check_database(settings, owner_url)

    words = [next(one.words for one in found if one.subject == "schema") for found in (old, new)]
    assert "old" in words[0]
    assert "newer" in words[1]


async def test_the_doctor_sees_that_a_role_cannot_log_in(settings, owner_url):
    broken = settings.model_copy(
        update={"tail_database_url": type(settings.secret_key)(owner_url.replace("_owner", "_x"))}
    )

    findings = await checks.check_database(broken, owner_url)

    assert verdicts(findings)["role shelfcast_tail"] is Verdict.BROKEN


async def test_the_doctor_sees_that_the_database_is_away(settings):
    (finding,) = await checks.check_database(settings, "postgresql://nobody@127.0.0.1:9/nothing")

    assert (finding.subject, finding.verdict) == ("database", Verdict.BROKEN)


async def test_the_doctor_sees_that_redis_is_away(settings, redis):
    there = settings.model_copy(update={"redis_url": type(settings.secret_key)(redis.url)})
    well = await checks.check_redis(there)
    redis.stop()

    away = await checks.check_redis(there)

    assert (well.verdict, away.verdict) == (Verdict.OK, Verdict.BROKEN)


def test_the_doctor_sees_that_another_program_has_the_port(settings):
    with checks.socket.create_server(("127.0.0.1", 0)) as other:
        taken = settings.model_copy(update={"port": other.getsockname()[1]})
        other.settimeout(0.1)

        finding = checks.check_port(taken)

    assert finding.verdict is Verdict.BROKEN


def test_the_doctor_sees_secrets_that_others_can_read(tmp_path):
    (tmp_path / "secrets.json").write_text("{}")
    (tmp_path / "secrets.json").chmod(0o644)

    assert verdicts(checks.check_folder(tmp_path))["secrets"] is Verdict.BROKEN


def test_the_doctor_sees_a_crash_of_the_embedded_database(tmp_path):
    data_dir = tmp_path / "data"
    try:
        with embedded.start(data_dir, durable=False) as server:
            running = checks.check_cluster(data_dir)
            server.kill()
        crashed = checks.check_cluster(data_dir)
        with embedded.start(data_dir, durable=False):
            pass
        stopped = checks.check_cluster(data_dir)
    finally:
        embedded.stop(data_dir)
        embedded.remove_cluster(data_dir)

    assert [one.verdict for one in (running, crashed, stopped)] == ["ok", "warning", "ok"]


async def test_what_has_outlived_its_retention_is_deleted_and_nothing_else(
    database, settings, principal, owner_url
):
    now = datetime.now(UTC)
    ages = {"old": timedelta(days=100), "young": timedelta(days=1)}
    async with database.work(principal) as work:
        for name, age in ages.items():
            await work.rows(
                "insert into raw_reads (org_id, id, key, device_id, location_id, read_point, code,"
                " observed_at, recorded_at) values ($1, $2, $3, $2, $2, 'x', 'x', $4, $4)",
                *(principal.org_id, new_id(), name, now - age),
            )
            await work.rows(
                "insert into parked_reads (org_id, id, gtin, key, device_id, location_id, role,"
                " observed_at, recorded_at) values ($1, $2, $3, $3, $2, $2, 'SHELF', $4, $4)",
                *(principal.org_id, new_id(), name, now - age),
            )
            await work.rows(
                "insert into parked_codes values ($1, $3, 'x', 1, $2, $2, $4, $4)",
                *(principal.org_id, new_id(), name, now - age),
            )
            await work.rows(
                "insert into effect_key values"
                " ($1, 1, uuid_send($2::uuid), uuid_send($2::uuid), $2::uuid, $3)",
                *(principal.org_id, new_id(), now - age),
            )
    forgetful = settings.model_copy(update={"key_retention": timedelta(days=50)})

    for_ever = await retention.purge(database, settings, now)
    for_a_time = await retention.purge(database, forgetful, now)

    assert (for_ever.reads, for_ever.keys) == (1, 0)
    assert (for_a_time.reads, for_a_time.keys) == (0, 1)
    assert await run_sql(owner_url, "select key from raw_reads") == [("young",)]
    assert await run_sql(owner_url, "select key from parked_reads") == [("young",)]
    assert await run_sql(owner_url, "select code from parked_codes") == [("young",)]


@pytest.mark.parametrize("url", ["http://shop.example", "http://10.0.0.7:8000", "shop.example"])
def test_the_backend_does_not_start_where_passwords_could_be_read(
    instance, capsys, monkeypatch, url
):
    monkeypatch.setenv("SHELFCAST_PUBLIC_URL", url)
    monkeypatch.setenv("SHELFCAST_PLAIN_HTTP_HOSTS", "till.local, example")

    assert server.main(instance) == 1

    said = capsys.readouterr().err
    assert said.startswith(f"shelfcast backend: PLAIN_HTTP_REFUSED: SHELFCAST_PUBLIC_URL is '{url}")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "origin",
    ["https://shop.example", "http://localhost:8000", "http://[::1]:8", "http://Till.local:8000"],
)
def test_the_backend_starts_where_nobody_else_listens(origin):
    check_origin(origin, "proxy, till.local")


ADD_PLACE = """
insert into locations (org_id, id, code, name, kind, timezone)
select id, gen_random_uuid(), 'north', 'North', 'STORE', 'UTC' from organisations
"""
ADD_AGENT = """
insert into agents (org_id, id, client_id, name, location_ids, state, troubles, enrolled_at,
                    heard_at, updated_at)
select id, gen_random_uuid(), $1, $1, '{}', $2, $3, now(), now() - interval '5 minutes', now()
  from organisations
"""


async def test_a_code_for_an_agent_is_made_on_the_command_line(settled, owner_url, capsys):
    await run_sql(owner_url, ADD_PLACE)

    code = await asyncio.to_thread(
        device.main, ["enrol", *settled, "--location", "north", "--json"]
    )

    made = json.loads(capsys.readouterr().out)
    assert code == 0
    assert made["location"] == "north"
    assert made["command"].startswith(f"shelfcast edge pair {made['code']} --server http")


def test_a_code_for_a_place_that_is_not_there_is_refused(settled, capsys):
    assert device.main(["enrol", *settled, "--location", "nowhere"]) == 1

    assert "nowhere" in capsys.readouterr().err


async def test_the_doctor_names_silent_agents_and_those_in_trouble(settled, owner_url, capsys):
    await run_sql(owner_url, ADD_AGENT, "quiet", "SILENT", [])
    await run_sql(owner_url, ADD_AGENT, "full", "REPORTING", ["LOSES_READS"])
    await run_sql(owner_url, ADD_AGENT, "well", "REPORTING", [])

    await asyncio.to_thread(doctor.main, [*settled, "--json"])

    findings = {one["subject"]: one for one in json.loads(capsys.readouterr().out)["findings"]}
    assert findings["agent quiet"]["words"] == "was last heard of 5 minutes ago"
    assert findings["agent full"]["words"] == "says loses reads"
    assert "agent well" not in findings


async def test_the_agents_are_listed_on_the_command_line(settled, owner_url, capsys):
    await run_sql(owner_url, ADD_AGENT, "quiet", "SILENT", [])

    await asyncio.to_thread(device.main, ["agents", *settled, "--json"])
    listed = json.loads(capsys.readouterr().out)
    await asyncio.to_thread(device.main, ["agents", *settled])

    assert [(one["name"], one["state"]) for one in listed] == [("quiet", "SILENT")]
    assert "quiet" in capsys.readouterr().out
