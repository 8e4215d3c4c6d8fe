import io
import json
import stat

from backend.core.principal import program
from backend.identity.people.users import People
from backend.programs import doctor, user
from backend.programs.demo import logins
from tests.world import run_sql

PASSWORD = "correct horse battery"
KIM = ["--email", "kim@shop.example", "--name", "Kim Doe"]


def test_a_person_is_invited_listed_shut_out_and_let_in_again(settled, capsys):
    owner = ["--email", "owner@shop.example", "--name", "Robin", "--role", "OWNER"]
    assert user.main(["create", *settled, *owner]) == 0
    assert "/invitation?token=" in capsys.readouterr().out
    assert user.main(["create", *settled, *KIM, "--role", "CLERK"]) == 0
    capsys.readouterr()

    assert user.main(["disable", "kim@shop.example", *settled]) == 0
    capsys.readouterr()
    user.main(["list", "--json", *settled])
    listed = json.loads(capsys.readouterr().out)
    assert [(one["email"], one["state"]) for one in listed] == [
        ("kim@shop.example", "disabled"),
        ("owner@shop.example", "invited"),
    ]
    assert user.main(["enable", "kim@shop.example", *settled]) == 0
    assert user.main(["reset-password", "kim@shop.example", *settled]) == 0
    assert "/invitation?token=" in capsys.readouterr().out


def test_a_password_comes_from_standard_input_and_must_be_strong(settled, capsys, monkeypatch):
    create = ["create", *settled, *KIM, "--role", "OWNER", "--password-stdin"]
    monkeypatch.setattr("sys.stdin", io.StringIO("password1234\n"))
    assert user.main(create) == 1
    assert "lists that attackers try" in capsys.readouterr().err

    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    assert user.main(create) == 0


def test_somebody_who_is_not_there_is_named(settled, capsys):
    assert user.main(["disable", "nobody@shop.example", *settled]) == 1
    assert "nobody@shop.example" in capsys.readouterr().err


async def test_the_demo_s_people_sign_in_with_a_password_of_this_installation(
    database, settings, org_id, tmp_path
):
    principal = program(org_id, "test")

    await logins.ensure_logins(database, principal, tmp_path)
    await logins.ensure_logins(database, principal, tmp_path)

    path = logins.login_file(tmp_path)
    written = json.loads(path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(written["emails"]) == 7
    async with People(database, settings) as people:
        for email in written["emails"]:
            assert await people.sign_in(email, written["password"], "", "")


async def test_the_demo_s_people_get_another_password_where_theirs_was_lost(
    database, settings, org_id, tmp_path
):
    principal = program(org_id, "test")
    await logins.ensure_logins(database, principal, tmp_path)
    logins.login_file(tmp_path).unlink()

    await logins.ensure_logins(database, principal, tmp_path)

    written = json.loads(logins.login_file(tmp_path).read_text())
    async with People(database, settings) as people:
        assert await people.sign_in(written["emails"][0], written["password"], "", "")


async def test_doctor_names_the_first_entry_of_the_audit_log_that_was_tampered_with(
    database, settings, owner_url, org_id
):
    async with database.work(program(org_id, "test")) as work:
        work.note("TESTED")
        work.note("TESTED")

    before = await doctor.checks.check_database(settings, owner_url)
    await run_sql(owner_url, "update audit_log set subject = 'x' where seq = 2")
    after = await doctor.checks.check_database(settings, owner_url)

    assert [f.verdict for f in before if f.subject == "audit log of test"] == ["ok"]
    finding = next(f for f in after if f.subject == "audit log of test")
    assert finding.verdict == "broken"
    assert "entry 2" in finding.words
