"""Trains the forecast, and judges forecasts on a table of your own."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from threadpoolctl import threadpool_limits

from backend.core.errors import ShelfcastError
from backend.forecasting.demand.gathering import Gathered, gather
from backend.forecasting.demand.tables import read_demand
from backend.forecasting.errors import UnknownCountry
from backend.forecasting.judging.backtesting import NETWORK, Judged, Rolling, forecasters
from backend.forecasting.judging.seeds import (
    MOST_SEEDS,
    Seeds,
    Spread,
    backtest_with_seeds,
    spreads,
)
from backend.forecasting.network.calendars import is_country
from backend.programs import command, forecast_training
from backend.programs.line_plot import Line, line_plot

_MEASURES: Final = ("wape", "mase", "rmsse", "bias", "pinball", "coverage90")
_HEADS: Final = ("WAPE", "MASE", "RMSSE", "bias", "pinball", "90 %")
_ENDS: Final = ("lowest", "highest")
Told = Mapping[str, Mapping[str, Spread | None]]
"""By model and measure."""
EXAMPLES: Final = """
FILE is CSV (plain or gzip), Excel or parquet with the columns date, location, product, units and,
where they are known ahead, promo, price, open. Daily or weekly is told from the dates; a date,
location and product may stand there several times.
"""


def main(argv: list[str]) -> int:
    """Run `forecast backtest` or `forecast train`."""
    parser = argparse.ArgumentParser(prog="shelfcast forecast", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    forecast_training.add_verb(verbs)
    verb = verbs.add_parser("backtest", help=__doc__, description=f"{__doc__}{EXAMPLES}")
    verb.add_argument("file", type=Path, metavar="FILE")
    verb.add_argument("--horizon", type=int, required=True, metavar="H", help="periods ahead")
    verb.add_argument(
        "--origins", type=int, default=3, metavar="N", help="forecasts judged (%(default)s)"
    )
    verb.add_argument("--country", metavar="CC", help="whose public holidays count, such as US")
    verb.add_argument("--seed", type=_seed, default=0, metavar="S", help="of all chance (0)")
    verb.add_argument(
        "--seeds", type=int, default=1, metavar="N",
        help=f"judge with so many seeds, from S on, at most {MOST_SEEDS} (%(default)s)",
    )  # fmt: skip
    verb.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args(argv)
    run = forecast_training.run if arguments.verb == "train" else _run
    return command.run("forecast", lambda: run(arguments))


def _run(arguments: argparse.Namespace) -> int:
    try:
        return _backtest(arguments)
    except ShelfcastError as error:
        if not arguments.json:
            raise
        print(json.dumps({"error": {**error.extensions, "message": error.message}}, default=str))
        return 1


def _backtest(arguments: argparse.Namespace) -> int:
    rolling = Rolling(arguments.horizon, arguments.origins)
    seeds = Seeds(arguments.seed, arguments.seeds)
    country = arguments.country and arguments.country.upper()
    if country and not is_country(country):
        raise UnknownCountry(f"no holidays of {country!r} are known", field=["country"])
    gathered = gather(read_demand(arguments.file), country)
    console, judging = Console(stderr=True), forecasters()
    total = len(judging) * rolling.origins * seeds.count
    # The matrices are small: a second thread only waits for the first.
    with threadpool_limits(1), Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("judging", total=total)
        judged = backtest_with_seeds(
            gathered.panel, rolling, judging, seeds, tell=lambda _: bar.advance(task)
        )
    told = {name: spreads(each) for name, each in judged.items()}
    if arguments.json:
        print(json.dumps(_answer(told, seeds)))
    else:
        _show(gathered, rolling, seeds, told)
        _plot(gathered, rolling, judged[NETWORK][0])
    return 0


def _answer(told: Told, seeds: Seeds) -> dict[str, object]:
    """Return the JSON answer: means over seeds, and the ends where there are several."""
    models = {
        name: {measure: one and round(one.mean, 6) for measure, one in found.items()}
        for name, found in told.items()
    }
    if seeds.count == 1:
        return {"models": models}
    ends = {
        name: {
            measure: one and {end: round(getattr(one, end), 6) for end in _ENDS}
            for measure, one in found.items()
        }
        for name, found in told.items()
    }
    return {"models": models, "seeds": seeds.all(), "spread": ends}


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 on")
    return int(text)


def _show(gathered: Gathered, rolling: Rolling, seeds: Seeds, told: Told) -> None:
    panel = gathered.panel
    console = Console()
    console.print(
        f"{panel.series:,} series, {panel.periods:,} {panel.step.lower()}s"
        f" from {panel.start} to {panel.through}; {rolling.origins} origins,"
        f" {rolling.horizon} {panel.step.lower()}s ahead"
        + (f"; mean of {seeds.count} seeds" if seeds.count > 1 else "")
    )
    table = Table("model", *_HEADS, "fit s", "ask s", box=None)
    for name, found in told.items():
        table.add_row(name, *_row(found, "mean"))
        # What chance has no part in is the same with every seed.
        if any(one and one.lowest < one.highest for one in map(found.get, _MEASURES)):
            for end in _ENDS:
                table.add_row(f"  {end}", *_row(found, end))
    console.print(table)


def _row(found: Mapping[str, Spread | None], part: str) -> list[str]:
    decimals = dict.fromkeys(_MEASURES, 4) | {"fit_seconds": 2, "predict_seconds": 3}
    each = ((found[name], places) for name, places in decimals.items())
    return ["–" if one is None else f"{getattr(one, part):.{places}f}" for one, places in each]


def _plot(gathered: Gathered, rolling: Rolling, judged: Judged) -> None:
    panel = gathered.panel
    end = panel.periods - rolling.origins * rolling.horizon
    shown = max(0, end - 2 * rolling.horizon)
    actual = panel.demand[:, shown:].sum(0)
    ahead = np.concatenate([one.mean.sum(0) for one in judged.forecasts])
    lines = (Line("sold", "•", 0, actual), Line("forecast", "─", end - shown, ahead))
    first = panel.rhythm.later(panel.start, shown)
    print(f"\nunits of all series, as sold and as the {NETWORK} forecast them\n")
    width = min(Console().width, 120)
    print(line_plot(lines, width=width, ends=(str(first), str(panel.through))))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
