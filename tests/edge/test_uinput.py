"""A keyboard that the kernel believes in, where it lets us make one (/dev/uinput)."""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
from pathlib import Path

import pytest

from edge_agent.agent import Agent
from edge_agent.protocols.keyboard import EVENT, KEYS, KeyboardOptions
from edge_agent.settings import DeviceSettings
from edge_agent.simulator import SPEAKERS
from tests.edge.conftest import running
from tests.edge.waiting import eventually

UINPUT = Path("/dev/uinput")
NAME = b"shelfcast test scanner"
# <linux/uinput.h>
UI_SET_EVBIT, UI_SET_KEYBIT = 0x40045564, 0x40045565
UI_DEV_SETUP, UI_DEV_CREATE, UI_DEV_DESTROY = 0x405C5503, 0x5501, 0x5502

pytestmark = pytest.mark.skipif(
    not os.access(UINPUT, os.W_OK), reason="the kernel offers no /dev/uinput here"
)


@pytest.fixture
def wedge():
    fd = os.open(UINPUT, os.O_WRONLY | os.O_NONBLOCK)
    fcntl.ioctl(fd, UI_SET_EVBIT, 1)
    for code in [*KEYS, 28, 29, 42]:
        fcntl.ioctl(fd, UI_SET_KEYBIT, code)
    fcntl.ioctl(fd, UI_DEV_SETUP, struct.pack("HHHH80sI", 3, 1, 1, 1, NAME, 0))
    fcntl.ioctl(fd, UI_DEV_CREATE)
    yield fd
    fcntl.ioctl(fd, UI_DEV_DESTROY)
    os.close(fd)


def event_node() -> Path | None:
    for name in Path("/sys/class/input").glob("event*/device/name"):
        if name.read_bytes().strip() == NAME:
            return Path("/dev/input") / name.parts[-3]
    return None


async def test_a_keyboard_wedge_is_grabbed_and_read(settings, backend, wedge):
    node = await eventually(event_node)
    device = DeviceSettings(
        "till-9", "checkout", str(node), driver="evdev", options=KeyboardOptions()
    )
    agent = Agent(type(settings)(settings.uplink, settings.outbox, (device,)))

    async with running(agent):
        await asyncio.sleep(0.5)
        data = SPEAKERS["keyboard"]().say("]E04006381333931")
        for start in range(0, len(data), EVENT.size):
            os.write(wedge, data[start : start + EVENT.size])
        await eventually(lambda: backend.codes == ["]E04006381333931"])
