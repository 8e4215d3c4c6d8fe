"""A pty that behaves as a serial device does, and can be unplugged."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import struct
import termios
import tty
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

_POLL_S = 0.005
_QUIET_LOOKS = 10


class PtyPort:
    """One device on a pty; `link` is a path of your choice that leads to it, as udev makes them.

    Use it in an event loop. The other side must have opened the port before anything is sent:
    a serial port throws away what came before (`wait_opened`).
    """

    def __init__(self, link: Path | None = None) -> None:
        self._link = link
        self._heard = bytearray()
        self._master = -1
        self._slave = -1
        self._is_opened = False
        self.plug()

    def __enter__(self) -> Self:
        """Return the plugged device."""
        return self

    def __exit__(self, *_: object) -> None:
        """Unplug it."""
        self.unplug()

    @property
    def port(self) -> str:
        """The path to give to the agent; without a link it changes with every `plug`."""
        return str(self._link) if self._link else os.ttyname(self._slave)

    @property
    def is_plugged(self) -> bool:
        """Whether the device node exists."""
        return self._master >= 0

    @property
    def is_opened(self) -> bool:
        """Whether a program has the port open, exclusively, and is past the opening flush."""
        if self._is_opened and not self._is_locked():
            self._is_opened = False
        self._read_packets()
        return self._is_opened

    def plug(self) -> None:
        """Make the device node appear."""
        if self.is_plugged:
            return
        # Our own slave end stays open: without it the master fails until somebody listens.
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        # Packet mode tells us when the listener flushes its input, the last step of opening.
        fcntl.ioctl(self._master, termios.TIOCPKT, struct.pack("i", 1))
        if self._link is not None:
            draft = self._link.with_name(self._link.name + ".new")
            draft.unlink(missing_ok=True)
            draft.symlink_to(os.ttyname(self._slave))
            draft.replace(self._link)

    def unplug(self) -> None:
        """Pull the cable: the listener gets an I/O error, the node is gone."""
        if not self.is_plugged:
            return
        if self._link is not None and self._is_ours(self._link):
            self._link.unlink()
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1
        self._is_opened = False
        self._heard.clear()

    async def wait_opened(self, timeout_s: float = 10.0) -> None:
        """Wait for a program to listen; raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not self.is_opened:  # noqa: ASYNC110 - no event tells that a port was opened
                await asyncio.sleep(_POLL_S)

    async def send(self, data: bytes) -> None:
        """Send bytes as they are, waiting while the listener does not read.

        Raises OSError when unplugged meanwhile.
        """
        while data:
            try:
                data = data[os.write(self._master, data) :]
            except BlockingIOError:
                await asyncio.sleep(_POLL_S)

    def send_now(self, data: bytes) -> None:
        """Send a few bytes; raises BlockingIOError while the listener does not read."""
        os.write(self._master, data)

    def fileno(self) -> int:
        """Return what can be waited on for bytes of the listener."""
        return self._master

    def take_heard(self) -> bytes:
        """Return, once, what the listener has sent to the device."""
        if self.is_plugged:
            self._read_packets()
        heard = bytes(self._heard)
        self._heard.clear()
        return heard

    async def wait_read(self, timeout_s: float = 10.0) -> None:
        """Wait until the listener has read all: pulling the cable loses what it has not."""
        quiet = 0
        async with asyncio.timeout(timeout_s):
            # Right after a write the kernel has not yet queued it: one look proves nothing.
            while quiet < _QUIET_LOOKS:
                quiet = 0 if self._unread_bytes() else quiet + 1
                await asyncio.sleep(_POLL_S)

    def _is_ours(self, link: Path) -> bool:
        """Whether the link still leads here: another simulator may have taken it over."""
        try:
            return str(link.readlink()) == os.ttyname(self._slave)
        except OSError:
            return False

    def _unread_bytes(self) -> int:
        (count,) = struct.unpack("i", fcntl.ioctl(self._slave, termios.FIONREAD, b"\0" * 4))
        return count

    def _read_packets(self) -> None:
        """Take what the listener did to the line since the last look."""
        with contextlib.suppress(BlockingIOError):
            while packet := os.read(self._master, 4096):
                if packet[0] == termios.TIOCPKT_DATA:
                    self._heard += packet[1:]
                elif packet[0] & termios.TIOCPKT_FLUSHREAD:
                    self._is_opened = True

    def _is_locked(self) -> bool:
        """Whether a listener holds the lock that serial programs take on their port."""
        try:
            fcntl.flock(self._slave, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._slave, fcntl.LOCK_UN)
        return False


class ScannerSimulator(PtyPort):
    """A barcode scanner that sends lines."""

    def __init__(self, link: Path | None = None, *, terminator: bytes = b"\r") -> None:
        super().__init__(link)
        self._terminator = terminator

    async def scan(self, code: str | bytes) -> None:
        """Send one code with its terminator; text goes out as latin-1."""
        data = code.encode("latin-1") if isinstance(code, str) else code
        await self.send(data + self._terminator)
