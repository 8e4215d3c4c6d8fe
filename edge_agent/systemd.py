"""Telling systemd how the program is (sd_notify): one datagram to a socket it names."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Notifier:
    """Sends states; without systemd, or when its socket is full, nothing happens."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        # A leading @ stands for Linux's abstract namespace.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_s = _watchdog_s(environ)
        """How long systemd waits for a sign of life; None: for ever."""

    def notify(self, **states: str) -> None:
        """Send states such as READY="1"."""
        if not self._address:
            return
        text = "\n".join(f"{name}={value}" for name, value in states.items())
        kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        with suppress(OSError), socket.socket(socket.AF_UNIX, kind) as sender:
            sender.sendto(text.encode("utf-8"), self._address)


def _watchdog_s(environ: Mapping[str, str]) -> float | None:
    """Return the limit, unless it is meant for another process."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    given = environ.get("WATCHDOG_USEC", "")
    return int(given) / 1_000_000 if given.isdecimal() and int(given) else None
