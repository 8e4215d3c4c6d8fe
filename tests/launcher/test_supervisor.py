import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shelfcast import supervisor as supervisors
from shelfcast.child import ProgramFailed
from shelfcast.instance import Instance
from shelfcast.program import Program, answers, exists
from shelfcast.supervisor import Supervisor

SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
NOTES_ITS_END = """
import signal, sys, time
def end(*_):
    with open(sys.argv[1], "a") as file: file.write(sys.argv[2] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
open(sys.argv[3], "w").close()
time.sleep(60)
"""
IGNORES_SIGTERM = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "w").close()
time.sleep(60)
"""
SUPERVISES_A_SLEEPER = """
import asyncio, os, pathlib, sys
from shelfcast.instance import Instance
from shelfcast.program import Program
from shelfcast.supervisor import Supervisor
async def main():
    with Instance(pathlib.Path(sys.argv[1])) as instance:
        command = (sys.executable, "-c", "import time; time.sleep(60)")
        await Supervisor(instance, {}).start(Program("sleeper", command, os.environ))
        print(instance.read()["children"]["sleeper"]["pid"], flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.fixture
def instance(tmp_path):
    with Instance(tmp_path / "data") as instance:
        yield instance


@pytest.fixture
async def supervisor(instance):
    supervisor = Supervisor(instance, {})
    yield supervisor
    await supervisor.stop()


def python(name, code, *words, **how):
    return Program(name, (sys.executable, "-c", code, *map(str, words)), os.environ, **how)


async def until(claim):
    async with asyncio.timeout(10):
        while not claim():
            await asyncio.sleep(0.01)


def pid_of(instance, name):
    return instance.read()["children"][name]["pid"]


async def test_a_killed_child_is_back_within_seconds(instance, supervisor, free_port):
    server = python("server", SERVER, free_port, is_ready=answers("127.0.0.1", free_port, "/"))
    await supervisor.start(server)
    killed = pid_of(instance, "server")

    os.kill(killed, signal.SIGKILL)

    await until(lambda: pid_of(instance, "server") != killed)
    async with asyncio.timeout(5):
        while not await server.is_ready(0):
            await asyncio.sleep(0.01)


async def test_children_stop_in_the_reverse_order_of_their_start(supervisor, tmp_path):
    for name in ("first", "second"):
        words = (tmp_path / "ends", name, tmp_path / name)
        await supervisor.start(python(name, NOTES_ITS_END, *words, is_ready=exists(words[2])))

    await supervisor.stop()

    assert (tmp_path / "ends").read_text().split() == ["second", "first"]


async def test_a_child_that_ignores_the_request_to_stop_is_killed(instance, supervisor, tmp_path):
    program = python(
        "deaf",
        IGNORES_SIGTERM,
        tmp_path / "up",
        is_ready=exists(tmp_path / "up"),
        stop_timeout_s=0.1,
    )
    await supervisor.start(program)
    pid = pid_of(instance, "deaf")

    await supervisor.stop()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_program_that_cannot_start_is_reported_with_the_end_of_its_log(supervisor):
    broken = python("broken", "raise SystemExit('no such disk')", is_ready=exists(Path("/nowhere")))

    with pytest.raises(ProgramFailed, match="no such disk"):
        await supervisor.start(broken)


async def test_a_program_that_is_to_end_well_and_does_not_is_reported(supervisor):
    with pytest.raises(ProgramFailed, match="exit code 3"):
        await supervisor.run_once(python("once", "raise SystemExit(3)"))


def test_children_end_when_the_supervisor_is_killed(tmp_path, ended):
    starter = subprocess.Popen(
        [sys.executable, "-c", SUPERVISES_A_SLEEPER, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    with starter:
        sleeper = int(starter.stdout.readline())

        starter.kill()

    assert ended(sleeper, within=5)


async def test_being_told_to_stop_ends_a_start_that_still_waits():
    stopping = asyncio.Event()
    stopping.set()

    async with asyncio.timeout(5):
        await supervisors._until(stopping, asyncio.sleep(60))
