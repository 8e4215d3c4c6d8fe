"""Says what a barcode or a tag means: `shelfcast decode CODE`, `shelfcast decode --hex EPC`."""

import argparse
import sys
from datetime import date
from decimal import Decimal

import msgspec

from backend.core.identifiers import (
    EPC,
    Decoded,
    InvalidLayout,
    Undecodable,
    decode_scan,
    read_layouts,
)
from backend.core.settings import BackendSettings


def main(argv: list[str]) -> int:
    """Print what a code says; return 1 where it says nothing we can use."""
    parser = argparse.ArgumentParser(
        prog="shelfcast decode", description="Say what a scanned code or the EPC of a tag means."
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("code", nargs="?", help=r"the code as scanned; write FNC1 as \x1d or <GS>")
    which.add_argument("--hex", metavar="EPC", help="the EPC of a tag in hexadecimal")
    parser.add_argument("--symbology", metavar="ID", help="its AIM identifier, such as ]E0")
    parser.add_argument(
        "--in-store",
        metavar="LAYOUTS",
        help="how numbers of the shop's own are divided, such as 28IIIIVWWWWW;"
        " unset: SHELFCAST_IN_STORE_CODES",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args(argv)
    given = arguments.in_store
    try:
        layouts = read_layouts(BackendSettings().in_store_codes if given is None else given)
    except InvalidLayout as error:
        parser.error(error.message)
    if arguments.hex is not None:
        decoded = decode_scan(arguments.hex, EPC)
    else:
        code = arguments.code.replace("\\x1d", "\x1d").replace("<GS>", "\x1d")
        decoded = decode_scan(code, arguments.symbology, layouts)
    print(_json(decoded) if arguments.json else _sentence(decoded))
    return 1 if isinstance(decoded, Undecodable) else 0


def _json(decoded: Decoded | Undecodable) -> str:
    if isinstance(decoded, Undecodable):
        error = {"code": decoded.reason.value, "reason": decoded.explanation}
        content: dict[str, object] = {"error": error}
    else:
        content = {"applicationIdentifiers": dict(decoded.identifiers), **_facts(decoded)}
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode()


def _facts(decoded: Decoded) -> dict[str, str | Decimal | date | None]:
    """Return everything a code says, by the names of the JSON answer."""
    epc = decoded.epc
    return {
        "gtin": decoded.gtin and str(decoded.gtin),
        "sscc": decoded.sscc,
        "serial": decoded.serial,
        "lot": decoded.lot,
        "expiresOn": decoded.expires_on,
        "bestBefore": decoded.best_before,
        "units": decoded.units,
        "price": decoded.price,
        "netWeightKg": decoded.net_weight_kg,
        "epcScheme": epc and epc.scheme.value,
        "epcUri": decoded.epc_uri,
        "epcClassUri": decoded.epc_class_uri,
        "digitalLink": decoded.digital_link,
    }


_LABELS = {
    "gtin": "GTIN",
    "sscc": "SSCC",
    "expiresOn": "expires on",
    "bestBefore": "best before",
    "netWeightKg": "net weight (kg)",
    "epcScheme": "EPC scheme",
    "epcUri": "EPC URI",
    "epcClassUri": "EPC class URI",
    "digitalLink": "Digital Link",
}


def _sentence(decoded: Decoded | Undecodable) -> str:
    if isinstance(decoded, Undecodable):
        return f"not decoded: {decoded.explanation}"
    facts = {_LABELS.get(name, name): value for name, value in _facts(decoded).items()}
    lines = [f"{label:<16}{value}" for label, value in facts.items() if value is not None]
    lines += [f"{f'({ai})':<16}{value}" for ai, value in decoded.identifiers]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
