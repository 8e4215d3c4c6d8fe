"""A document as pages to print, and as one picture: typeset by Typst from JSON."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import orjson
import typst

from backend.analytics.presets.table import ColumnKind
from backend.reports.documents import (
    Document,
    Figure,
    Figures,
    Grid,
    GridColumn,
    Heading,
    JsonCell,
    Section,
    Sentence,
    Words,
    number,
)
from backend.reports.rendering.charts import chart_svg
from backend.reports.rendering.facts import Citations, facts, labelled, left_out, shown_rows
from backend.reports.words import changed, days, shown

_HERE: Final = Path(__file__).parent
_TEMPLATE: Final = (_HERE / "report.typ").read_bytes()
_LOGO: Final = (_HERE / "logo.svg").read_text()
_FONT_PATHS: Final[list[Any]] = [str(_HERE.parents[1] / "analytics" / "pictures" / "fonts")]
_OTHER: Final = re.compile("[^\\W\u0000-\u052f\u1e00-\u1eff]")
"""Letters that are not Latin, Greek or Cyrillic: our own fonts have the others."""
_PPI: Final = 144.0
_LONGEST_CODE: Final = 16
"""Letters of a text that may be a code; what is longer is a name and needs room."""
MOST_COLUMNS: Final = 8
"""More columns than that, and ids whose names stand beside them are left out."""


def pages(document: Document) -> bytes:
    """Return the PDF."""
    return _set(document, is_picture=False)


def picture(document: Document) -> bytes:
    """Return a PNG of what it says and draws, without its tables."""
    return _set(document, is_picture=True)


def _set(document: Document, *, is_picture: bool) -> bytes:
    said = orjson.dumps(_report(document, is_picture=is_picture)).decode()
    compiler = typst.Compiler(
        _TEMPLATE,
        font_paths=_FONT_PATHS,
        # The system's fonts take longer: only where a name is written in other letters.
        ignore_system_fonts=_OTHER.search(said) is None,
        sys_inputs={"report": said},
    )
    moment = int(document.as_of.timestamp())
    if is_picture:
        made = compiler.compile(format="png", ppi=_PPI, timestamp=moment)
    else:
        made = compiler.compile(format="pdf", timestamp=moment)
    first = made[0] if isinstance(made, list) else made
    assert first is not None, "without an output file the content is returned"
    return first


def _report(document: Document, *, is_picture: bool) -> dict[str, Any]:
    citations = Citations(document.dashboard)
    sections = [_section(one, document, citations) for one in document.sections]
    moment, logo = document.as_of, document.logo
    return {
        "isPicture": is_picture,
        "title": document.title,
        "organisation": document.organisation,
        "days": days(document.first, document.last),
        "moment": f"As of {moment:%Y-%m-%d %H:%M} UTC",
        "facts": facts(document),
        "isSample": document.is_sample,
        "restates": document.restates,
        "logo": _LOGO if logo is None else list(logo.content),
        "logoFormat": "svg" if logo is None else logo.format,
        "logoOf": "Shelfcast" if logo is None else document.organisation,
        "sections": sections,
        "sources": [
            {
                "said": f"{one.label}: {one.shown}",
                "address": citations.address(one),
                "query": citations.query(one),
            }
            for one in citations.all
        ],
    }


def _section(section: Section, document: Document, citations: Citations) -> dict[str, Any]:
    if isinstance(section, Heading):
        said = [_sentence(one, citations) for one in section.sentences]
        return {"kind": "summary", "title": section.title, "sentences": said}
    if isinstance(section, Figures):
        cards = [_card(one, citations) for one in section.figures]
        return {"kind": "figures", "title": section.title, "figures": cards}
    if isinstance(section, Words):
        said = list(section.paragraphs)
        return {"kind": "words", "title": section.title, "paragraphs": said, "by": section.by}
    return _grid(section, document)


def _sentence(sentence: Sentence, citations: Citations) -> dict[str, Any]:
    return {"text": sentence.text, "cites": [citations.number(one) for one in sentence.figures]}


def _card(figure: Figure, citations: Citations) -> dict[str, Any]:
    change = None if figure.change is None else Decimal(figure.change)
    return {
        "label": figure.label.split(",")[0],
        "shown": figure.shown,
        "change": None if change is None else changed(change, figure.kind),
        "falls": change is not None and change < 0,
        "address": citations.address(figure),
    }


def _grid(grid: Grid, document: Document) -> dict[str, Any]:
    kept = _kept(grid)
    columns = [grid.columns[n] for n in kept]

    def written(row: list[JsonCell]) -> list[str]:
        pairs = zip((row[n] for n in kept), columns, strict=True)
        return [_written(cell, one, document.currency) for cell, one in pairs]

    rows = [written(row) for row in shown_rows(grid)]
    is_text = [one.kind in (ColumnKind.TEXT, ColumnKind.DATE) for one in columns]
    return {
        "kind": "grid",
        "title": grid.title,
        "chart": chart_svg(grid, document.currency),
        "heads": [one.label for one in columns],
        "sides": [not one for one in is_text],
        "widths": _widths(columns, rows),
        "size": 8.5 if len(columns) <= 6 else 7 if len(columns) <= 9 else 6,
        "rows": rows,
        "totals": None if grid.totals is None else labelled(written(grid.totals), columns),
        "notes": [one for one in (grid.note, left_out(grid)) if one],
        "address": document.dashboard + grid.page if grid.page else "",
    }


def _widths(columns: list[GridColumn], rows: list[list[str]]) -> list[int]:
    """Return which columns share the room that is left: texts, of several those that are no codes.

    1: a share; 0: as wide as what stands in it.
    """
    texts = [n for n, one in enumerate(columns) if one.kind is ColumnKind.TEXT]
    longest = {n: max((len(row[n]) for row in rows), default=0) for n in texts}
    names = {n for n in texts if longest[n] > _LONGEST_CODE}
    return [1 if n in (names or texts) else 0 for n in range(len(columns))]


def _kept(grid: Grid) -> list[int]:
    """Return which columns a page has room for."""
    named = {one.label_of for one in grid.columns}
    if len(grid.columns) <= MOST_COLUMNS:
        return list(range(len(grid.columns)))
    return [n for n, one in enumerate(grid.columns) if one.name not in named]


def _written(cell: JsonCell, column: GridColumn, currency: str) -> str:
    value = number(cell, column.kind)
    if value is not None:
        return shown(value, column.kind, currency)
    return "" if cell is None else str(cell)
