"""Which piece a text names, however it is written. Pure."""

from typing import Final
from urllib.parse import unquote

from backend.core.errors import Invalid
from backend.core.identifiers import EPC, Undecodable, decode_scan
from backend.core.identifiers.epc.schemes import SGTIN
from backend.pieces.register import PieceKey

_URI: Final = "urn:epc:id:sgtin:"
_HEX_HEADERS: Final = ("30", "36", "F7", "FB")
"""SGTIN-96, SGTIN-198, SGTIN+, DSGTIN+."""
MOST_TEXT: Final = 4096


class InvalidPiece(Invalid):
    """A text that names no piece: no EPC of a trade item, and no GTIN with a serial number."""

    code = "INVALID_PIECE"


def key_of(text: str) -> PieceKey:
    """Return GTIN and serial of a piece, given by EPC URI, Digital Link, hexadecimal or code.

    Raises:
        InvalidPiece: it names none.
    """
    given = text.strip()
    key = _of_uri(given) if given.lower().startswith(_URI) else _of_code(given)
    if key is None:
        raise InvalidPiece(
            "give the EPC of a trade item, or a code with GTIN and serial number",
            field=["epc"],
            value=text[:60],
        )
    return key


def _of_uri(uri: str) -> PieceKey | None:
    prefix, reference, serial = [*uri[len(_URI) :].split(".", 2), "", ""][:3]
    is_number = (
        prefix.isascii() and prefix.isdigit() and reference.isascii() and reference.isdigit()
    )
    if not is_number or len(prefix + reference) != SGTIN.digits or not serial:
        return None
    return SGTIN.joined(prefix, reference), unquote(serial)


def _of_code(code: str) -> PieceKey | None:
    if len(code) > MOST_TEXT:
        return None
    is_tag = code.upper().startswith(_HEX_HEADERS) and len(code) >= 24
    decoded = decode_scan(code, EPC if is_tag else None)
    if isinstance(decoded, Undecodable) or decoded.gtin is None or not decoded.serial:
        return None
    return str(decoded.gtin), decoded.serial
