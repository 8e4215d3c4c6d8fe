import os
import signal
import stat
import subprocess
import sys

import asyncpg
import pytest

from backend.infra import embedded
from backend.infra.embedded import account, cluster


@pytest.fixture
def data_dir(tmp_path):
    yield tmp_path / "data"
    embedded.stop(tmp_path / "data")
    embedded.remove_cluster(tmp_path / "data")


async def value(server, statement):
    connection = await asyncpg.connect(server.owner_url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_committed_data_survive_the_kill_of_the_server(data_dir):
    with embedded.start(data_dir) as server:
        await value(server, "create table kept as select 7 as number")
        server.kill()

        with embedded.start(data_dir) as restarted:
            assert await value(restarted, "select number from kept") == 7


async def test_a_throw_away_server_leaves_nothing_behind():
    with embedded.temporary() as server:
        assert await value(server, "select current_user::text") == "shelfcast_owner"
        cluster_path = embedded.cluster_folder(server.data_dir)

    assert not server.data_dir.exists()
    assert not cluster_path.exists()


async def test_text_sorts_and_folds_case_the_same_on_every_system():
    with embedded.temporary() as server:
        assert await value(server, "select lower('ÄÖ') || ('B' < 'a')::text") == "äötrue"


async def test_nobody_gets_in_without_the_password():
    with embedded.temporary() as server:
        without = server.owner_url.replace(":" + server.owner_url.split(":")[2].split("@")[0], ":x")

        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(without)


def test_secrets_are_readable_by_their_owner_only_and_made_once(tmp_path):
    first = embedded.ensure_secrets(tmp_path)

    mode = stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode)

    assert (mode, embedded.ensure_secrets(tmp_path)) == (0o600, first)


def test_a_second_server_on_the_same_cluster_is_refused(data_dir):
    with embedded.start(data_dir, durable=False) as server:
        with pytest.raises(embedded.DatabaseBusy) as refused:
            embedded.start(data_dir)

        assert refused.value.pid == server.pid


def test_a_process_number_left_by_a_crash_and_given_to_another_program_does_no_harm(data_dir):
    with embedded.start(data_dir, durable=False) as server:
        server.kill()
    path = embedded.cluster_folder(data_dir) / "postmaster.pid"
    path.write_text(path.read_text().replace(str(server.pid), str(os.getpid()), 1))

    with embedded.start(data_dir, durable=False):
        assert embedded.is_running(data_dir)


def test_a_folder_with_a_long_path_gets_a_short_private_socket_folder(tmp_path):
    data_dir = tmp_path / ("x" * 110)
    data_dir.mkdir()
    mine = account.Account(os.geteuid(), os.getegid(), switch=False)

    cluster._ensure_socket_folder(data_dir, mine)

    folder = embedded.socket_folder(data_dir)
    length = len(os.fsencode(folder / cluster.SOCKET_NAME))
    assert length <= cluster.SOCKET_PATH_LIMIT
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.rmdir()


def test_the_server_stops_when_whoever_started_it_is_killed(data_dir, ended):
    code = (
        "import pathlib, sys; from backend.infra import embedded;"
        "server = embedded.start(pathlib.Path(sys.argv[1]), durable=False);"
        "print(server.pid, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(data_dir)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as starter:
        postmaster = int(starter.stdout.readline())

        starter.send_signal(signal.SIGKILL)

    assert ended(postmaster, within=10)
