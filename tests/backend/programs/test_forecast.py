import json

import pytest

from backend.programs import forecast
from backend.programs.line_plot import Line, line_plot
from tests.backend.forecasting.panels import MONDAY, counts, panel

MEASURES = {
    "wape", "mase", "rmsse", "bias", "pinball", "coverage90", "fit_seconds", "predict_seconds",
}  # fmt: skip


@pytest.fixture
def file(tmp_path):
    known = panel(counts(series=3, periods=84))
    lines = [
        f"{known.rhythm.later(MONDAY, n)},shop,p{row},{units:g}"
        for row, demand in enumerate(known.demand)
        for n, units in enumerate(demand)
    ]
    (tmp_path / "demand.csv").write_text("\n".join(["date,location,product,units", *lines]))
    return str(tmp_path / "demand.csv")


def test_json_has_the_measures_of_each_model(capsys, file):
    code = forecast.main(["backtest", file, "--horizon", "7", "--origins", "2", "--json"])

    answer = json.loads(capsys.readouterr().out)
    assert (code, set(answer)) == (0, {"models"})
    assert set(answer["models"]) == {"network", "seasonal_naive", "weekday_mean"}
    for figures in answer["models"].values():
        assert set(figures) == MEASURES
        assert all(isinstance(one, float) for one in figures.values())


def test_without_json_there_are_a_table_and_a_plot(capsys, file):
    code = forecast.main(["backtest", file, "--horizon", "7", "--country", "us"])

    shown = capsys.readouterr().out
    assert code == 0
    assert "3 series, 84 days from 2022-01-03 to 2022-03-27; 3 origins, 7 days ahead" in shown
    for name in ("network", "seasonal_naive", "weekday_mean", "2022-03-27", "─ forecast"):
        assert name in shown


def test_several_seeds_are_told_as_their_mean_with_the_lowest_and_the_highest(capsys, file):
    words = ["backtest", file, "--horizon", "7", "--origins", "1", "--json"]
    single = []
    for seed in ("4", "5"):
        forecast.main([*words, "--seed", seed])
        single.append(json.loads(capsys.readouterr().out)["models"])

    code = forecast.main([*words, "--seed", "4", "--seeds", "2"])

    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["seeds"]) == (0, [4, 5])
    assert set(answer["models"]) == set(answer["spread"]) == set(single[0])
    for name, found in answer["spread"].items():
        for measure in MEASURES - {"fit_seconds", "predict_seconds"}:
            ends = sorted(one[name][measure] for one in single)
            assert [found[measure]["lowest"], found[measure]["highest"]] == ends
            assert answer["models"][name][measure] == pytest.approx(sum(ends) / 2, abs=1e-6)
    network = answer["spread"]["network"]["wape"]
    assert network["lowest"] < network["highest"]


def test_the_table_shows_the_ends_of_what_depends_on_chance_alone(capsys, file):
    forecast.main(["backtest", file, "--horizon", "7", "--origins", "1", "--seeds", "2"])

    shown = capsys.readouterr().out
    assert "mean of 2 seeds" in " ".join(shown.split())
    rows = [line.split()[0] for line in shown.splitlines() if line.strip()]
    assert [rows.count(word) for word in ("network", "lowest", "highest")] == [1, 1, 1]


WRONG = {
    "no seed": (["--horizon", "7", "--seeds", "0"], "INVALID_HORIZON"),
    "too many seeds": (["--horizon", "7", "--seeds", "21"], "INVALID_HORIZON"),
    "horizon": (["--horizon", "0"], "INVALID_HORIZON"),
    "too many origins": (["--horizon", "28", "--origins", "2"], "TOO_LITTLE_HISTORY"),
    "country": (["--horizon", "7", "--country", "Atlantis"], "UNKNOWN_COUNTRY"),
}


@pytest.mark.parametrize(("words", "code"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_judged_is_said_with_its_code(capsys, file, words, code):
    assert forecast.main(["backtest", file, *words, "--json"]) == 1

    assert json.loads(capsys.readouterr().out)["error"]["code"] == code
    assert forecast.main(["backtest", file, *words]) == 1
    assert capsys.readouterr().err.startswith("shelfcast forecast: ")


def test_a_line_is_drawn_where_its_values_are():
    values = panel([0, 5, 10]).demand[0]

    drawn = line_plot([Line("sold", "x", 0, values)], width=40, ends=("a", "b")).splitlines()

    assert (drawn[0].index("x"), drawn[13].index("x")) == (14, 12)
    assert drawn[0].split()[0] == "10.0"
