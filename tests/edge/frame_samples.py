"""Frames as readers send them, with their reading: published captures, restated, and our own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edge_agent.protocols import PROTOCOLS, Notice, Scan, TagSeen, decode_frames
from edge_agent.protocols.a0 import frame as a0_frame
from edge_agent.protocols.ssi import packet


@dataclass(frozen=True)
class Sample:
    """One frame, and what it says: reads, or nothing but a notice."""

    protocol: str
    data: bytes
    reads: tuple = ()


def of_hex(protocol: str, text: str, *reads) -> Sample:
    return Sample(protocol, bytes.fromhex(text), reads)


def tag(epc: str, antenna=None, rssi=None, raw=None, count=1, time_us=None) -> TagSeen:
    return TagSeen(bytes.fromhex(epc), antenna, rssi, raw, count, time_us)


UHF_INFO = of_hex("uhfreader288", "1100210000160c034e001e0a01000000e651")
LLRP_GREETING = of_hex("llrp", "043f000000200ab288c900f600160080000c0004f8535baadaff010000060000")
LLRP_KEEPALIVE = of_hex("llrp", "043e0000000a00000007")
LLRP_ADD_ROSPEC = bytes.fromhex(
    "0414000000b20000000e00b100a800000001000000b2001200b300050100b60009000000000000b7007a0002000100"
    "0200b80019030000000000b9001000000001000000000000000000ba005700010100de0028000100e0000a00010001"
    "0000014a001800014f0008000000000150000b8000200000000000de0028000200e0000a000100010000014a001800"
    "014f0008000000000150000b8000200000000000ed001201000000ee000b9580015c000500"
)

SAMPLES = [
    # wabson/chafon-rfid, tests of its response frames.
    of_hex("uhfreader288", "1500010301010c0000000000000000000003136bb1a5",
           tag("000000000000000000000313", 1, None, 107)),
    of_hex("uhfreader288", "1500010301010c3039606303c74380001a055940f93e",
           tag("3039606303c74380001a0559", 1, None, 64)),
    of_hex("uhfreader288", "1500010304010c49440000000000000a0003346425c0",
           tag("49440000000000000a000334", 3, None, 100)),
    of_hex("uhfreader288",
           "2300010301020c0000000000000000000003136b0c0000000000000000000003146c70f2",
           tag("000000000000000000000313", 1, None, 107),
           tag("000000000000000000000314", 1, None, 108)),
    of_hex("uhfreader288", "0700010101001e4b"),
    UHF_INFO,
    of_hex("uhfreader18", "13000103010c0000000000000000000003133f39",
           tag("000000000000000000000313")),
    of_hex("uhfreader18", "20000103020c0000000000000000000003130c0000000000000000000003149ac9",
           tag("000000000000000000000313"), tag("000000000000000000000314")),
    # Captures of modules on Raspberry Pi; the third is espinr/activioty's.
    of_hex("a0", "a0130189743000e2004074850a0103163070e13629",
           tag("e2004074850a0103163070e1", 1, -75, 54)),
    of_hex("a0", "a0130189d43000300833b2ddd90140000000013674",
           tag("300833b2ddd9014000000001", 1, -75, 54)),
    of_hex("a0", "a0130189d43000e2004074850a0103163070e135ca",
           tag("e2004074850a0103163070e1", 1, -76, 53)),
    of_hex("a0", "a0130189043000e200301666130121155074ef45bf",
           tag("e200301666130121155074ef", 1, -60, 69)),
    Sample("a0", a0_frame(1, 0x89, bytes.fromhex("063000300833b2ddd901400000000180")),
           (tag("300833b2ddd9014000000001", 7, -129, 0),)),
    of_hex("a0", "a00501720109de"),
    of_hex("a0", "a004017400e7"),
    of_hex("a0", "a004017410d7"),
    of_hex("a0", "a004018901d1"),
    # Several public documents of M100 modules.
    of_hex("bb", "bb02220011c43000e200001d7315016521408fc6b83ec27e",
           tag("e200001d7315016521408fc6", None, -60, -60)),
    of_hex("bb", "bb01ff000115167e"),
    of_hex("bb", "bb00270003222710837e"),
    of_hex("bb", "bb00280000287e"),
    Sample("tsl", b"CS: .iv -al on\r\nEP: 41524E4C3030303030310000\r\n"
                  b"EP: 330DE29525C0210005F5F8F2\r\nOK:\r\n\r\n",
           (tag("41524e4c3030303030310000"), tag("330de29525c0210005f5f8f2"))),
    Sample("tsl", b"CS: .iv'\r\nEP: 000000000000000000001242\r\nRI: -61\r\nOK:\r\n\r\n",
           (tag("000000000000000000001242", None, -61, -61),)),
    # Zebra's manual gives the acknowledgement; no capture of a scan was found.
    of_hex("ssi", "04d00400ff28"),
    Sample("ssi", packet(0xF3, b"\x0b4006381333931", source=0), (Scan(b"4006381333931", "]E0"),)),
    Sample("ssi", packet(0xF3, b"\x0f]C10109506000134352", source=0),
           (Scan(b"]C10109506000134352", "]C1"),)),
    # Captures of readers, from the tests of sllurp.
    of_hex("llrp", "043d0000002c4095892f00f000228d3005fb63ac1f3841ec88046781000186ce820004ec2ea8"
           "354c09880001", tag("3005fb63ac1f3841ec880467", 1, -50, -50, 1, 1385585041558537)),
    of_hex("llrp", "043d0000002c4095893000f000228d300833b2ddd906c00000000081000186c6820004ec2ea8"
           "355af2880001", tag("300833b2ddd906c000000000", 1, -58, -58, 1, 1385585041562354)),
    of_hex("llrp", "043d000000374095894100f0002d00f1001800901fb41f712ac9c37ab79d618173188324001a"
           "81000186ef820004ec2ea8381f57880001",
           tag("1fb41f712ac9c37ab79d618173188324001a", 1, -17, -17, 1, 1385585041743703)),
    LLRP_GREETING,
    LLRP_KEEPALIVE,
    of_hex("llrp", "04400000000a00000008"),
    of_hex("llrp", "040e0000000a00000009"),
    of_hex("llrp", "04150000000e0000000a00000000"),
    of_hex("llrp", "04180000000e0000000b00000001"),
    of_hex("llrp", "04010000000b0000000d00"),
    Sample("llrp", LLRP_ADD_ROSPEC),
]  # fmt: skip

BROKEN = [
    # Printed in public, with a checksum that is wrong.
    of_hex("uhfreader288", "1500010301010c0000000000000000000003136bb1a6"),
    of_hex("a0", "a00a018900001d00000001bc"),
    of_hex("bb", "bb01030010004d31303020323664426d2056312e30227e"),
]


def decoded(protocol: str, data: bytes) -> list[Any]:
    return decode_frames(PROTOCOLS[protocol](), data)


def reads_of(events) -> list:
    return [event for event in events if isinstance(event, Scan | TagSeen)]


def notices_of(events) -> list[str]:
    return [event.text for event in events if isinstance(event, Notice)]
