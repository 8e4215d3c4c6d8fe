"""What codes say: GTINs, GS1 element strings, Digital Links, in-store numbers and EPCs of tags."""

from backend.core.identifiers.epc import Epc, InvalidEpc, Scheme, decode_epc, encode_epc
from backend.core.identifiers.faults import MOST_CODE, Fault
from backend.core.identifiers.gtin import Gtin, InvalidGtin, check_digit
from backend.core.identifiers.in_store import (
    NO_LAYOUTS,
    InStoreLayout,
    InStoreLayouts,
    InvalidLayout,
    read_layouts,
)
from backend.core.identifiers.readings import Decoded, Undecodable
from backend.core.identifiers.scans import EPC, decode_scan

__all__ = [
    "EPC",
    "MOST_CODE",
    "NO_LAYOUTS",
    "Decoded",
    "Epc",
    "Fault",
    "Gtin",
    "InStoreLayout",
    "InStoreLayouts",
    "InvalidEpc",
    "InvalidGtin",
    "InvalidLayout",
    "Scheme",
    "Undecodable",
    "check_digit",
    "decode_epc",
    "decode_scan",
    "encode_epc",
    "read_layouts",
]
