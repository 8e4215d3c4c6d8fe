import io
import json
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from backend.forecasting.errors import InvalidModel
from backend.forecasting.judging.accuracy import Accuracy
from backend.forecasting.network import model_files
from backend.forecasting.network.learning import fill_reservoir, learn_today
from backend.forecasting.network.model import forecast
from backend.forecasting.network.model_files import StoredModel, from_bytes, to_bytes
from backend.forecasting.network.perceptron import HEADS
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.sizes import one_size
from backend.forecasting.network.training import train
from tests.backend.forecasting.panels import QUICK, counts, panel

KNOWN = panel(counts(periods=120))
ACCURACY = Accuracy(0.3, 0.8, 0.7, -0.01, 0.05, None)


@pytest.fixture(scope="module")
def model():
    return train(KNOWN, Shape(7), 5, QUICK)


@pytest.fixture(scope="module")
def content(model):
    return to_bytes(StoredModel(model, ACCURACY))


def test_a_model_that_was_stored_forecasts_the_same(model, content):
    stored = from_bytes(content)

    assert stored.accuracy == ACCURACY
    for name in ("step", "shape", "yearly", "seed", "first_seen", "trained_through"):
        assert getattr(stored.model, name) == getattr(model, name)
    one, same = forecast(model, KNOWN), forecast(stored.model, KNOWN)
    assert np.array_equal(one.quantiles, same.quantiles)


def test_it_learns_on_where_it_left_off(model, content):
    def went_on(one):
        reservoir = fill_reservoir(one, KNOWN, 500)
        return learn_today(one, KNOWN, reservoir, np.random.default_rng(0))

    models = (model, from_bytes(content).model)
    found = [forecast(went_on(one), KNOWN).quantiles for one in models]

    assert np.array_equal(found[0], found[1])


def test_a_model_without_accuracy_is_stored_too(model):
    assert from_bytes(to_bytes(StoredModel(model))).accuracy is None


def rewritten(content, **arrays):
    with np.load(io.BytesIO(content)) as kept:
        every = {name: kept[name] for name in kept.files} | arrays
    memory = io.BytesIO()
    np.savez(memory, **every)
    return memory.getvalue()


def header_with(content, **changes):
    with np.load(io.BytesIO(content)) as kept:
        header = json.loads(kept["header"].tobytes()) | changes
    return rewritten(content, header=np.frombuffer(json.dumps(header).encode(), np.uint8))


def test_a_model_that_says_multiples_forecasts_what_it_did(model):
    in_shares = replace(model, sizes=one_size(counts=0.0))
    older = to_bytes(StoredModel(in_shares))
    with np.load(io.BytesIO(older)) as kept:
        parameters = {name: kept[name] for name in kept.files if name.startswith("parameters")}
    for one in parameters.values():
        one[-HEADS:-1] += 1

    found = from_bytes(rewritten(header_with(older, version=1), **parameters))

    one, same = forecast(in_shares, KNOWN), forecast(found.model, KNOWN)
    assert same.quantiles == pytest.approx(one.quantiles, abs=1e-3)


class Harmful:
    def __reduce__(self):
        return (pytest.fail, ("what was read was run",))


SPOILT = {
    "empty": lambda _: b"",
    "cut off": lambda content: content[:-200],
    "other bytes": lambda _: b"PK\x03\x04 something else",
    "a pickle": lambda _: pickle.dumps(Harmful()),
    "a pickle within": lambda content: rewritten(
        content, coefficients=np.array([Harmful()], object)
    ),
    "another version": lambda content: header_with(content, version=99),
    "sizes that do not fit": lambda content: header_with(
        content, networks=[{"sizes": [3, 4, 10], "steps": 1}] * 2
    ),
    "a step nobody knows": lambda content: header_with(content, step="MONTH"),
    "no networks": lambda content: header_with(content, networks=None),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_is_no_model_of_ours_is_refused_and_nothing_of_it_run(content, spoil):
    with pytest.raises(InvalidModel) as raised:
        from_bytes(spoil(content))

    assert raised.value.field == ["model"]


def test_what_swells_when_unpacked_is_refused(monkeypatch):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.npy", b"\0" * (model_files.MOST_BYTES + 1))

    with pytest.raises(InvalidModel):
        from_bytes(memory.getvalue())
