from pathlib import Path

from backend.programs.analyses import analyses_document

DOCUMENT = Path(__file__).parents[2] / "docs" / "analyses.md"


def test_every_analysis_is_documented_as_it_is():
    committed = DOCUMENT.read_text()

    assert committed == analyses_document() + "\n", "run: shelfcast schema --analyses"
