"""Trains the forecast, and judges forecasts on a table of your own."""

import argparse
import json
import sys
from dataclasses import asdict
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
from backend.forecasting.judging.backtesting import NETWORK, Judged, Rolling, backtest, forecasters
from backend.forecasting.network.calendars import is_country
from backend.programs import command, forecast_training
from backend.programs.line_plot import Line, line_plot

_MEASURES: Final = ("wape", "mase", "rmsse", "bias", "pinball", "coverage90")
_HEADS: Final = ("WAPE", "MASE", "RMSSE", "bias", "pinball", "90 %")
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
    country = arguments.country and arguments.country.upper()
    if country and not is_country(country):
        raise UnknownCountry(f"no holidays of {country!r} are known", field=["country"])
    gathered = gather(read_demand(arguments.file), country)
    console, judging = Console(stderr=True), forecasters()
    # The matrices are small: a second thread only waits for the first.
    with threadpool_limits(1), Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("judging", total=len(judging) * rolling.origins)
        judged = backtest(
            gathered.panel, rolling, judging, arguments.seed, tell=lambda _: bar.advance(task)
        )
    if arguments.json:
        print(json.dumps({"models": {name: _figures(one) for name, one in judged.items()}}))
    else:
        _show(gathered, rolling, judged)
    return 0


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 on")
    return int(text)


def _figures(judged: Judged) -> dict[str, float | None]:
    """Return the measures of one forecaster by the names of the JSON answer."""
    seconds = {"fit_seconds": judged.fit_seconds, "predict_seconds": judged.predict_seconds}
    measures = asdict(judged.accuracy) | seconds
    return {name: None if one is None else round(one, 6) for name, one in measures.items()}


def _show(gathered: Gathered, rolling: Rolling, judged: dict[str, Judged]) -> None:
    panel = gathered.panel
    console = Console()
    console.print(
        f"{panel.series:,} series, {panel.periods:,} {panel.step.lower()}s"
        f" from {panel.start} to {panel.through}; {rolling.origins} origins,"
        f" {rolling.horizon} {panel.step.lower()}s ahead"
    )
    table = Table("model", *_HEADS, "fit s", "ask s", box=None)
    for name, one in judged.items():
        figures = _figures(one)
        measures = [_written(figures[measure]) for measure in _MEASURES]
        table.add_row(name, *measures, f"{one.fit_seconds:.2f}", f"{one.predict_seconds:.3f}")
    console.print(table)
    end = panel.periods - rolling.origins * rolling.horizon
    shown = max(0, end - 2 * rolling.horizon)
    actual = panel.demand[:, shown:].sum(0)
    ahead = np.concatenate([one.mean.sum(0) for one in judged[NETWORK].forecasts])
    lines = (Line("sold", "•", 0, actual), Line("forecast", "─", end - shown, ahead))
    first = panel.rhythm.later(panel.start, shown)
    print(f"\nunits of all series, as sold and as the {NETWORK} forecast them\n")
    print(line_plot(lines, width=min(console.width, 120), ends=(str(first), str(panel.through))))


def _written(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
