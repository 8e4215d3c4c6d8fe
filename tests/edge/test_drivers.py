"""Opening ports, sharing them with nobody, and noticing that they are gone."""

from __future__ import annotations

import asyncio
import errno
import os
import termios

import pytest

from edge_agent.drivers import load_driver
from edge_agent.drivers.evdev import EventPort
from edge_agent.drivers.port import FlowControl, Parity, SerialLine
from edge_agent.drivers.tcp import split_address
from edge_agent.errors import DeviceLost
from edge_agent.settings import DeviceSettings
from edge_agent.simulator import PtyPort, TcpPort
from tests.edge.test_conversations import RECORDED, typed
from tests.edge.waiting import eventually

serial_drivers = pytest.mark.parametrize("driver", ["serial", "pyserial"])


@pytest.fixture
def plugged(tmp_path):
    port = PtyPort(tmp_path / "usb-Vendor_Scanner-if00")
    yield port
    port.unplug()


def device(port: str, driver: str, **changes) -> DeviceSettings:
    return DeviceSettings("till-1", "checkout", port, driver=driver, **changes)


async def opened(settings: DeviceSettings, received: bytearray):
    return await load_driver(settings.driver)(settings, received.extend)


@serial_drivers
async def test_bytes_go_both_ways(plugged, driver):
    received = bytearray()
    port = await opened(device(plugged.port, driver), received)
    await plugged.wait_opened()

    await plugged.send(b"\x00\x03\x04\x11\x13\x1d\xff")
    port.send(b"\x00\x11\x13\xff")

    await eventually(lambda: received == b"\x00\x03\x04\x11\x13\x1d\xff")
    await eventually(lambda: plugged.take_heard() == b"\x00\x11\x13\xff")
    await port.close()


@serial_drivers
async def test_a_port_is_shared_with_nobody(plugged, driver):
    port = await opened(device(plugged.port, driver), bytearray())

    with pytest.raises(DeviceLost):
        await opened(device(plugged.port, driver), bytearray())

    await port.close()


@serial_drivers
async def test_a_closed_port_can_be_opened_again_at_once(plugged, driver):
    for _ in range(3):
        port = await opened(device(plugged.port, driver), bytearray())
        await port.close()


@serial_drivers
async def test_pulling_the_cable_is_noticed(plugged, driver):
    port = await opened(device(plugged.port, driver), bytearray())

    plugged.unplug()

    assert await asyncio.wait_for(port.wait_lost(), 5)
    port.send(b"nobody hears this")
    await port.close()


@serial_drivers
async def test_a_node_that_is_missing_is_a_lost_device(tmp_path, driver):
    with pytest.raises(DeviceLost):
        await opened(device(str(tmp_path / "none"), driver), bytearray())


@serial_drivers
async def test_what_is_no_serial_line_is_a_lost_device(tmp_path, driver):
    (tmp_path / "file").write_text("x")

    with pytest.raises(DeviceLost):
        await opened(device(str(tmp_path / "file"), driver), bytearray())


@serial_drivers
async def test_the_line_is_set_as_configured(plugged, driver):
    # A pty has neither parity nor other sizes than 8 bits.
    line = SerialLine(19200, 8, Parity.NONE, 2, FlowControl.RTSCTS)

    port = await opened(device(plugged.port, driver, line=line), bytearray())

    _, _, flags, _, speed, _, _ = termios.tcgetattr(plugged._slave)
    assert speed == termios.B19200
    assert flags & termios.CSTOPB
    assert flags & termios.CRTSCTS
    await port.close()


async def test_a_tcp_device_that_does_not_listen_is_lost():
    port = TcpPort()
    port.unplug()

    with pytest.raises(DeviceLost):
        await opened(device(port.port, "tcp"), bytearray())


async def test_a_tcp_device_that_hangs_up_is_noticed():
    there, received = TcpPort(), bytearray()
    port = await opened(device(there.port, "tcp"), received)
    await there.wait_opened()
    await there.send(b"last words")
    await eventually(lambda: received == b"last words")

    there.unplug()

    assert await asyncio.wait_for(port.wait_lost(), 5)
    await port.close()


async def test_writing_to_a_device_that_has_just_gone_loses_it_and_raises_nothing(tmp_path):
    there = PtyPort(tmp_path / "reader")
    port = await opened(device(there.port, "serial"), bytearray())
    await there.wait_opened()

    # As serialx does when reading fails, one turn of the loop before it tells of it.
    transport = port._transport  # pyright: ignore[reportAttributeAccessIssue]
    transport._mark_broken(OSError(errno.EIO, "gone"))
    port.send(b"?")

    assert "gone" in await asyncio.wait_for(port.wait_lost(), 5)
    await port.close()
    there.unplug()


async def test_a_device_that_takes_no_bytes_is_given_up():
    there = TcpPort()
    port = await opened(device(there.port, "tcp"), bytearray())
    await there.wait_opened()

    for _ in range(400):
        port.send(bytes(65536))

    assert await asyncio.wait_for(port.wait_lost(), 5) == "takes no bytes"
    await port.close()
    there.unplug()


@pytest.mark.parametrize("text", ["reader", "reader:", ":5084", "reader:0", "reader:70000", "a:b"])
def test_an_address_needs_host_and_number(text):
    with pytest.raises(ValueError, match="host:number"):
        split_address(text)


def test_an_address_may_be_ipv6():
    assert split_address("[::1]:5084") == ("::1", 5084)


async def test_recorded_input_events_come_through_the_reader_of_a_device():
    ours, theirs = os.pipe()
    received = bytearray()
    port = EventPort(ours, received.extend)

    os.write(theirs, typed(*RECORDED))
    await eventually(lambda: bytes(received) == typed(*RECORDED))
    os.close(theirs)

    assert await asyncio.wait_for(port.wait_lost(), 5) == "closed"
    await port.close()
    await port.close()


async def test_what_cannot_be_grabbed_is_no_input_device(plugged):
    with pytest.raises(DeviceLost):
        await opened(device(plugged.port, "evdev"), bytearray())
