"""A table of demand as a panel: whether it is daily or weekly, and what a missing row means."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from backend.forecasting.arrays import Flags, Floats, Ints
from backend.forecasting.demand.panel import Panel, Plans
from backend.forecasting.demand.rhythm import Rhythm, Step, rhythm_of
from backend.forecasting.errors import DemandTooLarge, InvalidDemand, TooLittleHistory

MOST_CELLS: Final = 50_000_000
_USUAL_ROWS: Final = 7
"""A location that has so many rows a day was closed, or not heard of, on a day without any."""
_WRITES_ZEROS: Final = 0.1
"""Of what sold nothing: a table that writes so much of it writes all of it."""
_SURE_UNITS: Final = 10
"""What sells at least so much on all but a twentieth of its days does not sell nothing."""
_LONGEST_GAP: Final = 10
"""Days between dates, in the middle: a table with more is neither daily nor weekly."""
_LONGEST_PAUSE: Final = 400
"""Days: who sells nothing for longer, also when the season comes round, is not on offer."""
_FURTHEST: Final = 400
"""Periods after the last one known: no forecast reaches further, so no plan is read either."""


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """A panel, and the names of its series: location and product."""

    panel: Panel
    names: tuple[tuple[str, str], ...]


def gather(rows: pl.DataFrame, country: str | None = None) -> Gathered:
    """Return the panel of a table with one row per date, location and product.

    A row that is missing means that nothing was sold, unless that is hard to believe: the table
    writes zeros itself, the location has no row at all that day though it usually has many, or the
    product always sells. Then nobody knows. Before its first row, and in a pause of more than 400
    days, a product was not on offer; where nothing at all is known for so long, what lies before
    is left out.

    Raises:
        TooLittleHistory: a single date.
        InvalidDemand: neither daily nor weekly.
        DemandTooLarge: more cells than one forecast holds.
    """
    rows = _since_pause(rows)
    rhythm, first = _rhythm(rows)
    observed = rows.filter(pl.col("units").is_not_null())
    last = observed["date"].max()
    if not isinstance(last, date):
        raise TooLittleHistory("no row has units", field=["units"])
    rows = rows.filter(pl.col("date") <= rhythm.later(last, _FURTHEST))
    periods = rhythm.between(first, last) + 1
    planned = max(periods, rhythm.between(first, _latest(rows)) + 1)
    names = rows.select("location", "product").unique().sort("location", "product")
    if len(names) * planned > MOST_CELLS:
        raise DemandTooLarge(
            f"{len(names):,} series of {planned:,} periods are more than {MOST_CELLS:,} cells",
            field=["file"],
            limit=MOST_CELLS,
        )
    cells = _Cells.of(rows, names, rhythm, first, planned)
    units = cells.filled(rows["units"])
    demand, known = np.nan_to_num(units[:, :periods]), ~np.isnan(units[:, :periods])
    locations = _numbers(names["location"])
    exposure = known | sold_nothing(demand, known, unheard(known, locations)[locations])
    exposure &= known | ~_pauses(known, _LONGEST_PAUSE // rhythm.days)
    plans = Plans(*(cells.plan(rows, name, locations) for name in ("promo", "price", "open")))
    if plans.opened is not None:
        exposure &= (plans.opened[:, :periods] > 0) | (demand > 0)
    share = 1 if plans.opened is None else np.where(demand > 0, 1, plans.opened[:, :periods])
    panel = Panel(
        start=first,
        step=rhythm.step,
        demand=np.maximum(demand, 0).astype(np.float32),
        exposure=(exposure * share).astype(np.float32),
        products=_numbers(names["product"]),
        locations=locations,
        countries=(country,) * (int(locations.max()) + 1),
        plans=plans,
    )
    return Gathered(panel, tuple(names.iter_rows()))


def _since_pause(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows after the last long pause of everything; plans are no end of one."""
    days = rows.filter(pl.col("units").is_not_null())["date"].unique().sort()
    late = days.filter(days.diff().dt.total_days() > _LONGEST_PAUSE)
    return rows.filter(pl.col("date") >= late[-1]) if len(late) else rows


def _pauses(known: Flags, longest: int) -> Flags:
    """Tell where a series has no row for so many periods and more, up to the end as well."""
    periods = np.arange(known.shape[1], dtype=np.int32)
    before = np.maximum.accumulate(np.where(known, periods, np.int32(-1)), axis=1)
    later = np.where(known, periods, np.int32(len(periods)))[:, ::-1]
    after = np.minimum.accumulate(later, axis=1)[:, ::-1]
    return after - before > longest


def _rhythm(rows: pl.DataFrame) -> tuple[Rhythm, date]:
    """Return daily or weekly, and the first period: weeks begin where the dates stand.

    Raises:
        TooLittleHistory: a single date.
        InvalidDemand: neither daily nor weekly.
    """
    days = rows["date"].unique().sort()
    if len(days) < 2:
        raise TooLittleHistory(
            f"the table has a single date, or a single one after a pause of {_LONGEST_PAUSE} days",
            field=["date"],
            value=days.first(),
        )
    weekdays = rows.group_by("location").agg(pl.col("date").dt.weekday().n_unique())
    is_weekly = weekdays["date"].max() == 1
    gaps = days.diff().dt.total_days().cast(pl.Float64)
    # Weeks without sales may be left out, but not every other one.
    gap = gaps.min() if is_weekly else gaps.median()
    if isinstance(gap, float) and gap > _LONGEST_GAP:
        raise InvalidDemand(
            f"dates lie {gap:g} days apart: neither daily nor weekly", field=["date"], value=gap
        )
    return rhythm_of(Step.WEEK if is_weekly else Step.DAY), days[0]


def _latest(rows: pl.DataFrame) -> date:
    return rows["date"].sort()[-1]


def _numbers(names: pl.Series) -> Ints:
    """Number names in their order."""
    return (names.rank("dense").to_numpy() - 1).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Where each row of a table lies in an array of series and periods."""

    series: Ints
    period: Ints
    shape: tuple[int, int]

    @classmethod
    def of(
        cls, rows: pl.DataFrame, names: pl.DataFrame, rhythm: Rhythm, first: date, periods: int
    ) -> "_Cells":
        numbered = rows.select("location", "product").join(
            names.with_row_index("series"),
            on=["location", "product"],
            how="left",
            maintain_order="left",
        )
        days = (rows["date"] - first).dt.total_days().to_numpy()
        return cls(
            numbered["series"].to_numpy().astype(np.int64),
            (days // rhythm.days).astype(np.int64),
            (len(names), periods),
        )

    def filled(self, values: pl.Series) -> Floats:
        """Return the values by series and period; NaN where there is none."""
        found = np.full(self.shape, np.nan, np.float32)
        found[self.series, self.period] = values.cast(pl.Float32).to_numpy()
        return found

    def plan(self, rows: pl.DataFrame, name: str, locations: Ints) -> Floats | None:
        """Return a column of plans by series and period; None where the table has no such column.

        A location is open for what has no row as for the rest of its products. Promotions are
        relative to the strongest; what costs nothing has no price.
        """
        if name not in rows.columns:
            return None
        values = self.filled(rows[name])
        if name == "price":
            return np.where(values > 0, values, np.float32(np.nan))
        if name == "promo":
            values = np.nan_to_num(values)
            return values / max(float(values.max()), 1e-9)
        return _shared(values, locations)


def _shared(opened: Floats, locations: Ints) -> Floats:
    """Fill what is not said of a series with what is said of its location, else with open."""
    said = ~np.isnan(opened)
    count = int(locations.max()) + 1
    known, total = np.zeros((2, count, opened.shape[1]))
    np.add.at(known, locations, said)
    np.add.at(total, locations, np.nan_to_num(opened))
    mean = np.where(known > 0, total / np.maximum(known, 1), 1.0)
    return np.where(said, opened, mean[locations]).astype(np.float32)


def sold_nothing(demand: Floats, known: Flags, silent: Flags) -> Flags:
    """Tell where a missing row means that nothing was sold; `silent` periods say nothing."""
    on_offer = np.maximum.accumulate(known, axis=1)
    missing = on_offer & ~known
    zeros = (known & (demand == 0)).sum()
    if zeros > 0 and zeros >= _WRITES_ZEROS * (zeros + missing.sum()):
        return np.zeros_like(known)
    return missing & ~silent & ~_always_sells(demand, known, on_offer)[:, None]


def unheard(known: Flags, locations: Ints) -> Flags:
    """Tell by location and period where it sent nothing, though it usually sends much."""
    present = np.zeros((int(locations.max()) + 1, known.shape[1]))
    np.add.at(present, locations, known)
    days = (present > 0).sum(1)
    usual = present.sum(1) / np.maximum(days, 1)
    return (present == 0) & (usual >= _USUAL_ROWS)[:, None]


def _always_sells(demand: Floats, known: Flags, on_offer: Flags) -> Flags:
    """Tell of which series a period without sales is hard to believe."""
    share = known.sum(1) / np.maximum(on_offer.sum(1), 1)
    few = (known & (demand < _SURE_UNITS)).sum(1) / np.maximum(known.sum(1), 1)
    return (share > 0.5) & (few <= 0.05)
