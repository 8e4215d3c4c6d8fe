"""EPCs of RFID tags (GS1 EPC Tag Data Standard 2.3): read, made, written."""

from backend.core.identifiers.epc.codec import decode_epc, encode_epc
from backend.core.identifiers.epc.errors import InvalidEpc
from backend.core.identifiers.epc.identity import Epc
from backend.core.identifiers.epc.schemes import Scheme

__all__ = ["Epc", "InvalidEpc", "Scheme", "decode_epc", "encode_epc"]
