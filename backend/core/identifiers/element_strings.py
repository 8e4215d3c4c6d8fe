"""GS1 element strings and Digital Links, read by `biip` behind guards against what it lets pass."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from biip import ParseConfig, ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString
from biip.gs1_messages import GS1Message

from backend.core.identifiers.faults import Fault
from backend.core.identifiers.gtin import NO_GTIN, Gtin
from backend.core.identifiers.readings import Decoded, Undecodable

SEPARATOR: Final = "\x1d"
# A scan whose expiry nobody can read still names its goods.
_CONFIG: Final = ParseConfig(gs1_element_strings_verify_date=False)
_ITEMS: Final = ("00", "01", "02")
# GS1 General Specifications 2.1.10.1: trade items of variable measure.
_VARIABLE: Final = "9"
_NET_WEIGHT_KG: Final = "310"
_PRICE: Final = "392"


def decode_message(data: str) -> Decoded | Undecodable:
    """Decode GS1 element strings, GS (0x1D) standing for FNC1."""
    body = data.strip(SEPARATOR)
    # biip takes no data at all for a message without elements.
    if not body:
        return Undecodable(Fault.EMPTY)
    try:
        found = GS1Message.parse(body, config=_CONFIG)
    except (ParseError, ValueError, ArithmeticError):
        return Undecodable(Fault.MALFORMED)
    return _meaning(found.element_strings)


def decode_digital_link(uri: str) -> Decoded | Undecodable:
    """Decode a GS1 Digital Link."""
    try:
        found = GS1DigitalLinkURI.parse(uri, config=_CONFIG)
    except (ParseError, ValueError, ArithmeticError):
        return Undecodable(Fault.MALFORMED)
    return _meaning(found.element_strings)


def _meaning(elements: Iterable[GS1ElementString]) -> Decoded | Undecodable:
    """Return what element strings say, unless one of their numbers is wrong."""
    pairs: dict[str, str] = {}
    said: list[tuple[str, str]] = []
    by_ai: dict[str, GS1ElementString] = {}
    for element in elements:
        ai = element.ai.ai
        # biip reads on past a wrong check digit and only notes it.
        if element.gtin_error or element.sscc_error:
            return Undecodable(Fault.WRONG_CHECK_DIGIT)
        if pairs.setdefault(ai, element.value) != element.value and ai in _ITEMS:
            return Undecodable(Fault.AMBIGUOUS)
        by_ai.setdefault(ai, element)
        said.append((ai, element.value))
    item = pairs.get("01") or pairs.get("02")
    if item == NO_GTIN:
        return Undecodable(Fault.ALL_ZEROS)
    if item is None and "00" not in pairs:
        return Undecodable(Fault.NO_IDENTIFIER)
    weight = _decimal(by_ai, _NET_WEIGHT_KG)
    is_variable = item is not None and item.startswith(_VARIABLE)
    return Decoded(
        gtin=Gtin(item) if item else None,
        units=_count(pairs) or (weight or None if is_variable else None),
        price=_decimal(by_ai, _PRICE) or None if is_variable else None,
        lot=pairs.get("10"),
        serial=pairs.get("21"),
        expires_on=by_ai["17"].date if "17" in by_ai else None,
        best_before=by_ai["15"].date if "15" in by_ai else None,
        net_weight_kg=weight,
        sscc=pairs.get("00"),
        elements=tuple(said),
    )


def _decimal(by_ai: dict[str, GS1ElementString], prefix: str) -> Decimal | None:
    return next((e.decimal for ai, e in by_ai.items() if ai.startswith(prefix)), None)


def _count(pairs: dict[str, str]) -> Decimal | None:
    """Return the count of items: (37) of the (02) contained, (30) of a (01) of variable content."""
    count = pairs.get("30") if "01" in pairs else pairs.get("37")
    return Decimal(count) if count and int(count) else None
