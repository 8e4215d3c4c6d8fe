"""Run benchmarks and print what they found."""

import argparse
import asyncio
import dataclasses
import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Final

from benchmarks import results
from benchmarks.results import Result

NAMES: Final = (
    "ingest",
    "record_sale",
    "delivery",
    "import",
    "scan_to_screen",
    "authorise",
    "revocation",
    "analytics",
    "reports",
    "edge",
    "forecasting",
    "orders",
    "shelves",
)


def main(argv: list[str]) -> int:
    """Run the benchmarks asked for, one after the other; 1 when one could not be run."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)} (all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    arguments = parser.parse_args(argv)
    unknown = set(arguments.names) - set(NAMES)
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that no server is left behind
    found: list[Result] = []
    failed = False
    for name in arguments.names or NAMES:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        try:
            found.append(_measure(name))
        except Exception as exc:  # noqa: BLE001 - one benchmark's failure must not hide the others
            print(f"{name} failed: {exc!r}", file=sys.stderr)
            failed = True
    results.show(found)
    if arguments.json:
        arguments.json.write_text(json.dumps(results.as_json(found), indent=2) + "\n")
    return int(failed)


def _measure(name: str) -> Result:
    module = importlib.import_module(f"benchmarks.bench_{name}")
    before = os.getloadavg()[0]
    result: Result = asyncio.run(module.run())
    return dataclasses.replace(result, load=(before, os.getloadavg()[0]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
