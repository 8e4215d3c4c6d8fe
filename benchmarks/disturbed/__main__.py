"""Run it from the command line."""

import argparse
import asyncio
import math
import signal
import sys
from datetime import UTC, datetime

from benchmarks.disturbed.run import Plan, run


def main(argv: list[str]) -> int:
    """Send the reads; 1 when the ledger does not hold exactly those, once."""
    parser = argparse.ArgumentParser(prog="benchmarks.disturbed", description=__doc__)
    parser.add_argument("--reads", type=int, default=1_000_000, help="codes read (1,000,000)")
    parser.add_argument("--seed", type=int, default=1, help="of all that is random (1)")
    parser.add_argument("--scanners", type=int, default=30, help="SSI scanners on ptys (30)")
    parser.add_argument("--minutes", type=float, default=math.inf, help="read no longer (no limit)")
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left behind
    signal.signal(signal.SIGINT, signal.default_int_handler)
    plan = Plan(options.reads, options.seed, options.scanners, most_s=options.minutes * 60)
    report = asyncio.run(run(plan, _tell))
    print(report.text)
    return 1 if report.verdict.faults else 0


def _tell(text: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
