"""What the agent asks of a way to reach devices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from edge_agent.settings import DeviceSettings


class Port(Protocol):
    """An open port: it calls back with bytes until it is closed or lost."""

    def pause_reading(self) -> None:
        """Let bytes wait in the kernel."""
        ...

    def resume_reading(self) -> None:
        """Take bytes again."""
        ...

    async def wait_lost(self) -> str:
        """Wait until the device hangs up and return why."""
        ...

    async def close(self) -> None:
        """Give the port back; harmless when it is lost already."""
        ...


OpenPort = Callable[["DeviceSettings", Callable[[bytes], None]], Awaitable[Port]]
"""Open a device's port and have its bytes delivered; raises DeviceLost when it cannot."""
