"""Products: the best, the slow, and how few bring how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.analysis.classes import ABC_XYZ, CONTRIBUTION, SLOW_MOVERS
from dashboard.analysis.named import Named
from dashboard.analysis.named_drawing import drawing_of, named_panel
from dashboard.analysis.panels import Drawing, Frame, empty
from dashboard.analysis.ranked import at, ranked_panel, table_panel
from dashboard.pages.analysis_page import AnalysisPage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.named import Answer
    from dashboard.analysis.view import View

SHOWN_ALONG = 50
NOTHING_CHOSEN = (
    "Press a product above, or choose a category in the filters: here stands what people buy along"
    " with it."
)


def _along_cuts(view: View) -> dict[str, Named]:
    if not any(view.filters.get(name) for name in ("sku", "subcategory", "category")):
        return {}
    return {"answer": Named("ATTACH_RATE", view.sales_filter(), {"top": SHOWN_ALONG})}


def _draw_along(view: View, found: Mapping[str, Answer], retailer: Retailer) -> Drawing:
    if "answer" not in found:
        return empty(NOTHING_CHOSEN)
    return drawing_of(found["answer"], "ATTACH_RATE", view, retailer)


ALONG = Frame("attach", "Bought together", "basket").panel(_along_cuts, _draw_along)

PAGE = AnalysisPage(
    key="products",
    title="Products",
    lead="What sells best, what hardly sells, and how few products bring most of it.",
    symbol="package",
    has_measure=True,
    panels=(
        ranked_panel(Frame("best", "Bestsellers", "chart"), at("PRODUCT"), shown=15),
        SLOW_MOVERS,
        ABC_XYZ,
        CONTRIBUTION,
        named_panel(Frame("weeks", "Weeks of supply", "package"), "WEEKS_OF_SUPPLY", "stock:read"),
        ALONG,
        table_panel(Frame("all", "All products", "package", "full"), "PRODUCT"),
    ),
)
