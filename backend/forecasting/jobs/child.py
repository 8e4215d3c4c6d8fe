"""The process that computes: takes tasks from its standard input, one after the other.

It ends when its parent does, and has one thread and so much memory as it was started with.
"""

import os
import pickle
import queue
import resource
import struct
import sys
import threading
from typing import Any, BinaryIO, Final

_LENGTH: Final = struct.Struct(">Q")
_TOO_LARGE: Final = ("failed", "FORECAST_TOO_LARGE", "it takes more memory than it may")


def write(pipe: BinaryIO, message: object) -> None:
    """Send a message: its length, then itself."""
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(_LENGTH.pack(len(content)) + content)
    pipe.flush()


def _read(pipe: BinaryIO) -> Any:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    [length] = _LENGTH.unpack(head)
    return pickle.loads(pipe.read(length))


def _follow(pipe: BinaryIO, tasks: "queue.Queue[Any]") -> None:
    """Take in tasks; when the parent is gone, so is this, whatever it is doing."""
    try:
        while True:
            tasks.put(_read(pipe))
    except (EOFError, OSError):
        os._exit(0)
    except MemoryError:
        tasks.put(None)


def main(argv: list[str]) -> int:
    """Compute until the parent closes the pipe; `argv` has the memory it may take, in megabytes."""
    most = int(argv[0]) * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    os.nice(5)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    tasks: queue.Queue[Any] = queue.Queue(maxsize=2)
    threading.Thread(target=_follow, args=(sys.stdin.buffer, tasks), daemon=True).start()
    from backend.core.errors import ShelfcastError
    from backend.forecasting.insight.rehearsal import rehearse
    from backend.forecasting.jobs.saying import updating
    from backend.forecasting.jobs.teaching import training

    known: dict[str, Any] = {"training": training, "updating": updating, "rehearsing": rehearse}
    while True:
        asked = tasks.get()
        if asked is None:
            write(answers, _TOO_LARGE)
            return 1
        name, task = asked
        try:
            result = known[name](task, lambda done, step: write(answers, ("told", done, step)))
            write(answers, ("done", result))
        except ShelfcastError as exc:
            write(answers, ("failed", exc.code, exc.message))
        except MemoryError:
            write(answers, _TOO_LARGE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
