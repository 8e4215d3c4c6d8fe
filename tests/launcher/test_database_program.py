import asyncpg
import pytest

from backend.infra import embedded
from backend.programs.database import main


@pytest.fixture(scope="module")
def server():
    with embedded.temporary() as server:
        yield server


@pytest.fixture
async def connection(server):
    connection = await asyncpg.connect(server.owner_url)
    yield connection
    await connection.close()


@pytest.fixture
def run(server):
    return lambda *words: main([*words[:1], "--data-dir", str(server.data_dir), *words[1:]])


async def test_a_restored_backup_brings_the_data_back_with_a_new_epoch(run, connection, tmp_path):
    archive = tmp_path / "kept.dump"
    await connection.execute("create table feed_epoch as select 'first' as epoch, 7 as kept")
    assert run("backup", str(archive)) == 0
    await connection.execute("update feed_epoch set kept = 8")

    assert run("restore", str(archive)) == 0

    epoch, kept = await connection.fetchrow("select epoch, kept from feed_epoch")
    assert (epoch != "first", kept) == (True, 7)
    assert archive.stat().st_mode & 0o777 == 0o600


def test_a_backup_never_overwrites_an_older_one(run, tmp_path, capsys):
    (tmp_path / "old.dump").touch()

    assert run("backup", str(tmp_path / "old.dump")) == 1

    assert "old.dump" in capsys.readouterr().err


def test_the_status_is_also_an_exit_code(run, tmp_path, capsys):
    assert run("status") == 0
    assert main(["status", "--data-dir", str(tmp_path)]) == 3


def test_stopping_what_does_not_run_is_no_failure(tmp_path, capsys):
    assert main(["stop", "--data-dir", str(tmp_path)]) == 0


def test_serving_a_cluster_that_is_served_is_refused_in_plain_words(run, server, capsys):
    assert run("serve") == 1

    assert f"process {server.pid}" in capsys.readouterr().err
