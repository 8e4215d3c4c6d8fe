"""Shelfcast as a person starts it, `shelfcast up`, and programs beside it; all ended by pid."""

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.request import urlopen

from backend.infra import embedded
from tests.world import run_sql

START_TIMEOUT_S = 90
STOP_TIMEOUT_S = 40
POLL_S = 0.02
SESSION = """
select pid from pg_stat_activity
 where application_name = 'shelfcast-app' order by backend_start desc limit 1"""
RECOVERED = "database system is ready to accept connections"
_PR_SET_PDEATHSIG = 1


def free_port():
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A process of ours with a log; it can be killed and started again, and dies with the tests."""

    def __init__(self, log, module, *words, environment=None):
        self.log = log
        self._command = [sys.executable, "-m", module, *map(str, words)]
        self._environment = environment if environment is not None else clean_environment()
        self._process = None

    @property
    def is_alive(self):
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self):
        """Start it."""
        parent = os.getpid()
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment,
                start_new_session=True,
                preexec_fn=lambda: _die_with(parent),
            )

    def kill(self):
        """End it as a crash would."""
        if self.is_alive:
            self._process.kill()
            self._process.wait()

    def stop(self, timeout_s=STOP_TIMEOUT_S):
        """Ask it to end, and make it where it does not listen."""
        if self.is_alive:
            self._process.terminate()
            try:
                self._process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.kill()


class Installation:
    """An empty retailer: PostgreSQL, backend, worker and dashboard under their supervisor."""

    def __init__(self, folder):
        self.folder = folder
        self.data_dir = folder / "data"
        self.port, self.dashboard_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.wall_url = f"http://localhost:{self.dashboard_port}/"
        ports = ("--port", self.port, "--dashboard-port", self.dashboard_port)
        words = ("up", "--no-demo", "--data-dir", self.data_dir, *ports)
        self._up = Program(folder / "up.log", "shelfcast", *words)

    @property
    def owner_url(self):
        """The database, as its owner."""
        return embedded.owner_url(self.data_dir)

    def start(self):
        """Start everything and return once it is up."""
        self._up.start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while "is up after" not in self._up.log.read_text():
            assert self._up.is_alive, self._up.log.read_text()
            assert time.monotonic() < deadline, self._up.log.read_text()
            time.sleep(POLL_S)

    def stop(self):
        """Stop everything; what the supervisor should leave behind is killed."""
        children = self._children()
        self._up.stop()
        for child in children.values():
            with contextlib.suppress(ProcessLookupError):
                if _is_ours(child["pid"], child["born"]):
                    os.kill(child["pid"], signal.SIGKILL)

    def kill(self, name):
        """Kill a child as a crash would, and return what `wait_back` wants to know of it."""
        pid = self._children()[name]["pid"]
        os.kill(pid, signal.SIGKILL)
        return pid, len(self._log(name))

    async def kill_session(self):
        """Kill one server process of PostgreSQL; it ends all sessions and recovers by itself."""
        old = len(self._log("database"))
        rows = await run_sql(self.owner_url, SESSION)
        os.kill(rows[0]["pid"], signal.SIGKILL)
        async with asyncio.timeout(START_TIMEOUT_S):
            while RECOVERED not in self._log("database")[old:]:
                await asyncio.sleep(POLL_S)

    async def wait_back(self, name, killed):
        """Wait until the supervisor has a new child of that name, and it is ready."""
        async with asyncio.timeout(START_TIMEOUT_S):
            while not await self._is_back(name, *killed):
                await asyncio.sleep(POLL_S)

    def make_client(self, name, scope):
        """Return id and secret of a new OAuth client, as `shelfcast client create` prints them."""
        words = ("client", "create", "--name", name, "--scope", scope)
        command = (sys.executable, "-m", "shelfcast", *words, "--data-dir", str(self.data_dir))
        done = subprocess.run(
            command, env=clean_environment(), stdout=subprocess.PIPE, check=True, timeout=60
        )
        return json.loads(done.stdout)

    def backend_beside(self, name, *, redis_url):
        """Return one more backend on the same database, not started, and its URL."""
        port = free_port()
        environment = clean_environment() | {"SHELFCAST_REDIS_URL": redis_url}
        words = ("backend.programs.server", "--data-dir", self.data_dir, "--port", port)
        program = Program(self.folder / f"{name}.log", *words, environment=environment)
        return program, f"http://127.0.0.1:{port}"

    def _children(self):
        try:
            return json.loads((self.data_dir / "instance.json").read_text())["children"]
        except (OSError, ValueError):
            return {}

    def _log(self, name):
        return (self.data_dir / "logs" / f"{name}.log").read_text(errors="replace")

    async def _is_back(self, name, old_pid, old_log):
        pid = self._children().get(name, {}).get("pid", old_pid)
        if pid == old_pid:
            return False
        match name:
            case "database":
                return embedded.running_pid(self.data_dir) == pid
            case "backend":
                return await is_answering(f"{self.url}/readyz")
            case "dashboard":
                return await is_answering(f"{self.wall_url}healthz")
            case _:
                return "ready" in self._log(name)[old_log:]


async def is_answering(url):
    """Tell whether a GET is answered with 200."""

    def ask():
        try:
            with urlopen(url, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    return await asyncio.to_thread(ask)


def clean_environment():
    """Return what a program needs of ours, without anybody's settings."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def _is_ours(pid, born):
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - /proc is no place for pathlib
            return file.read().rpartition(")")[2].split()[19] == born
    except OSError:
        return False


def _die_with(parent):
    """Ask Linux to end us when the tests are killed; runs in the new process."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
