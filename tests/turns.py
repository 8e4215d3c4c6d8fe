"""Who may run when several workers share the machine: some tests need it for themselves."""

import contextlib
import fcntl
import os
from pathlib import Path

_DOOR = Path(__file__)
_ROOM = _DOOR.with_name("conftest.py")
"""Files that workers lock; what is in them does not matter."""


@contextlib.contextmanager
def turn(*, alone):
    """Hold the machine: together with other workers, or alone once they are done.

    Everybody passes the door one by one, and who wants the machine alone stays in it until the room
    is empty: a kernel's lock alone lets those who share overtake for ever.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield
        return
    with contextlib.ExitStack() as room:
        with _locked(_DOOR, fcntl.LOCK_EX):
            room.enter_context(_locked(_ROOM, fcntl.LOCK_EX if alone else fcntl.LOCK_SH))
        yield


@contextlib.contextmanager
def _locked(path, kind):
    with path.open() as file:
        fcntl.flock(file, kind)
        yield
