from pathlib import Path

import pytest

from shelfcast.plan import Options, Plan, client_names


def plan(environment=None, **options):
    return Plan(Options(Path("/data"), environment or {}, **options))


def test_every_program_is_told_the_same_folder_and_ports():
    programs = plan(port=8001, dashboard_port=8051)

    for program in (programs.database(), programs.backend(), programs.dashboard(), programs.edge()):
        assert program.environment["SHELFCAST_DATA_DIR"] == "/data"
        assert program.environment["SHELFCAST_PORT"] == "8001"
        assert program.environment["SHELFCAST_DASHBOARD_PORT"] == "8051"


def test_what_the_user_set_wins_over_what_follows_from_the_ports():
    told = {"SHELFCAST_DASHBOARD_URL": "https://wall.example"}

    assert plan(told).backend().environment["SHELFCAST_DASHBOARD_URL"] == "https://wall.example"


def test_a_database_of_the_user_s_own_is_not_ours_to_start():
    assert not plan({"SHELFCAST_DATABASE_URL": "postgresql://db/shelfcast"}).options.is_embedded


@pytest.mark.parametrize(
    ("bound", "reached"),
    [("0.0.0.0", "localhost"), ("192.0.2.7", "192.0.2.7"), ("", "localhost")],
)
def test_the_address_shown_leads_to_where_the_wall_listens(bound, reached):
    shown = plan({"SHELFCAST_DASHBOARD_HOST": bound}).urls()["wall"]

    assert shown == f"http://{reached}:8050"


def test_without_the_demo_only_the_dashboard_gets_credentials():
    assert client_names(has_demo=False) == ["dashboard"]


def test_people_are_led_back_to_the_address_at_which_they_open_the_dashboard():
    made = plan(dashboard_port=8051).create_client("dashboard").command
    named = plan({"SHELFCAST_DASHBOARD_URL": "https://wall.example/"}).create_client("dashboard")

    assert made[-3:] == ("--first-party", "--redirect-uri", "http://localhost:8051/login/callback")
    assert named.command[-1] == "https://wall.example/login/callback"


def test_no_secret_of_a_user_s_is_in_what_is_printed_of_a_program():
    assert "hunter2" not in repr(plan({"SHELFCAST_SECRET_KEY": "hunter2"}).backend())
