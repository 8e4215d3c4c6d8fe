from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import xlsxwriter

from backend.forecasting.demand import gathering
from backend.forecasting.demand.gathering import gather
from backend.forecasting.demand.rhythm import Step
from backend.forecasting.demand.tables import read_demand
from backend.forecasting.errors import DemandTooLarge, InvalidDemand, TooLittleHistory
from backend.imports.errors import UnreadableFile

DAY = date(2024, 1, 1)


def written(folder, *lines, name="demand.csv"):
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder / name


def table(*rows, columns=("date", "location", "product", "units")):
    return pl.DataFrame(rows, schema=columns, orient="row")


def days(*units, step=1, product="tea", location="shop", skip=()):
    return [
        (DAY + timedelta(days=n * step), location, product, float(one))
        for n, one in enumerate(units)
        if n not in skip
    ]


def test_a_file_is_read_whatever_its_dates_and_decimal_marks(tmp_path):
    file = written(
        tmp_path, "Product;Date;Location;Units;Promo", "tea;31.12.2023;shop;2,5;yes",
        "tea;01.01.2024;shop;;no", "tea;31.12.2023;shop;1;0.5",
    )  # fmt: skip

    rows = read_demand(file)

    assert rows.rows(named=True) == [
        {
            "location": "shop",
            "product": "tea",
            "date": date(2023, 12, 31),
            "units": 3.5,
            "promo": 1,
        },
        {"location": "shop", "product": "tea", "date": DAY, "units": None, "promo": 0},
    ]


WRITTEN = {
    "day first": "31-12-2023", "month first": "12/31/2023", "short": "31/12/23",
    "with a month's name": "31 Dec 2023", "a moment": "2023-12-31T23:30:00.123+02:00",
    "half past eleven": "12/31/2023 11:30:00 PM",
}  # fmt: skip


@pytest.mark.parametrize("day", WRITTEN.values(), ids=WRITTEN)
def test_a_date_is_read_as_it_stands_there(tmp_path, day):
    rows = read_demand(written(tmp_path, "date,location,product,units", f"{day},a,b,1"))

    assert rows["date"].to_list() == [date(2023, 12, 31)]


NUMBERS = {
    "1.234,5": 1234.5, "1,234.5": 1234.5, "1,234,567": 1_234_567, "2,5": 2.5, "-3": -3,
    "$1 234": 1234, "NA": None, "null": None, "NaN": None,
}  # fmt: skip


@pytest.mark.parametrize("said", NUMBERS)
def test_a_number_is_read_whatever_its_marks(tmp_path, said):
    rows = read_demand(written(tmp_path, "date;location;product;units", f"2023-12-31;a;b;{said}"))

    assert rows["units"].to_list() == [NUMBERS[said]]


def test_a_workbook_is_read_like_a_text(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["date", "location", "product", "units"])
        sheet.write_row(1, 0, [DAY, "shop", 4711, 2])

    rows = read_demand(tmp_path / "a.xlsx")

    assert rows.row(0) == ("shop", "4711", DAY, 2.0)


BAD = {
    "a column is lacking": (("date,location,units", "2024-01-01,a,1"), "product", None),
    "no date": (("date,location,product,units", "2024-01-01,a,b,1", "soon,a,b,1"), "date", "soon"),
    "a date is lacking": (("date,location,product,units", ",a,b,1"), "date", None),
    "units in words": (("date,location,product,units", "2024-01-01,a,b,two"), "units", "two"),
    "units beyond count": (("date,location,product,units", "2024-01-01,a,b,1e99"), "units", "1e99"),
    "units without end": (("date,location,product,units", "2024-01-01,a,b,inf"), "units", "inf"),
    "an age without shops": (
        ("date,location,product,units", "0024-01-01,a,b,1"), "date", "0024-01-01",
    ),
    "no product": (("date,location,product,units", "2024-01-01,a,,1"), "product", None),
    "a negative price": (
        ("date,location,product,units,price", "2024-01-01,a,b,1,-2"), "price", "-2",
    ),
    "open more than all day": (
        ("date,location,product,units,open", "2024-01-01,a,b,1,2"), "open", "2",
    ),
    "a promotion that is none": (
        ("date,location,product,units,promo", "2024-01-01,a,b,1,maybe"), "promo", "maybe",
    ),
    "a column twice": (("date,location,product,units,Units", "2024-01-01,a,b,1,2"), "units", None),
    "a decimal comma among commas": (
        ("date,location,product,units", "2024-01-01,a,b,2", "2024-01-02,a,b,3,5"), "file", "5",
    ),
    "dates in two forms": (
        ("date,location,product,units", "2024-01-01,a,b,1", "2024-01-02,a,b,1", "1/3/2024,a,b,1"),
        "date", "1/3/2024",
    ),
    "no rows": (("date,location,product,units",), "file", None),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "field", "value"), BAD.values(), ids=BAD)
def test_what_cannot_be_is_refused_with_field_and_value(tmp_path, lines, field, value):
    with pytest.raises(InvalidDemand) as raised:
        read_demand(written(tmp_path, *lines))

    said = raised.value.extensions
    assert (said["code"], said["field"]) == ("INVALID_DEMAND", [field])
    assert said.get("value") == value


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no workbook", b"PAR1 no parquet"])
def test_what_is_no_table_is_refused(tmp_path, content):
    (tmp_path / "bad").write_bytes(content)

    with pytest.raises(UnreadableFile):
        read_demand(tmp_path / "bad")


def test_a_quotation_that_does_not_end_is_refused_without_the_file_in_it(tmp_path):
    lines = ["date,location,product,units", '2024-01-01,a,"b,1', *["2024-01-02,a,c,1"] * 50]

    with pytest.raises(UnreadableFile) as raised:
        read_demand(written(tmp_path, *lines))

    assert "2024-01-02" not in raised.value.message


def test_dates_two_weeks_apart_are_neither_daily_nor_weekly():
    with pytest.raises(InvalidDemand) as raised:
        gather(table(*days(*[5] * 20, step=14)))

    assert raised.value.extensions["value"] == 14


def test_one_date_after_a_long_pause_is_named():
    typing_error = (date(2124, 1, 1), "shop", "tea", 3.0)

    with pytest.raises(TooLittleHistory) as raised:
        gather(table(*days(*[5] * 60), typing_error))

    assert raised.value.extensions["value"] == date(2124, 1, 1)


def test_daily_and_weekly_are_told_apart_by_the_dates():
    daily = gather(table(*days(1, 2, 3)))
    weekly = gather(table(*days(1, 2, 3, step=7)))

    assert (daily.panel.step, daily.panel.periods) == (Step.DAY, 3)
    assert (weekly.panel.step, weekly.panel.periods) == (Step.WEEK, 3)
    assert weekly.panel.through == DAY + timedelta(days=14)


def test_what_is_neither_is_refused():
    with pytest.raises(InvalidDemand):
        gather(table(*days(1, 2, 3, 4, step=30)))
    with pytest.raises(TooLittleHistory):
        gather(table(*days(1)))
    with pytest.raises(TooLittleHistory):
        gather(table(*days(1, 2)).with_columns(units=pl.lit(None, pl.Float64)))


def test_more_than_fits_is_refused(monkeypatch):
    monkeypatch.setattr(gathering, "MOST_CELLS", 3)

    with pytest.raises(DemandTooLarge):
        gather(table(*days(1, 2, 3, 4)))


def exposed(*rows):
    return gather(table(*rows)).panel.exposure.tolist()


def test_a_missing_row_means_that_nothing_was_sold():
    assert exposed(*days(1, 2, 1, 3, skip=(2,))) == [[1, 1, 1, 1]]


def test_before_its_first_row_a_product_was_not_on_offer():
    rows = [*days(1, 1, 1), *days(1, 1, 1, product="mug", skip=(0,))]

    assert exposed(*rows) == [[0, 1, 1], [1, 1, 1]]


def test_a_table_that_writes_zeros_leaves_out_what_nobody_knows():
    assert exposed(*days(1, 0, 1, 0, 3, 1, skip=(2,))) == [[1, 1, 0, 1, 1, 1]]


def test_a_day_on_which_a_busy_location_has_no_row_is_not_one_without_demand():
    rows = [row for n in range(8) for row in days(1, 1, 1, 1, product=f"p{n}", skip=(1,))]

    assert set(map(tuple, exposed(*rows))) == {(1, 0, 1, 1)}


def test_a_hole_in_what_always_sells_is_not_one_without_demand():
    assert exposed(*days(*[50] * 30, skip=(7,)))[0][7] == 0
    assert exposed(*days(*[2] * 30, skip=(7,)))[0][7] == 1


def test_a_pause_of_more_than_a_year_is_not_one_without_demand():
    mug = [(DAY + timedelta(days=n), "shop", "mug", 1.0) for n in (0, 1, 2, 500, 501)]

    tea, mugs = sorted(map(sum, exposed(*days(*[1] * 510), *mug)), reverse=True)

    assert (tea, mugs) == (510, 13)


def test_what_lies_before_a_pause_of_everything_is_left_out():
    late = [(DAY + timedelta(days=n), "shop", "tea", 2.0) for n in (9_000, 9_001)]

    panel = gather(table(*days(1, 2, 3), *late)).panel

    assert (panel.start, panel.demand.tolist()) == (DAY + timedelta(days=9_000), [[2, 2]])


def test_plans_nobody_can_forecast_for_are_left_out():
    far = (DAY + timedelta(days=50_000), "shop", "tea", None, 1.0)
    known = [(*row, 0.0) for row in days(1, 2, 3)]
    columns = ("date", "location", "product", "units", "promo")

    plans = gather(table(*known, far, columns=columns)).panel.plans

    assert plans.promo is not None
    assert plans.promo.shape == (1, 3)


def test_more_returns_than_sales_are_no_demand():
    panel = gather(table(*days(3, -2, 1))).panel

    assert panel.demand.tolist() == [[3, 0, 1]]
    assert panel.exposure.tolist() == [[1, 1, 1]]


def test_plans_reach_beyond_what_was_sold():
    columns = ("date", "location", "product", "units", "promo", "price", "open")
    rows = [
        (DAY, "a", "tea", 4.0, 0.0, 2.0, 1.0),
        (DAY + timedelta(days=1), "a", "tea", 0.0, 0.0, None, 0.0),
        (DAY + timedelta(days=1), "a", "mug", 1.0, 0.0, None, None),
        (DAY + timedelta(days=2), "a", "tea", None, 0.4, 0.0, 1.0),
    ]

    panel = gather(table(*rows, columns=columns), "US").panel

    assert (panel.periods, panel.countries) == (2, ("US",))
    plans = panel.plans
    assert plans.promo is not None
    assert plans.opened is not None
    assert plans.price is not None
    assert plans.promo.tolist() == [[0, 0, 0], [0, 0, 1]]
    assert plans.opened.tolist() == [[1, 0, 1], [1, 0, 1]]
    assert np.isnan(plans.price).tolist() == [[True, True, True], [False, True, True]]
    assert panel.exposure.tolist() == [[0, 1], [1, 0]]
