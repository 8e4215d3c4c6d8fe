"""What becomes of an uploaded logo: pictures made anew, and refusals of what is none."""

import struct
import zlib
from xml.etree import ElementTree

import pytest

from backend.identity.logos import png, svg
from backend.identity.logos.rules import MOST_BYTES, InvalidLogo
from backend.identity.logos.service import drawn


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(width=2, height=2, *, pixels=None, interlace=0, more=b"", colour=2):
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, interlace)
    lines = (b"\0" + b"\x10" * 3 * width) * height if pixels is None else pixels
    return (
        png.SIGNATURE
        + chunk(b"IHDR", head)
        + more
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )


def drawing(inside, root='viewBox="0 0 9 9"'):
    links = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {links} {root}>{inside}</svg>".encode()


SHAPE = '<path d="M0 0h9v9z" fill="#1273b8"/>'


def test_of_a_png_only_what_draws_is_kept():
    said = chunk(b"tEXt", b"Comment\0taken at home") + chunk(b"eXIf", b"where")

    logo = drawn(picture(more=said))

    assert (logo.format, logo.content) == ("png", picture())


@pytest.mark.parametrize(
    "content",
    [
        picture()[:-20],
        picture()[:30] + b"x" + picture()[31:],
        picture(pixels=b"\0" * 3),
        picture(pixels=b"\0" * 10_000_000),
        picture(pixels=b"\x09" + b"\0" * 13),
        picture(3_000, 1),
        picture(0, 1),
        picture(interlace=1),
        picture(colour=3, pixels=b"\0\1\1" * 2),
        picture(colour=5),
        png.SIGNATURE,
        b"GIF89a",
        b"",
        b"\xff\xfe<\0s\0v\0g\0",
        b"<html><body/></html>",
        b"<svg/>",
        drawing(""),
        drawing("<script>alert(1)</script>"),
        drawing(SHAPE, root=""),
        drawing("<g>" * 40 + SHAPE + "</g>" * 40),
        drawing(SHAPE * 2_001),
        b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + drawing("<text>&a;</text>"),
        b" " * (MOST_BYTES + 1),
    ],
    ids=range(23),
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(InvalidLogo):
        drawn(content)


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>",
        '<image xlink:href="https://evil.example/x.png" width="9" height="9"/>',
        '<use href="https://evil.example/x.svg#a"/>',
        "<foreignObject><p>evil.example</p></foreignObject>",
        '<a href="https://evil.example"><circle r="1"/></a>',
        '<circle r="1" onload="alert(1)"/>',
        '<circle r="1" fill="url(https://evil.example/#a)"/>',
        '<circle r="1" style="fill:url( //evil.example#a )"/>',
        '<circle r="1" fill="\\75rl(https://evil.example)"/>',
        "<style>@import url(https://evil.example); .a{fill:url(https://evil.example)}</style>",
        '<circle r="1"><animate attributeName="r" to="9"/></circle>',
        '<linearGradient id="g" href="https://evil.example#g"/>',
        '<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
    ],
)
def test_of_an_svg_nothing_is_kept_that_runs_or_comes_from_elsewhere(bad):
    logo = drawn(drawing(bad + SHAPE))

    said = logo.content.decode()
    assert not any(word in said for word in ("evil", "alert", "script", "onload", "animate"))
    assert 'fill="#1273b8"' in said


def test_what_a_drawing_program_writes_keeps_its_colours_and_gradients():
    inside = (
        "<style>.st0,.st1{fill:#e30613;stroke:none} .st1{opacity:.5}</style>"
        '<defs><linearGradient id="a"><stop offset="0" style="stop-color:#fff"/></linearGradient>'
        '<linearGradient id="b" xlink:href="#a"/></defs>'
        '<rect class="st0 st1" width="4" height="4"/><circle r="2" fill="url(#b)"/>'
    )
    doctype = b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">'

    logo = drawn(doctype + drawing(inside, root='width="90px" height="40"'))

    root = ElementTree.fromstring(logo.content)
    rect = root.find(f"{{{svg.NAMESPACE}}}rect")
    circle = root.find(f"{{{svg.NAMESPACE}}}circle")
    assert root.get("viewBox") == "0 0 90 40"
    assert (rect.get("fill"), rect.get("stroke"), rect.get("opacity")) == ("#e30613", "none", ".5")
    assert circle.get("fill") == "url(#b)"
    assert b'href="#a"' in logo.content
