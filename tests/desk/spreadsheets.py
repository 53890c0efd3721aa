"""Write small spreadsheets for tests: ODS by hand, with the text that each cell shows, and XLSX."""

import re
from typing import NamedTuple
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl

NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "style", "table", "text")
)
HIDDEN = '<style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/>'


def _style(name, family, properties, parent=""):
    start = f'<style:style style:name="{name}" style:family="{family}" {parent}>'
    kind = family if family in ("table-row", "table-column") else "text"
    return f"{start}<style:{kind}-properties {properties}/></style:style>"


SPANS = {
    "super": 'style:text-position="super 58%"',
    "percent": 'style:text-position="33% 58%"',
    "flat": 'style:text-position="0% 100%"',
    "bold": 'fo:font-weight="bold" xmlns:fo="urn:oasis"',
    "sub": 'style:text-position="sub 58%"',
    "below": 'style:text-position="-33% 58%"',
    "struck": 'style:text-line-through-style="solid"',
    "twice": 'style:text-line-through-type="double"',
    "plain": 'style:text-line-through-style="none"',
    "unseen": 'text:display="none"',
}
"""How the text of a span looks, by the name that `markup` has for it."""
STYLES = "".join(
    (
        *(_style(name, "text", looks) for name, looks in SPANS.items()),
        _style("like-super", "text", "", 'style:parent-style-name="super"'),
        _style("struck-cell", "table-cell", SPANS["struck"]),
        _style("flat-row", "table-row", 'style:row-height="0.000cm"'),
        _style("thin", "table-column", 'style:column-width="0in"'),
    )
)


class Cell(NamedTuple):
    """A cell that shows a text: how often it is repeated, whether it lies under a merged one or in a hidden row.

    `markup` is its text with spans and links, in place of `shown`: `<super>1</super>` is a span in a style of SPANS.
    """

    shown: str = ""
    repeated: int = 1
    is_covered: bool = False
    attributes: str = ""
    is_hidden: bool = False
    markup: str = ""


def write_ods(path, sheets, hidden=(), styles="", columns=""):
    """Write sheets, by name. A row is a list of texts, numbers and cells, or XML; `hidden` names the sheets not shown.

    `styles` and `columns` are the XML of styles and of the columns of each sheet.
    """
    tables = "".join(
        f'<table:table table:name="{name}" table:style-name="{"hidden" if name in hidden else "shown"}">{columns}'
        f"{''.join(row if isinstance(row, str) else write_row(row) for row in rows)}</table:table>"
        for name, rows in sheets.items()
    )
    styles = f"<office:automatic-styles>{HIDDEN}</style:style>{styles}</office:automatic-styles>"
    body = (
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr(
            "content.xml",
            f"<office:document-content {NAMESPACES}>{styles}{body}</office:document-content>",
        )


def write_row(cells, attributes=""):
    """Return the XML of a row."""
    hidden = (
        ' table:visibility="collapse"'
        if any(isinstance(cell, Cell) and cell.is_hidden for cell in cells)
        else ""
    )
    return f"<table:table-row{hidden} {attributes}>{''.join(map(_cell, cells))}</table:table-row>"


def _cell(cell):
    one = cell if isinstance(cell, Cell) else Cell(str(cell))
    name = "covered-table-cell" if one.is_covered else "table-cell"
    words = (
        f"<text:p>{_mark_up(one.markup) or escape(one.shown)}</text:p>"
        if one.shown or one.markup
        else ""
    )
    return f'<table:{name} table:number-columns-repeated="{one.repeated}" {one.attributes}>{words}</table:{name}>'


def _mark_up(text):
    """Return the XML of spans, links and notes that have short names."""
    text = re.sub(r"</(?!text:)[\w-]+>", "</text:span>", text)
    return re.sub(r"<((?!text:)[a-z-]+)>", r'<text:span text:style-name="\1">', text)


def write_xlsx(
    path, rows, formats=None, merged=(), hidden="", change=lambda sheet: None
):
    """Write the sheet `Table 1`. `formats` has the number formats of cells, `merged` has areas such as B3:C3.

    `hidden` is a row or a column that is not shown: 4 or C. `change` can do anything else to the sheet.
    """
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Table 1"
    for row in rows:
        sheet.append([cell.shown if isinstance(cell, Cell) else cell for cell in row])
    for name, number_format in (formats or {}).items():
        sheet[name].number_format = number_format
    for area in merged:
        sheet.merge_cells(area)
    if hidden:
        (sheet.row_dimensions if hidden.isdecimal() else sheet.column_dimensions)[
            int(hidden) if hidden.isdecimal() else hidden
        ].hidden = True
    change(sheet)
    book.save(path)


def replace_in_xlsx(path, old, new, part="xl/worksheets/sheet1.xml"):
    """Replace a piece of the XML of the sheet, or of another part, for what the library does not write."""
    with ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    text = files[part].decode()
    assert old in text, text
    with ZipFile(path, "w") as archive:
        for name, content in (files | {part: text.replace(old, new, 1)}).items():
            archive.writestr(name, content)
