"""None of the published vectors is forgotten: each is among the samples that all tests use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge_agent.protocols import LineFraming, Scan, Terminator, decode_frames
from tests.edge.frame_samples import BROKEN, SAMPLES, decoded, reads_of

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "edge_vectors.json"
# Its readers say nothing unless they are asked all the time; not spoken here.
NOT_SPOKEN = "ThingMagic"


def vectors(kind, name):
    if not VECTORS.exists():
        return [pytest.param(None, marks=pytest.mark.skip("the published vectors are not here"))]
    return [pytest.param(one, id=one[name][:40]) for one in json.loads(VECTORS.read_text())[kind]]


def frames():
    return vectors("frames", "protocol") + vectors("llrp", "message")


def bytes_of(vector):
    return bytes.fromhex(vector["hex"]) if "hex" in vector else vector["text"].encode("ascii")


def epcs_expected(expected):
    """Return the tags that a vector names, in whichever of its forms; None where it names none."""
    if isinstance(expected, list):
        return [one["epc"] for one in expected]
    if not isinstance(expected, dict):
        return None
    if isinstance(expected.get("tags"), list):
        return [one[0] for one in expected["tags"]]
    return [expected["epc"]] if "epc" in expected else expected.get("epcs")


@pytest.mark.parametrize("vector", frames())
def test_every_published_frame_is_read_as_published(vector):
    if NOT_SPOKEN in vector.get("protocol", ""):
        pytest.skip(f"{NOT_SPOKEN} is no protocol of ours")
    data = bytes_of(vector)

    (sample,) = [one for one in SAMPLES if one.data == data]

    expected = epcs_expected(vector.get("expect"))
    reads = reads_of(decoded(sample.protocol, data))
    if expected is not None:
        assert [one.epc.hex() for one in reads] == expected
    if isinstance(vector.get("expect"), dict) and "rssi" in vector["expect"]:
        assert reads[0].rssi == vector["expect"]["rssi"]


@pytest.mark.parametrize("vector", vectors("frames_published_with_errors", "hex"))
def test_every_frame_that_was_published_with_an_error_is_dropped(vector):
    (sample,) = [one for one in BROKEN if one.data == bytes_of(vector)]

    assert reads_of(decoded(sample.protocol, sample.data)) == []


@pytest.mark.parametrize("vector", vectors("scanner_line", "bytes"))
def test_every_published_line_is_the_scan_it_holds(vector):
    sent = vector["bytes"]
    framing = LineFraming()
    if sent.startswith("\x02"):
        framing = LineFraming(Terminator.ETX, prefix=b"\x02")

    (scan,) = decode_frames(framing, sent.encode("latin-1"))

    assert isinstance(scan, Scan)
    assert scan.code == sent.strip("\x02\x03\r\n")
