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


WRONG = {
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
