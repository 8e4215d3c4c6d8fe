"""What was said of a day, beside what came: sums over forecasts one to seven days ahead. Pure."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import numpy as np

from backend.forecasting.arrays import Doubles, Flags, Floats
from backend.forecasting.rules import HIGH, LOW, MEDIAN, QUANTILES

_LEVELS: Final = np.array(QUANTILES)
Series = tuple[tuple[UUID, UUID], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What was said at the end of a day of the seven after it: mean, quantiles, by who said it."""

    day: date
    series: Series
    said: Mapping[str, tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True, eq=False)
class Missed:
    """What forecasts of one day missed, by series; sums over the forecasts `scored`."""

    sold: Doubles
    absolute: Doubles
    signed: Doubles
    squared: Doubles
    pinball: Doubles
    covered: Doubles
    scored: Doubles


def score(
    day: date, series: Series, sold: Floats, exposed: Flags, snapshots: Sequence[Snapshot]
) -> dict[str, Missed]:
    """Return what each missed of a day, by the names of the snapshots; none: nobody said anything.

    Who is in only some of the snapshots is scored in those.
    """
    rows = {key: row for row, key in enumerate(series)}
    sums: dict[str, Doubles] = {}
    for snapshot in snapshots:
        ahead = (day - snapshot.day).days - 1
        if not 0 <= ahead < 7:
            continue
        pairs = [(rows[key], n) for n, key in enumerate(snapshot.series) if key in rows]
        if not pairs:
            continue
        mine, theirs = np.array(pairs).T
        for name, (mean, quantiles) in snapshot.said.items():
            missed = _missed(
                sold[mine], exposed[mine], mean[theirs, ahead], quantiles[theirs, ahead]
            )
            found = sums.setdefault(name, np.zeros((7, len(series))))
            found[:, mine] += missed
    return {name: Missed(*found) for name, found in sums.items()}


def _missed(sold: Floats, exposed: Flags, mean: Floats, quantiles: Floats) -> Doubles:
    over = mean - sold
    short = sold[:, None] - quantiles
    pinball = np.maximum(_LEVELS * short, (_LEVELS - 1) * short).mean(1)
    inside = (sold >= quantiles[:, LOW]) & (sold <= quantiles[:, HIGH])
    columns = (sold, np.abs(sold - quantiles[:, MEDIAN]), over, over**2, pinball, inside, exposed)
    return np.stack(columns).astype(np.float64) * exposed


def pack(snapshot: Snapshot) -> bytes:
    """Return a snapshot as bytes."""
    ids = np.array([[one.bytes for one in key] for key in snapshot.series], "V16")
    arrays: dict[str, Any] = {f"{name}.{kind}": one for name, pair in snapshot.said.items()
              for kind, one in zip(("mean", "quantiles"), pair, strict=True)}  # fmt: skip
    memory = io.BytesIO()
    np.savez_compressed(memory, series=ids, **arrays)
    return memory.getvalue()


def unpack(day: date, content: bytes) -> Snapshot:
    """Return the snapshot that was packed."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        ids = arrays["series"]
        series = tuple((UUID(bytes=bytes(a)), UUID(bytes=bytes(b))) for a, b in ids)
        names = {name.split(".")[0] for name in arrays.files if "." in name}
        said = {name: (arrays[f"{name}.mean"], arrays[f"{name}.quantiles"]) for name in names}
    return Snapshot(day, series, said)
