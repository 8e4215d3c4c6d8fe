"""Starting, watching and stopping the server of a cluster."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from backend.infra.embedded import account as accounts, cluster, processes
from backend.infra.embedded.errors import DatabaseBroken, DatabaseBusy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.infra.embedded.account import Account

log = logging.getLogger(__name__)

START_TIMEOUT_S = 900.0
"""Longest recovery that is waited for: a crash may leave gigabytes of log to replay."""

STOP_TIMEOUT_S = 30.0
SHARED_MEMORY_NEEDED = 256 * 1024 * 1024
_PR_SET_PDEATHSIG = 1


class Server:
    """A running server that we started; leaving the `with` block stops it."""

    def __init__(self, data_dir: Path, process: subprocess.Popen[bytes] | None) -> None:
        self.data_dir = data_dir
        self.owner_url = cluster.owner_url(data_dir)
        self._process = process

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return self._process.pid if self._process else running_pid(self.data_dir) or 0

    def stop(self, timeout: float = STOP_TIMEOUT_S) -> None:
        """Close all sessions and shut down cleanly; harder when that takes too long."""
        if self._process is None:
            return
        for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self._process.poll() is not None:
                return
            self._process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)

    def kill(self) -> None:
        """Kill it as a power cut would; returns when none of its processes is left."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        processes.wait_until_gone(cluster.cluster_folder(self.data_dir), STOP_TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


def start(data_dir: Path, *, durable: bool = True, timeout: float = START_TIMEOUT_S) -> Server:
    """Start the server on `data_dir`, creating what is missing; return once it takes connections.

    The server shuts down by itself when the thread that called this dies.

    Raises:
        DatabaseBusy: another server already runs there.
        DatabaseBroken: it did not start; the message quotes its log.
    """
    account = _prepare(data_dir, durable=durable)
    (data_dir / "logs").mkdir(mode=0o700, exist_ok=True)
    log_path = data_dir / "logs" / "postgres.log"
    with log_path.open("ab") as file:
        process = _spawn(data_dir, account, file, durable=durable)
    deadline = time.monotonic() + timeout
    while not is_running(data_dir):
        if process.poll() is not None:
            words = log_path.read_text(errors="replace").splitlines()[-8:]
            raise DatabaseBroken("PostgreSQL did not start:\n" + "\n".join(words))
        if time.monotonic() > deadline:
            process.send_signal(signal.SIGINT)
            raise DatabaseBroken(f"PostgreSQL was not ready after {timeout:.0f} s: see {log_path}")
        time.sleep(processes.POLL_S)
    return Server(data_dir, process)


@contextlib.contextmanager
def using(data_dir: Path) -> Iterator[Server]:
    """Use the server that runs on `data_dir`, or one of our own for as long as the block lasts."""
    if is_running(data_dir):
        yield Server(data_dir, None)
        return
    with start(data_dir) as server:
        yield server


@contextlib.contextmanager
def temporary(*, durable: bool = False) -> Iterator[Server]:
    """Run a throw-away server in a temporary folder, gone with everything in it afterwards."""
    data_dir = Path(tempfile.mkdtemp(prefix="shelfcast-"))
    data_dir.chmod(0o711)
    try:
        with start(data_dir, durable=durable) as server:
            yield server
    finally:
        cluster.remove_cluster(data_dir)
        shutil.rmtree(data_dir, ignore_errors=True)


def serve(data_dir: Path, *, durable: bool = True, replace: bool = False) -> None:
    """Turn the current process into the server, in the foreground; returns only by raising.

    SIGINT shuts it down at once, SIGTERM when the last client has left.

    Args:
        data_dir: the installation's folder.
        durable: False trades crash safety for speed.
        replace: stop a server left behind on this cluster instead of refusing to start.
    """
    if replace:
        stop(data_dir)
    account = _prepare(data_dir, durable=durable)
    command = _command(data_dir, account, durable=durable)
    parent = os.getppid()
    os.umask(0o077)
    account.become()
    _die_with(parent)
    os.chdir("/")
    os.execve(command[0], command, cluster.clean_environment())


def stop(data_dir: Path, timeout: float = STOP_TIMEOUT_S) -> bool:
    """Stop whatever server runs on `data_dir`, ours or not; False when there was none."""
    folder = cluster.cluster_folder(data_dir)
    pid = processes.postmaster(folder)
    if pid is None:
        return False
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        if processes.wait_until_gone(folder, timeout):
            return True
    raise DatabaseBroken(f"process {pid} does not stop")


def is_running(data_dir: Path) -> bool:
    """Tell whether a server runs on `data_dir` and takes connections."""
    return running_pid(data_dir) is not None


def running_pid(data_dir: Path) -> int | None:
    """Return the process id of the server that takes connections, None when there is none."""
    return processes.ready_postmaster(cluster.cluster_folder(data_dir))


def _prepare(data_dir: Path, *, durable: bool) -> Account:
    account = cluster.ensure_cluster(data_dir, durable=durable)
    folder = cluster.cluster_folder(data_dir)
    pid = processes.postmaster(folder)
    if pid is not None:
        raise DatabaseBusy(pid)
    processes.wait_until_gone(folder, STOP_TIMEOUT_S)
    processes.forget_crash(folder)
    return account


def _spawn(
    data_dir: Path, account: Account, output: IO[bytes], *, durable: bool
) -> subprocess.Popen[bytes]:
    parent = os.getpid()
    return subprocess.Popen(
        _command(data_dir, account, durable=durable),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd="/",
        umask=0o077,
        env=cluster.clean_environment(),
        start_new_session=True,
        preexec_fn=lambda: _die_with(parent),
        **account.identity(),
    )


def _command(data_dir: Path, account: Account, *, durable: bool) -> list[str]:
    options = {
        "unix_socket_directories": str(cluster.socket_folder(data_dir)),
        "listen_addresses": "",
        "dynamic_shared_memory_type": "posix" if _has_shared_memory() else "mmap",
    }
    if not durable:
        options |= dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit"), "off")
    command = [str(accounts.program("postgres", account))]
    command += ["-D", str(cluster.cluster_folder(data_dir))]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    return command


def _has_shared_memory() -> bool:
    """Tell whether /dev/shm can hold what parallel queries share; containers often give 64 MB."""
    try:
        status = os.statvfs("/dev/shm")
    except OSError:
        return sys.platform == "darwin"
    return status.f_bavail * status.f_frsize >= SHARED_MEMORY_NEEDED


def _die_with(parent: int) -> None:
    """Ask Linux for a fast shutdown when the parent dies; must come after a change of user."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGINT)
