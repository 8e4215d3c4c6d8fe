"""The documents of the dashboard against the contract."""

from datetime import date
from pathlib import Path

import pytest
from graphql import Lexer, Source, TokenKind, build_schema, parse as parse_document, validate

from dashboard.analysis import boards, saved
from dashboard.analysis.answer import wanted
from dashboard.analysis.choices import CHOICES
from dashboard.analysis.cuts import document
from dashboard.analysis.periods import Span
from dashboard.analysis.view import parse
from dashboard.fleet_queries import FLEET_DOCUMENTS
from dashboard.forecast_queries import FORECAST_DOCUMENTS
from dashboard.goal_queries import GOALS_DOCUMENTS
from dashboard.pages import forecast
from dashboard.pages.all_pages import ANALYSIS_PAGES
from dashboard.pages.boards import DOCUMENTS
from dashboard.pages.wall import wall_config
from dashboard.queries import SALES_FEED, WALL_DOCUMENTS
from dashboard.record_queries import RECORD_DOCUMENTS
from dashboard.reorder_queries import REORDER_DOCUMENTS
from dashboard.report_queries import REPORT_DOCUMENTS
from dashboard.shelf_queries import SHELF_DOCUMENTS

MOST_TOKENS = 2_000
"""What the backend takes at most (docs/limits.md)."""

SCHEMA = Path(__file__).parents[2] / "schema.graphql"


def token_count(text):
    lexer = Lexer(Source(text))
    count = 0
    while lexer.advance().kind is not TokenKind.EOF:
        count += 1
    return count


@pytest.fixture(scope="module")
def schema():
    return build_schema(SCHEMA.read_text())


@pytest.mark.parametrize(
    "text",
    [
        *WALL_DOCUMENTS.values(),
        *RECORD_DOCUMENTS.values(),
        *FLEET_DOCUMENTS.values(),
        *GOALS_DOCUMENTS.values(),
        *REORDER_DOCUMENTS.values(),
        *SHELF_DOCUMENTS.values(),
        *FORECAST_DOCUMENTS.values(),
        *REPORT_DOCUMENTS.values(),
        SALES_FEED,
        CHOICES,
        *(saved.SAVE, saved.DELETE),
        *(boards.BOARDS, *DOCUMENTS.values()),
    ],
)
def test_each_document_is_valid_against_the_schema(schema, text):
    assert validate(schema, parse_document(text)) == []


@pytest.mark.parametrize(
    "page", [one for one in ANALYSIS_PAGES if one.key != "boards"], ids=lambda page: page.key
)
def test_all_panels_of_a_page_fit_into_one_valid_document(schema, page):
    day = date(2018, 3, 5)
    view = parse("?compare=year", today=day, known=Span(day, day))

    unique, _ = wanted(page.panels, view)

    text = document(unique)
    assert validate(schema, parse_document(text)) == []
    assert token_count(text) < MOST_TOKENS


def test_what_is_asked_of_one_product_alone_is_valid_too(schema):
    day = date(2018, 3, 5)
    view = parse("?sku=TEA&location=NYC&price=4", today=day, known=Span(day, day))

    unique, _ = wanted(forecast.PAGE.panels, view)

    assert {"forecastDrivers", "forecastWhatIf"} <= {one.field for one in unique.values()}
    assert validate(schema, parse_document(document(unique))) == []


def test_the_browser_is_given_each_document():
    assert wall_config()["documents"] == dict(WALL_DOCUMENTS)
