"""Files of columns: one for each process, made anew when broken, bounded in what they take."""

import asyncio
import stat
import sys

import pytest

from backend.infra import columns as infra
from backend.infra.columns import Columns, ColumnsUnavailable

ENDLESS = "select count(*) from range(100000000) a(x), range(100000000) b(y) where x * y % 7 = 3"


def run(text):
    return lambda session: session.execute(text).fetchall()


async def test_each_process_has_a_file_of_its_own(tmp_path):
    async with Columns(tmp_path / "a", memory=100) as one, Columns(tmp_path / "a", memory=100) as b:
        await one.write(run("create table t as select 1 as x"), seconds=5)
        await b.write(run("create table t as select 2 as x"), seconds=5)

        assert await one.read(run("select x from t"), seconds=5) == [(1,)]
        assert await b.read(run("select x from t"), seconds=5) == [(2,)]
        assert (one.slot, b.slot) == (0, 1)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700


async def test_a_file_that_cannot_be_read_is_made_anew(tmp_path, caplog):
    (tmp_path / "0.duckdb").write_bytes(b"not at all" * 2_000)

    async with Columns(tmp_path, memory=100) as columns:
        assert columns.is_used
        assert await columns.write(run("select 3"), seconds=5) == [(3,)]

    assert "copied anew" in caplog.text


async def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")

    async with Columns(tmp_path / "file", memory=100) as columns:
        with pytest.raises(ColumnsUnavailable):
            await columns.write(run("select 1"), seconds=5)
        with pytest.raises(ColumnsUnavailable, match="not open"):
            await columns.read(run("select 1"), seconds=5)


async def test_what_takes_too_long_is_given_up_and_others_are_answered(tmp_path):
    async with Columns(tmp_path, memory=100) as columns:
        await columns.write(run("create table t as select 1 as x"), seconds=5)
        with pytest.raises(ColumnsUnavailable, match="more than"):
            await columns.read(run(ENDLESS), seconds=0.2)

        assert await columns.read(run("select x from t"), seconds=5) == [(1,)]


async def test_a_question_nobody_waits_for_any_more_ends(tmp_path):
    async with Columns(tmp_path, memory=100) as columns:
        await columns.write(run("create table t as select 1 as x"), seconds=5)
        asking = [
            asyncio.create_task(columns.read(run(ENDLESS), seconds=60))
            for _ in range(infra.AT_ONCE)
        ]
        await asyncio.sleep(0.2)
        for one in asking:
            one.cancel()
        await asyncio.wait(asking, timeout=5)

        assert all(one.cancelled() for one in asking)
        assert await columns.read(run("select x from t"), seconds=5) == [(1,)]


async def test_few_are_answered_at_once_and_few_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(infra, "PATIENCE", 0.2)
    monkeypatch.setattr(infra, "WAITING", 1)
    async with Columns(tmp_path, memory=100) as columns:
        await columns.write(run("create table t as select 1 as x"), seconds=5)
        asking = [
            asyncio.create_task(columns.read(run(ENDLESS), seconds=1)) for _ in range(infra.AT_ONCE)
        ]
        await asyncio.sleep(0.05)
        waits = asyncio.create_task(columns.read(run("select 1"), seconds=5))
        await asyncio.sleep(0)
        with pytest.raises(ColumnsUnavailable, match="waiting"):
            await columns.read(run("select 1"), seconds=5)

        with pytest.raises(ColumnsUnavailable, match="turn"):
            await waits
        ended = await asyncio.gather(*asking, return_exceptions=True)
        assert all(isinstance(one, ColumnsUnavailable) for one in ended)


async def test_what_a_change_that_fails_wrote_is_gone(tmp_path):
    def change(session):
        session.execute("insert into t values (2)")
        session.execute("select * from nothing")

    async with Columns(tmp_path, memory=100) as columns:
        await columns.write(run("create table t as select 1 as x"), seconds=5)
        with pytest.raises(ColumnsUnavailable):
            await columns.write(change, seconds=5)

        assert await columns.read(run("select x from t"), seconds=5) == [(1,)]


WRITING = """
import asyncio, sys
from pathlib import Path
from backend.infra.columns import Columns

async def main():
    async with Columns(Path(sys.argv[1]), memory=100) as columns:
        def change(session):
            n = session.execute("select coalesce(max(n), 0) + 1 from upto").fetchone()[0]
            session.execute("insert into t select $1 from range(5000)", {"1": n})
            session.execute("insert into upto values ($1)", {"1": n})
        make = "create table t (n bigint); create table upto (n bigint)"
        await columns.write(lambda session: session.execute(make), seconds=5)
        while True:
            await columns.write(change, seconds=5)
            print("written", flush=True)

asyncio.run(main())
"""


async def test_a_process_killed_while_it_writes_leaves_whole_changes(tmp_path):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITING, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    for _ in range(7):
        await asyncio.wait_for(process.stdout.readline(), 20)
    process.kill()
    await process.wait()

    async with Columns(tmp_path, memory=100) as columns:
        counted = "select (select max(n) from upto), count(*), max(n) from t"
        [[upto, rows, last]] = await columns.write(run(counted), seconds=5)
        assert columns.slot == 0
    assert upto == last >= 7
    assert rows == 5_000 * upto


async def test_memory_is_bounded(tmp_path):
    async with Columns(tmp_path, memory=100) as columns:
        limit = "select value from duckdb_settings() where name = 'memory_limit'"
        assert await columns.write(run(limit), seconds=5) == [("95.3 MiB",)]
        with pytest.raises(ColumnsUnavailable):
            await columns.write(run("set memory_limit = '10GB'"), seconds=5)
