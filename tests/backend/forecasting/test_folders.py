import asyncio
import os
import subprocess
import sys
from pathlib import Path

from backend.forecasting.jobs.folders import PREFIX, own_folder, sweep

KILLED = """
import os, sys
from pathlib import Path
from backend.forecasting.jobs.folders import own_folder
with own_folder(Path(sys.argv[1])) as folder:
    (folder / "0.part").write_bytes(b"demand")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_run_left_is_removed_at_the_next_start(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as run:  # fmt: skip
        assert run.stdout is not None
        folder = run.stdout.readline().strip()
        while_it_lives = sweep(tmp_path)
        left_alone = [one.name for one in Path(folder).iterdir()]
        run.kill()
        run.wait(30)

    removed = sweep(tmp_path)

    assert (while_it_lives, sorted(left_alone)) == (0, ["0.part", "lock"])
    assert (removed, list(tmp_path.iterdir())) == (1, [])


async def test_a_worker_that_starts_removes_what_a_killed_one_left(tmp_path, start_worker):
    left, other = tmp_path / f"{PREFIX}1", tmp_path / "else"
    for one in (left, other):
        one.mkdir()
        (one / "lock").touch()

    start_worker(TMPDIR=str(tmp_path))

    async with asyncio.timeout(60):
        while left.exists():
            await asyncio.sleep(0.05)
    assert other.exists()


def test_the_folder_of_a_run_goes_with_it(tmp_path):
    with own_folder(tmp_path) as folder:
        (folder / "0.part").write_bytes(b"demand")
        assert sweep(tmp_path) == 0

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_never_locked_goes_when_it_is_old_and_others_never(tmp_path):
    fresh, old, other = (tmp_path / name for name in (f"{PREFIX}1", f"{PREFIX}2", "else"))
    link = tmp_path / f"{PREFIX}3"
    for one in (fresh, old, other):
        one.mkdir()
    link.symlink_to(other)
    for one in (old, other):
        os.utime(one, (0, 0))

    removed = sweep(tmp_path)

    assert removed == 1
    assert sorted(tmp_path.iterdir()) == sorted([fresh, link, other])
