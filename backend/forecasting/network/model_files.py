"""Models as bytes: arrays and a header of JSON in one zip file, never anything that is run."""

import io
import json
import zipfile
from dataclasses import asdict, dataclass
from datetime import date
from itertools import islice, pairwise
from typing import Any, Final

import numpy as np

from backend.forecasting.demand.rhythm import Step
from backend.forecasting.errors import InvalidModel
from backend.forecasting.judging.accuracy import Accuracy
from backend.forecasting.network.model import Model
from backend.forecasting.network.perceptron import HEADS, Network
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.sizes import Sizes, one_size
from backend.forecasting.network.trees import Trees, are_installed

VERSION: Final = 2
"""Of the format and of the features; what is older than the one before cannot be read."""
_IN_SHARES: Final = 1
"""The version whose quantiles were multiples of the smooth part, whatever sells."""
MOST_BYTES: Final = 20_000_000
_ARRAYS: Final = ("parameters", "shift", "scale", "first", "second")
_NO_MODEL: Final = (
    ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile, NotImplementedError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class StoredModel:
    """A model, and how it did when it was judged; None where it was not."""

    model: Model
    accuracy: Accuracy | None = None


def to_bytes(stored: StoredModel) -> bytes:
    """Return a model as bytes."""
    model = stored.model
    networks = [one for one in model.networks if isinstance(one, Network)]
    header = {
        "version": VERSION,
        "step": model.step.value,
        "horizon": model.horizon,
        "isTotal": model.shape.is_total,
        "yearly": model.yearly,
        "counts": model.sizes.counts,
        "uplift": model.uplift,
        "seed": model.seed,
        "firstSeen": model.first_seen.isoformat(),
        "trainedThrough": model.trained_through.isoformat(),
        "networks": [{"sizes": one.sizes, "steps": one.steps} for one in networks],
        "trees": [len(one.texts) for one in model.networks if isinstance(one, Trees)],
        "accuracy": stored.accuracy and asdict(stored.accuracy),
    }
    arrays = {
        f"{name}{n}": getattr(one, name) for n, one in enumerate(networks) for name in _ARRAYS
    }
    texts = [text for one in model.networks if isinstance(one, Trees) for text in one.texts]
    arrays |= {f"tree{n}": np.frombuffer(text.encode(), np.uint8) for n, text in enumerate(texts)}
    arrays |= {"coefficients": model.coefficients, "offsets": model.offsets}
    arrays |= {"sizes": model.sizes.logs, "levels": model.sizes.levels}
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    memory = io.BytesIO()
    np.savez_compressed(memory, **arrays)
    return memory.getvalue()


def from_bytes(content: bytes) -> StoredModel:
    """Return the model that was stored.

    Raises:
        InvalidModel: not one of ours, damaged, or of another version.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(one.file_size for one in archive.infolist()) > MOST_BYTES:
                raise InvalidModel(f"a model takes at most {MOST_BYTES:,} bytes", field=["model"])
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            header = json.loads(arrays["header"].tobytes())
            if header["version"] not in (VERSION, _IN_SHARES):
                raise InvalidModel(
                    "the model is of another version", field=["model"], value=header["version"]
                )
            return _stored(header, {name: arrays[name] for name in arrays.files})
    except _NO_MODEL as exc:
        raise InvalidModel(f"not a model: {exc}", field=["model"]) from exc


def _stored(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> StoredModel:
    networks = tuple(
        _network(tuple(one["sizes"]), one["steps"], [arrays[f"{name}{n}"] for name in _ARRAYS])
        for n, one in enumerate(header["networks"])
    )
    said = (arrays[f"tree{n}"].tobytes().decode() for n in range(sum(header.get("trees", ()))))
    trees = tuple(_trees(list(islice(said, count))) for count in header.get("trees", ()))
    sizes = one_size(counts=0.0)
    if header["version"] == _IN_SHARES:
        _say_distances(networks, trees)
    else:
        sizes = Sizes(arrays["sizes"], arrays["levels"], float(header["counts"]))
    model = Model(
        step=Step(header["step"]),
        shape=Shape(int(header["horizon"]), bool(header["isTotal"])),
        yearly=bool(header["yearly"]),
        coefficients=arrays["coefficients"],
        sizes=sizes,
        uplift=float(header["uplift"]),
        networks=(*networks, *trees),
        offsets=arrays["offsets"],
        seed=int(header["seed"]),
        first_seen=date.fromisoformat(header["firstSeen"]),
        trained_through=date.fromisoformat(header["trainedThrough"]),
    )
    said = header["accuracy"]
    return StoredModel(model, None if said is None else Accuracy(**said))


def _say_distances(networks: tuple[Network, ...], trees: tuple[Trees, ...]) -> None:
    """Let networks that say multiples of the smooth part say distances from it: one less."""
    if trees:
        raise InvalidModel("trees of another version", field=["model"], value=_IN_SHARES)
    for network in networks:
        network.parameters[-HEADS:-1] -= 1


def _trees(texts: list[str]) -> Trees:
    if len(texts) != HEADS:
        raise ValueError("a head without trees")
    if not are_installed():
        raise InvalidModel("trees need the extra lightgbm", field=["model"])
    return Trees(texts)


def _network(sizes: tuple[int, ...], steps: int, arrays: list[np.ndarray]) -> Network:
    parameters, shift, scale, first, second = arrays
    length = sum(before * after + after for before, after in pairwise(sizes))
    fits = parameters.shape == first.shape == second.shape == (length,)
    if not fits or not shift.shape == scale.shape == (sizes[0],) or sizes[-1] != HEADS:
        raise ValueError("the arrays do not fit each other")
    network = Network(sizes, parameters, shift, scale)
    network.first, network.second, network.steps = first, second, int(steps)
    return network
