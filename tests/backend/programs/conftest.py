import pytest

from backend.programs import migrate


@pytest.fixture
def instance(tmp_path, postgres, owner_url, monkeypatch):
    """A data folder whose database is this test's; the commands are told by the environment."""
    monkeypatch.setenv("SHELFCAST_DATABASE_URL", owner_url)
    monkeypatch.setenv("SHELFCAST_DATA_DIR", str(tmp_path))
    return ["--data-dir", str(tmp_path)]


@pytest.fixture
def settled(instance, capsys):
    """The same, with an organisation."""
    assert migrate.main(instance) == 0
    capsys.readouterr()
    return instance
