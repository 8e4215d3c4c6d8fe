"""Says what a barcode means: `shelfcast decode CODE`."""

import argparse
import sys

import msgspec

from backend.core.identifiers import Decoded, Undecodable, decode_scan


def main(argv: list[str]) -> int:
    """Print what a code says; return 1 where it says nothing we can use."""
    parser = argparse.ArgumentParser(
        prog="shelfcast decode", description="Say what a scanned code means."
    )
    parser.add_argument("code", help=r"the code as scanned; write FNC1 as \x1d or <GS>")
    parser.add_argument("--symbology", metavar="ID", help="its AIM identifier, such as ]E0")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args(argv)
    code = arguments.code.replace("\\x1d", "\x1d").replace("<GS>", "\x1d")
    decoded = decode_scan(code, arguments.symbology)
    print(_json(decoded) if arguments.json else _sentence(decoded))
    return 1 if isinstance(decoded, Undecodable) else 0


def _json(decoded: Decoded | Undecodable) -> str:
    if isinstance(decoded, Undecodable):
        content = {"decoded": False, "reason": decoded.reason.value, "why": decoded.explanation}
    else:
        facts = msgspec.structs.asdict(decoded)
        facts["gtin"] = decoded.gtin and str(decoded.gtin)
        content = {"decoded": True, **facts}
    return msgspec.json.format(msgspec.json.encode(_camel(content)), indent=2).decode()


def _camel(content: dict[str, object]) -> dict[str, object]:
    words = {name: name.split("_") for name in content}
    return {
        first + "".join(word.title() for word in rest): content[name]
        for name, (first, *rest) in words.items()
    }


def _sentence(decoded: Decoded | Undecodable) -> str:
    if isinstance(decoded, Undecodable):
        return f"not decoded: {decoded.explanation}"
    labels = {
        "GTIN": decoded.gtin,
        "SSCC": decoded.sscc,
        "units": decoded.units,
        "lot": decoded.lot,
        "serial": decoded.serial,
        "expires on": decoded.expires_on,
        "best before": decoded.best_before,
        "net weight (kg)": decoded.net_weight_kg,
    }
    lines = [f"{label:<16}{value}" for label, value in labels.items() if value is not None]
    lines += [f"{f'({ai})':<16}{value}" for ai, value in decoded.elements]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
