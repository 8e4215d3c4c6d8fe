import os
import select
import socket

import pytest


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def ended():
    """Tell whether a process, not necessarily a child of ours, ends within some seconds."""

    def wait(pid, *, within):
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        try:
            return bool(select.select([handle], [], [], within)[0])
        finally:
            os.close(handle)

    return wait
