"""What a scanned or read code says, by its symbology."""

from typing import Final

from backend.core.identifiers.element_strings import decode_digital_link, decode_message
from backend.core.identifiers.epc import InvalidEpc, decode_epc
from backend.core.identifiers.faults import MOST_CODE, Fault
from backend.core.identifiers.gtin import Gtin, InvalidGtin
from backend.core.identifiers.in_store import NO_LAYOUTS, InStoreLayouts, by_value
from backend.core.identifiers.readings import Decoded, Undecodable

EPC: Final = "EPC"
"""The symbology of a tag's EPC in hexadecimal. No AIM identifier: those are for barcodes."""

# ISO/IEC 15424: the letter names the symbology, the modifier how it was read.
_KNOWN_SYMBOLOGIES: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUXYZdeghz")
_EAN: Final = {"E0": (12, 13), "E3": (13,), "E4": (8,)}
_ADD_ON_LENGTHS: Final = (2, 5)
# FNC1 in first position: the data are GS1 element strings.
_GS1: Final = frozenset({"C1", "e0", "e1", "e2", "d2", "d5", "Q3", "Q4", "Q5", "Q6", "J1", "J4"})
_COMPOSITE: Final = "|]e"


def decode_scan(
    code: str, symbology: str | None = None, in_store: InStoreLayouts = NO_LAYOUTS
) -> Decoded | Undecodable:
    """Say what a code means.

    `symbology` is the AIM identifier (`]E0`), which may stand before the code instead, or `EPC`.
    Without one only a GTIN with a right check digit, or a GS1 Digital Link, is understood: any
    digits could be read as element strings. UPC-E must come expanded, as scanners do with AIM
    identifiers on: its eight digits can be a GTIN-8 too. `in_store` divides a shop's own numbers.
    """
    if symbology is None and code.isdigit():
        return by_value(_bare_gtin(code), in_store)
    if symbology == EPC:
        return _tag(code)
    if len(code) > MOST_CODE:
        return Undecodable(Fault.TOO_LONG)
    aim, data = _split(code, symbology)
    if not data:
        known = aim is None or aim[0] in _KNOWN_SYMBOLOGIES
        return Undecodable(Fault.EMPTY if known else Fault.UNKNOWN_SYMBOLOGY)
    if aim in _GS1:
        return decode_message(data)
    return by_value(_of_symbology(aim, data), in_store)


def _of_symbology(aim: str | None, data: str) -> Decoded | Undecodable:
    if aim is None:
        return _plain(data)
    if aim[0] not in _KNOWN_SYMBOLOGIES:
        return Undecodable(Fault.UNKNOWN_SYMBOLOGY)
    return _ean(aim, data) if aim[0] == "E" else _plain(data)


def _split(code: str, symbology: str | None) -> tuple[str | None, str]:
    """Return the two characters of the AIM identifier, None without one, and the data."""
    data = code.strip(" \t\r\n\x00\x02\x03")
    if symbology is not None:
        aim = symbology.strip().removeprefix("]")
        if len(aim) == 2:
            return aim, data.removeprefix(f"]{aim}")
    if data.startswith("]") and len(data) >= 3 and data[1].isalpha():
        return data[1:3], data[3:]
    return None, data


def _plain(data: str) -> Decoded | Undecodable:
    """Decode data of a symbology that carries anything."""
    if data[:8].lower().startswith(("http://", "https://")):
        return decode_digital_link(data)
    return _bare_gtin(data)


def _ean(aim: str, data: str) -> Decoded | Undecodable:
    data, found, linked = data.partition(_COMPOSITE)
    if aim not in _EAN:
        is_add_on = data.isdigit() and len(data) in _ADD_ON_LENGTHS
        return Undecodable(Fault.NO_IDENTIFIER if is_add_on else Fault.UNKNOWN_SYMBOLOGY)
    if aim == "E3":
        data = data[:13]
    if data.isdigit() and len(data) not in _EAN[aim]:
        return Undecodable(Fault.WRONG_LENGTH)
    decoded = _bare_gtin(data)
    if not found or isinstance(decoded, Undecodable):
        return decoded
    # The linked 2D component belongs to the trade item of the linear one.
    return decode_message(f"01{decoded.gtin}{linked[1:]}")


def _bare_gtin(text: str) -> Decoded | Undecodable:
    try:
        return Decoded(Gtin(text))
    except InvalidGtin as error:
        return Undecodable(error.fault)


def _tag(code: str) -> Decoded | Undecodable:
    try:
        epc = decode_epc(code.strip())
    except InvalidEpc as error:
        return Undecodable(error.fault)
    gtin = epc.gtin
    return Decoded(
        gtin=gtin,
        serial=epc.serial if gtin else None,
        expires_on=epc.day("17"),
        best_before=epc.day("15"),
        sscc=dict(epc.elements).get("00"),
        elements=epc.elements,
        epc=epc,
    )
