"""A document as one page for a browser: no script, nothing from elsewhere."""

from base64 import b64encode
from collections.abc import Iterable
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Final

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
from backend.reports.words import changed, shown

_STYLE: Final = (Path(__file__).parent / "report.css").read_text()
LOGO: Final = (Path(__file__).parent / "logo.svg").read_text()
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(document: Document) -> bytes:
    """Return the page."""
    citations = Citations(document.dashboard)
    body = "\n".join(_section(one, document, citations) for one in document.sections)
    said = " · ".join(escape(one) for one in facts(document))
    title = escape(document.title)
    sample = '<p class="sample">Sample</p>' if document.is_sample else ""
    restated = _restated(document)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{_STYLE}</style></head><body><main>
<header><div class="logo">{_logo(document)}</div><div>
<p class="from">{escape(document.organisation)}</p>
<h1>{title}</h1><p class="facts">{said}</p></div>{sample}</header>
{restated}{body}
{_sources(citations)}
</main></body></html>
""".encode()


def _logo(document: Document) -> str:
    """Return our mark, or the organisation's as a picture: in it nothing runs, whatever it says."""
    logo = document.logo
    if logo is None:
        return LOGO
    kind = "image/png" if logo.format == "png" else "image/svg+xml"
    content = b64encode(logo.content).decode()
    return f'<img src="data:{kind};base64,{content}" alt="{escape(document.organisation)}">'


def _restated(document: Document) -> str:
    return f'<p class="note">{escape(document.restates)}</p>' if document.restates else ""


def _section(section: Section, document: Document, citations: Citations) -> str:
    if isinstance(section, Heading):
        said = "".join(_sentence(one, citations) for one in section.sentences)
        return f"<section><h2>{escape(section.title)}</h2>{said}</section>"
    if isinstance(section, Figures):
        cards = "".join(_card(one, citations) for one in section.figures)
        return f'<section class="cards" aria-label="{escape(section.title)}">{cards}</section>'
    if isinstance(section, Words):
        said = "".join(f"<p>{escape(one)}</p>" for one in section.paragraphs)
        by = f'<p class="by">{escape(section.by)}</p>' if section.by else ""
        return f"<section><h2>{escape(section.title)}</h2>{said}{by}</section>"
    return _grid(section, document)


def _sentence(sentence: Sentence, citations: Citations) -> str:
    marks = "".join(
        f'<a class="cite" href="#source-{n}">{n}</a>'
        for n in map(citations.number, sentence.figures)
    )
    return f"<p>{escape(sentence.text)}<sup>{marks}</sup></p>"


def _card(figure: Figure, citations: Citations) -> str:
    label = escape(figure.label.split(",")[0])
    link = escape(citations.address(figure), quote=True)
    change = ""
    if figure.change is not None:
        said = changed(Decimal(figure.change), figure.kind)
        kind = "down" if figure.change.startswith("-") else "up"
        change = f'<span class="change {kind}">{said}</span>'
    return f'<a class="card" href="{link}"><span>{label}</span><b>{figure.shown}</b>{change}</a>'


def _grid(grid: Grid, document: Document) -> str:
    chart = chart_svg(grid, document.currency) or ""
    heads = "".join(f'<th scope="col"{_side(one)}>{escape(one.label)}</th>' for one in grid.columns)
    rows = "".join(_row(row, grid.columns, document.currency) for row in shown_rows(grid))
    foot = _foot(grid, document.currency)
    notes = [grid.note, left_out(grid)]
    said = "".join(f'<p class="note">{escape(one)}</p>' for one in notes if one)
    link = ""
    if grid.page:
        address = escape(document.dashboard + grid.page, quote=True)
        link = f'<p class="more"><a href="{address}">Look closer</a></p>'
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>{foot}</table>"
    if not grid.rows:
        table = ""
    return f"<section><h2>{escape(grid.title)}</h2>{chart}{table}{said}{link}</section>"


def _row(row: list[JsonCell], columns: Iterable[GridColumn], currency: str) -> str:
    pairs = zip(row, columns, strict=True)
    return "<tr>" + "".join(_cell(cell, one, currency) for cell, one in pairs) + "</tr>"


def _cell(cell: JsonCell, column: GridColumn, currency: str) -> str:
    value = number(cell, column.kind)
    said = escape("" if cell is None else str(cell))
    if value is not None:
        said = shown(value, column.kind, currency)
    return f"<td{_side(column)}>{said}</td>"


def _foot(grid: Grid, currency: str) -> str:
    if grid.totals is None:
        return ""
    return f"<tfoot>{_row(labelled(grid.totals, grid.columns), grid.columns, currency)}</tfoot>"


def _side(column: GridColumn) -> str:
    return "" if column.kind in (ColumnKind.TEXT, ColumnKind.DATE) else ' class="n"'


def _sources(citations: Citations) -> str:
    if not citations.all:
        return ""
    items = "".join(_source(n, one, citations) for n, one in enumerate(citations.all, start=1))
    return (
        f'<section class="sources"><h2>Where the figures come from</h2><ol>{items}</ol></section>'
    )


def _source(n: int, one: Figure, citations: Citations) -> str:
    said = f"{escape(one.label)}: {escape(one.shown)}"
    address, query = escape(citations.address(one), quote=True), escape(citations.query(one))
    return f'<li id="source-{n}"><a href="{address}">{said}</a> <code>{query}</code></li>'
