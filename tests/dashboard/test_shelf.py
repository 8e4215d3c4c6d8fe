"""What the page of shelves makes of a plan."""

import pytest

from dashboard.figures.shelf import figures, plan_table, to_know

PRODUCT = {
    "product": {"sku": "T-1", "name": "Tea", "category": "Drinks"},
    "facingsNow": 1, "facings": 3, "facingsProportional": 2, "boardNow": 2, "board": 2,
    "sizeState": "MEASURED", "widthCm": "30", "share": "0.3", "minimum": 2,
    "minimumReason": "DEMAND", "isShort": False, "demand": "42", "demandUntilRefill": "9",
    "costState": "KNOWN", "margin": "2.5", "profitNow": "105", "profit": "126",
    "profitOfNextFacing": "6.3",
}  # fmt: skip
PLAN = {
    "method": "GREEDY", "isOptimal": False, "gap": "0.00012", "currency": "USD", "shortNow": 1,
    "profitNow": "105", "profit": "126", "profitProportional": "120", "products": [PRODUCT],
}  # fmt: skip


def texts(component):
    """Return all words of a component, in order."""
    if isinstance(component, str):
        return [component]
    inside = getattr(component, "children", None)
    parts = inside if isinstance(inside, list) else [inside]
    return [word for part in parts if part is not None for word in texts(part)]


def test_the_cards_say_what_is_gained_and_how_sure_the_plan_is():
    words = " | ".join(texts(figures(PLAN)))

    assert "126.00 USD | +21.00 (+20.0%) than now" in words
    assert "120.00 USD | −6.00 (−4.8%) than planned" in words
    assert "1 product below the minimum" in words
    assert "≤ 0.012%" in words


def test_without_the_right_to_profit_neither_cards_nor_columns_have_it():
    hidden = PLAN | {"profit": None, "products": [PRODUCT | {"margin": None, "profit": None}]}

    assert "Profit a week now" not in texts(figures(hidden))
    assert not [one for one in plan_table(hidden).columns if one.unit == "money"]


def test_every_row_has_a_cell_for_every_column():
    table = plan_table(PLAN)

    assert [len(row) for row in table.rows] == [len(table.columns)]
    assert table.rows[0][:6] == ["Tea", "T-1", "Drinks", 2, 1, 3]
    assert "demand until refill" in table.rows[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"board": None}, "no room"),
        ({"isShort": True}, "below its minimum"),
        ({"boardNow": 1}, "moves from board 1"),
        ({"boardNow": None}, ""),
        ({"sizeState": "NO_WIDTH"}, "not measured: taken as 10 × 20 × 10 cm"),
        ({"costState": "ESTIMATED"}, "cost unknown: mean margin of the shelf"),
    ],
)
def test_what_is_special_about_a_product_is_said(changes, words):
    assert to_know(PRODUCT | changes) == words
