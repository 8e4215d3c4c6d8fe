"""Settings of the dashboard."""

import pytest
from pydantic import ValidationError

from dashboard.settings import DashboardSettings


def test_every_setting_has_the_projects_prefix(monkeypatch):
    monkeypatch.setenv("SHELFCAST_DASHBOARD_PORT", "9001")
    monkeypatch.setenv("SHELFCAST_TILE_URL", "https://tiles.example/{z}/{x}/{y}.png")

    settings = DashboardSettings()

    assert settings.dashboard_port == 9001
    assert settings.tile_url == "https://tiles.example/{z}/{x}/{y}.png"


def test_an_empty_variable_is_an_unset_one(monkeypatch):
    monkeypatch.setenv("SHELFCAST_PUBLIC_URL", "")

    assert DashboardSettings().public_url is None


@pytest.mark.parametrize(
    ("url", "port"),
    [("http://backend", 80), ("https://backend", 443), ("http://backend:8123/", 8123)],
)
def test_the_backends_port_is_known_also_where_the_address_leaves_it_out(url, port):
    assert DashboardSettings(backend_url=url).backend_port == port


def test_an_address_that_is_none_is_refused():
    with pytest.raises(ValidationError):
        DashboardSettings(backend_url="backend:8000")


def test_a_secret_is_not_printed():
    assert "s3cret" not in repr(
        DashboardSettings.model_validate({"dashboard_client_secret": "s3cret"})
    )


def test_listening_everywhere_allows_no_further_host_names():
    settings = DashboardSettings(
        dashboard_host="0.0.0.0", dashboard_url="https://wall.shop.example"
    )

    assert settings.host_names == {"localhost", "127.0.0.1", "::1", "wall.shop.example"}
