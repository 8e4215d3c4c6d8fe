import csv
import io
import tracemalloc
from datetime import datetime

import msgspec
import openpyxl
import pypdfium2
import pytest

from backend.analytics.presets.table import ColumnKind
from backend.reports.documents import Grid, GridColumn, Heading, Picture, Sentence, pack, unpack
from backend.reports.rendering.files import draw, file_name
from backend.reports.rules import ReportFormat
from tests.backend.reports.documents import FORMULAS, MARKUP, document, full, grid, row


def opened(made):
    return openpyxl.load_workbook(io.BytesIO(made))


def text_of(made):
    pages = pypdfium2.PdfDocument(made)
    return [pages[n].get_textpage().get_text_range() for n in range(len(pages))]


def test_a_document_comes_back_as_it_was_stored():
    assert unpack(pack(full())) == full()


def test_no_cell_of_an_excel_file_is_a_formula_whatever_a_name_begins_with():
    book = opened(draw(full(), ReportFormat.XLSX))

    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert {str(cell.value) for cell in cells} >= {*FORMULAS, MARKUP}
    assert not any(cell.hyperlink for cell in cells)


def test_an_excel_file_has_tables_numbers_days_and_formats():
    book = opened(draw(full(), ReportFormat.XLSX))

    sheet = book["Sales by product"]
    assert sheet.tables["Table1"].ref == "A1:E9"
    assert [column.name for column in sheet.tables["Table1"].tableColumns] == [
        "Product", "Day", "Net sales", "Share", "Orders",
    ]  # fmt: skip
    day, net, share, orders = (cell for cell in sheet[2][1:])
    assert day.value == datetime(2017, 3, 5)  # noqa: DTZ001 - Excel knows no zones
    assert (net.value, share.value, orders.value) == (12.3456, 0.125, 3)
    assert "$" in net.number_format
    assert share.number_format == "0.0%"
    assert book["Summary"].tables["Figures"]


def test_a_long_excel_file_is_not_held_in_memory_while_it_is_made():
    columns = tuple(GridColumn(f"c{n}", f"Column {n}", ColumnKind.TEXT) for n in range(10))
    long = document(Grid("Long", columns, [[f"cell {n}"] * 10 for n in range(5_000)]))
    tracemalloc.start()

    made = draw(long, ReportFormat.XLSX)

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10_000_000
    sheet = opened(made)["Long"]
    assert sheet.tables["Table1"].ref == "A1:J5001"
    assert [cell.value for cell in sheet[1]] == [f"Column {n}" for n in range(10)]
    assert sheet["J5001"].value == "cell 4999"


def test_units_show_decimals_only_where_they_have_some():
    columns = (GridColumn("units", "Units", ColumnKind.UNITS),)
    weighed = Grid("Units", columns, [["3"], ["2.5"]])

    sheet = opened(draw(document(weighed), ReportFormat.XLSX))["Units"]

    assert [sheet["A2"].value, sheet["A3"].value] == [3, 2.5]
    assert [sheet["A2"].number_format, sheet["A3"].number_format] == ["#,##0", "#,##0.0###"]


def test_an_excel_file_can_be_read_and_printed_as_it_opens():
    name, said = "A long name of a thing that is sold", "Net sales were less than the year before. "
    spoken = Heading("What changed", (Sentence(said * 8, ()),))

    book = opened(draw(document(spoken, grid([row(name)])), ReportFormat.XLSX))

    sheet, summary = book["Sales by product"], book["Summary"]
    assert sheet.freeze_panes == "A2"
    assert len(name) < sheet.column_dimensions["A"].width < 2 * len(name)
    assert (sheet.print_title_rows, sheet.page_setup.fitToHeight) == ("$1:$1", 0)
    (at,) = (cell.row for cell in summary["A"] if str(cell.value).startswith(said))
    assert summary.row_dimensions[at].height == 45


def test_equal_titles_and_headings_get_names_that_excel_opens():
    twice = grid([row("Tea")])

    book = opened(draw(document(twice, twice, title="[a]:*?/'" * 9), ReportFormat.XLSX))

    assert book.sheetnames == ["Summary", "Sales by product", "Sales by product 2"]


def test_a_number_too_long_for_excel_stays_exact_as_text():
    made = draw(document(grid([row("Tea", net="12345678901234567.8901")])), ReportFormat.XLSX)

    assert opened(made)["Sales by product"]["C2"].value == "12345678901234567.8901"


def test_no_cell_of_a_csv_file_begins_a_formula():
    text = draw(full(), ReportFormat.CSV).decode("utf-8-sig")

    rows = list(csv.reader(io.StringIO(text)))
    assert [line[0] for line in rows[1:8]] == [f"'{one}" for one in FORMULAS]
    assert rows[1][1:] == ["2017-03-05", "12.3456", "0.125", "3"]


def test_negative_numbers_of_a_csv_file_stay_numbers():
    text = draw(document(grid([row("Tea", net="-1.5")])), ReportFormat.CSV).decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(text)))[1][2] == "-1.5"


def test_a_page_for_browsers_holds_no_script_and_escapes_every_name():
    page = draw(full(), ReportFormat.HTML).decode()

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
    assert 'href="https://shop.example/sales?from=2017"' in page


def test_pages_to_print_are_numbered_and_repeat_their_headings():
    rows = [row(f"Product {n}") for n in range(400)]

    pages = text_of(draw(document(grid(rows)), ReportFormat.PDF))

    assert len(pages) > 5
    assert all(f"Page {n} of {len(pages)}" in text for n, text in enumerate(pages, start=1))
    assert all("Net sales" in text for text in pages)
    assert "Product 399" in pages[-1]


def test_no_name_is_read_as_markup_of_the_pages():
    (text,) = text_of(draw(full(), ReportFormat.PDF))

    assert "#set page(width: 1pt)" in text
    assert "<script>alert(1)</script>" in " ".join(text.split())
    assert "=cmd|" in text


def test_pages_cite_every_figure_and_link_to_it():
    made = draw(full(), ReportFormat.PDF)

    assert "Where the figures come from" in text_of(made)[0]
    assert b"https://shop.example/sales?from=2017" in made


def test_rows_that_pages_leave_out_are_told_of():
    rows = [row(f"Product {n}") for n in range(120)]

    pages = text_of(draw(document(grid(rows, is_data=True)), ReportFormat.PDF))

    assert "The first 100 of 120 rows" in " ".join(" ".join(pages).split())


def test_a_picture_is_one_png_without_tables():
    made = draw(full(), ReportFormat.PNG)

    assert made.startswith(b"\x89PNG")
    assert int.from_bytes(made[16:20]) > 1000


def test_equal_documents_make_equal_pages():
    assert draw(full(), ReportFormat.PDF) == draw(full(), ReportFormat.PDF)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The business at a glance", "the-business-at-a-glance-2018-01-01.pdf"),
        ('../../"\r\nX: y', "x-y-2018-01-01.pdf"),
        ("日本", "report-2018-01-01.pdf"),
    ],
    ids=["plain", "hostile", "other letters"],
)
def test_a_file_is_called_what_every_system_takes(title, name):
    assert file_name(title, "2018-01-01", ReportFormat.PDF) == name


def test_a_row_of_totals_says_that_it_is_one():
    page = draw(full(), ReportFormat.HTML).decode()
    (printed, *_) = text_of(draw(full(), ReportFormat.PDF))

    assert "<tfoot><tr><td>Total</td>" in page
    assert "Total" in printed


WIDE = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 40">
<rect width="400" height="40" fill="#ff00ff"/></svg>"""


def is_magenta(made):
    """Tell whether the first page has a stretch of the logo's colour."""
    seen = bytes(pypdfium2.PdfDocument(made)[0].render(scale=1).buffer)
    return b"\xff\x00\xff" * 100 in seen


def test_the_organisations_own_logo_stands_on_pages_and_web_pages():
    branded = msgspec.structs.replace(full(), logo=Picture("svg", WIDE))

    pdf, html = draw(branded, ReportFormat.PDF), draw(branded, ReportFormat.HTML).decode()
    plain = draw(full(), ReportFormat.PDF)

    assert is_magenta(pdf)
    assert not is_magenta(plain)
    assert 'src="data:image/svg+xml;base64,' in html
    assert "Shop &amp; Sons" in html
    assert unpack(pack(branded)) == branded
