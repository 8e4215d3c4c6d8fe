from pathlib import Path

from backend.programs.schema import error_document

DOCUMENT = Path(__file__).parents[2] / "docs" / "errors.md"


def test_every_error_code_is_documented_and_none_that_is_gone():
    committed = DOCUMENT.read_text()

    assert committed == error_document() + "\n", "run: shelfcast schema --errors > docs/errors.md"
