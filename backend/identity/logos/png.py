"""PNG logos: checked to the last pixel, made anew of the chunks that draw. Pure."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from backend.identity.logos.rules import InvalidLogo, Logo

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
MOST_SIDE: Final = 2_000
_KEPT: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
# PNG (3rd edition) 11.2.1: samples of a pixel by colour type, and the depths these may have.
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS: Final = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
_FILTERS: Final = 5


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    data: bytes

    def written(self) -> bytes:
        check = zlib.crc32(self.kind + self.data)
        return len(self.data).to_bytes(4) + self.kind + self.data + check.to_bytes(4)


def drawn(content: bytes) -> Logo:
    """Return a PNG without what is only said about it.

    Raises:
        InvalidLogo: it is damaged, too large, interlaced, or not all of its pixels are there.
    """
    chunks = [one for one in _chunks(content) if one.kind in _KEPT]
    kinds = [one.kind for one in chunks]
    if not chunks or kinds[0] != b"IHDR" or kinds[-1] != b"IEND" or b"IDAT" not in kinds:
        raise InvalidLogo("this PNG is damaged")
    line, height = _lines(chunks[0].data)
    if chunks[0].data[9] == 3 and b"PLTE" not in kinds:
        raise InvalidLogo("this PNG is damaged")
    _check_pixels(b"".join(one.data for one in chunks if one.kind == b"IDAT"), line, height)
    return Logo("png", SIGNATURE + b"".join(one.written() for one in chunks))


def _chunks(content: bytes) -> Iterator[_Chunk]:
    at = len(SIGNATURE)
    while at < len(content):
        length = int.from_bytes(content[at : at + 4])
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        chunk = _Chunk(kind, data)
        if content[at : at + 12 + length] != chunk.written():
            raise InvalidLogo("this PNG is damaged")
        yield chunk
        at += 12 + length


def _lines(head: bytes) -> tuple[int, int]:
    """Return how many bytes a line of pixels has, and how many lines there are."""
    if len(head) != 13:
        raise InvalidLogo("this PNG is damaged")
    width, height = int.from_bytes(head[:4]), int.from_bytes(head[4:8])
    depth, colour, compression, filtering, interlace = head[8:]
    if not (1 <= width <= MOST_SIDE and 1 <= height <= MOST_SIDE):
        raise InvalidLogo(f"a logo has at most {MOST_SIDE} pixels on a side")
    if depth not in _DEPTHS.get(colour, ()) or compression or filtering:
        raise InvalidLogo("this PNG is damaged")
    if interlace:
        raise InvalidLogo("save the PNG without interlacing")
    return 1 + (width * _SAMPLES[colour] * depth + 7) // 8, height


def _check_pixels(packed: bytes, line: int, height: int) -> None:
    """Unpack no more than the pixels there are: a bomb ends here."""
    inflater = zlib.decompressobj()
    try:
        pixels = inflater.decompress(packed, line * height + 1)
    except zlib.error as exc:
        raise InvalidLogo("this PNG is damaged") from exc
    if len(pixels) != line * height or max(pixels[::line]) >= _FILTERS:
        raise InvalidLogo("this PNG is damaged")
