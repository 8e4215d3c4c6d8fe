"""The documents of the dashboard against the contract."""

from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from dashboard.pages.wall import wall_config
from dashboard.queries import WALL_DOCUMENTS
from dashboard.record_queries import RECORD_DOCUMENTS

SCHEMA = Path(__file__).parents[2] / "schema.graphql"


@pytest.fixture(scope="module")
def schema():
    return build_schema(SCHEMA.read_text())


@pytest.mark.parametrize("document", [*WALL_DOCUMENTS.values(), *RECORD_DOCUMENTS.values()])
def test_each_document_is_valid_against_the_schema(schema, document):
    assert validate(schema, parse(document)) == []


def test_the_browser_is_given_each_document():
    assert wall_config()["documents"] == dict(WALL_DOCUMENTS)
