"""Keyboard-wedge scanners: the kernel's input events, read without a library.

The port is a path under /dev/input/by-id that ends with `-event-kbd`; the user needs the group
`input`. The scanner is grabbed, so what it reads is typed nowhere else.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from typing import TYPE_CHECKING, Final

from edge_agent.errors import DeviceLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_agent.settings import DeviceSettings

# _IOW('E', 0x90, int) of <linux/input.h>.
EVIOCGRAB: Final = 0x40044590
_READ_BYTES: Final = 64 * 24


class EventPort:
    """An open input device, or anything else that delivers its events."""

    def __init__(self, fd: int, receive: Callable[[bytes], None]) -> None:
        self._fd = fd
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._lost: asyncio.Future[str] = self._loop.create_future()
        os.set_blocking(fd, False)
        self.resume_reading()

    def pause_reading(self) -> None:
        """Let events wait in the kernel, which keeps few of them."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)

    def resume_reading(self) -> None:
        """Take events again."""
        if self._fd >= 0 and not self._lost.done():
            self._loop.add_reader(self._fd, self._read)

    def send(self, data: bytes) -> None:
        """Do nothing: a keyboard is told nothing."""

    async def wait_lost(self) -> str:
        """Wait until the device is unplugged and return why."""
        return await asyncio.shield(self._lost)

    async def close(self) -> None:
        """Let go of the device; the kernel ends the grab."""
        if self._fd >= 0:
            self.pause_reading()
            os.close(self._fd)
            self._fd = -1

    def _read(self) -> None:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError as exc:
            self._lose(str(exc))
            return
        if data:
            self._receive(data)
        else:
            self._lose("closed")

    def _lose(self, reason: str) -> None:
        self.pause_reading()
        if not self._lost.done():
            self._lost.set_result(reason)


async def open_port(device: DeviceSettings, receive: Callable[[bytes], None]) -> EventPort:
    """Open an input device for us alone.

    Raises:
        DeviceLost: there is no such device, we may not read it, or another program grabbed it.
    """
    try:
        fd = os.open(device.port, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.ioctl(fd, EVIOCGRAB, 1)
        except OSError:
            os.close(fd)
            raise
    except OSError as exc:
        raise DeviceLost(device.port, str(exc)) from exc
    return EventPort(fd, receive)
