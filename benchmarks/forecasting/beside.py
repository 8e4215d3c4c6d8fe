"""Judges packages of others beside the network, on a table of your own.

    python -m benchmarks.forecasting.beside demand.csv --horizon 28 --series 150

All are judged on the same series, drawn by chance, and the same days. The network, and trees, learn
from all series; models of a single series see only those drawn, filled where a location was closed,
and what they say is nothing where it is known to be closed.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from backend.forecasting.demand.gathering import gather
from backend.forecasting.demand.panel import Panel
from backend.forecasting.demand.tables import read_demand
from backend.forecasting.judging.accuracy import Accuracy, accuracy
from backend.forecasting.judging.backtesting import Forecaster, Rolling, backtest, forecasters
from benchmarks.forecasting.rivals import local_rivals


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--horizon", type=int, required=True)
    parser.add_argument("--origins", type=int, default=3)
    parser.add_argument("--series", type=int, default=150, help="judged (%(default)s)")
    parser.add_argument("--country")
    asked = parser.parse_args()
    panel = gather(read_demand(asked.file), asked.country).panel
    rolling = Rolling(asked.horizon, asked.origins)
    with threadpool_limits(1):
        found = judged_beside(panel, rolling, asked.series)
    table = Table("model", "WAPE", "MASE", "pinball", "90 %", box=None)
    for name, one in found.items():
        measures = (one.wape, one.mase, one.pinball, one.coverage90)
        table.add_row(name, *("–" if each is None else f"{each:.4f}" for each in measures))
    Console().print(table)


def judged_beside(panel: Panel, rolling: Rolling, series: int) -> dict[str, Accuracy]:
    """Return by name how all did on so many series."""
    chosen = np.sort(np.random.default_rng(0).permutation(panel.series)[:series])
    drawn = np.isin(np.arange(panel.series), chosen)
    every = np.ones(len(chosen), np.bool_)
    return _judged(panel, rolling, forecasters(), drawn) | _judged(
        panel.of(chosen), rolling, local_rivals(), every
    )


def _judged(
    panel: Panel, rolling: Rolling, models: Mapping[str, Forecaster], kept: np.ndarray
) -> dict[str, Accuracy]:
    judged = backtest(panel, rolling, models)
    return {name: accuracy([each.of(kept) for each in one.errors]) for name, one in judged.items()}


if __name__ == "__main__":
    main()
