import xml.etree.ElementTree as ElementTree
from decimal import Decimal

import pytest

from backend.analytics.pictures.bars import Bar, BarGraph, draw
from backend.analytics.pictures.forms import form_for
from backend.analytics.pictures.raster import png
from backend.analytics.pictures.scale import full, short, ticks
from backend.analytics.pictures.text import fitted, plain, width_of
from backend.analytics.presets.table import ColumnKind as K

NAMES = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0, 60, [0, 10, 20, 30, 40, 50, 60]),
        (-8879, 25199, [-10000, -5000, 0, 5000, 10000, 15000, 20000, 25000, 30000]),
        (3, 4, [0, 1, 2, 3, 4]),
        (-2.5, -1, [-2.5, -2, -1.5, -1, -0.5, 0]),
        (0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 1.5e12, [0, 5e11, 1e12, 1.5e12]),
    ],
)
def test_marks_are_round_and_enclose_everything(low, high, marks):
    assert ticks(low, high, 7) == pytest.approx(marks)


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (25000, K.MONEY, "25k"),
        (-1500000, K.MONEY, "−1.5M"),
        (0.25, K.PERCENT, "25 %"),
        (12, K.COUNT, "12"),
    ],
)
def test_marks_are_written_short(value, kind, said):
    assert short(value, kind) == said


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (Decimal("25199.928"), K.MONEY, "25,200"),
        (Decimal("-3.456"), K.MONEY, "−3.46"),
        (Decimal("0.1234"), K.PERCENT, "12.3 %"),
        (1862, K.COUNT, "1,862"),
        (Decimal("1.5"), K.UNITS, "1.50"),
        (Decimal(4), K.UNITS, "4"),
    ],
)
def test_values_are_written_with_what_matters(value, kind, said):
    assert full(value, kind) == said


def test_long_names_are_cut_to_fit():
    name = "Fellowes PB500 Electric Punch Plastic Comb Binding Machine with Manual Bind"

    cut = fitted(name, 13, 300)

    assert cut.endswith("…")
    assert name.startswith(cut[:-1])
    assert 270 < width_of(cut, 13) <= 300
    assert fitted("Short", 13, 300) == "Short"


def test_what_no_document_can_hold_is_left_out():
    assert plain("a\x00b\x0bc\u202ed\ud800e\n f") == "abcde f"


def graph(*bars, **more):
    return BarGraph("Title", "Sub", "Profit, USD", "Foot", K.MONEY, bars, **more)


def rectangles(svg):
    return [
        {name: float(one.attrib[name]) for name in ("x", "width")}
        for one in ElementTree.fromstring(svg).findall(f"{NAMES}rect")[1:]
    ]


def test_bars_are_as_long_as_their_values_from_the_same_line():
    svg = draw(graph(Bar("a", Decimal(100)), Bar("b", Decimal(50)), Bar("c", Decimal(-25))))

    one, half, below = rectangles(svg)
    assert half["width"] == pytest.approx(one["width"] / 2, abs=0.2)
    assert below["width"] == pytest.approx(one["width"] / 4, abs=0.2)
    assert one["x"] == half["x"] == pytest.approx(below["x"] + below["width"], abs=0.2)


def test_what_is_not_known_has_no_bar():
    svg = draw(graph(Bar("a", Decimal(100)), Bar("b", None)))

    assert len(rectangles(svg)) == 1
    assert "not known" in svg


def test_nothing_reaches_over_the_edge():
    bars = [Bar("W" * 80, Decimal("-9999999.99")), Bar("i", Decimal("9999999.99"))]

    svg = draw(graph(*bars))

    for one in ElementTree.fromstring(svg).iter(f"{NAMES}text"):
        wide = width_of("".join(one.itertext()), float(one.attrib["font-size"]))
        start = {"end": wide, "middle": wide / 2}.get(one.get("text-anchor", ""), 0)
        assert float(one.attrib["x"]) - start >= -1
        assert float(one.attrib["x"]) - start + wide <= 1001


def test_only_plain_attributes_are_used_so_that_no_policy_changes_it():
    svg = draw(graph(Bar("a", Decimal(1))))

    assert "style" not in svg
    assert "href" not in svg


@pytest.mark.parametrize("name", ["Łódź", "Ελλάδα", "Москва", "雪だるま", "🎄", "ab\u0301"])
def test_names_of_any_script_are_drawn(name):
    with_name = png(draw(graph(Bar(name, Decimal(1)))), zoom=1)

    assert with_name[:8] == b"\x89PNG\r\n\x1a\n"


def test_names_are_drawn_in_our_own_font():
    assert png(draw(graph(Bar("AVAWAM", Decimal(1)))), zoom=1) != png(
        draw(graph(Bar("      ", Decimal(1)))), zoom=1
    )


@pytest.mark.parametrize("accept", ["image/png;q=x, */*", ";;,", "image/svg+xml;q=2"])
def test_odd_headers_are_read_as_far_as_they_go(accept):
    assert form_for(accept)
