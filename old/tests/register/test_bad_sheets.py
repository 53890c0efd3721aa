"""Files that would say another number than a reader sees, or would take all memory: each is one mistake."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
import xlsxwriter
from openpyxl import Workbook
from openpyxl.formatting.rule import ColorScaleRule, DataBarRule, IconSetRule, Rule
from openpyxl.styles import Color, Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

from misconduct.errors import RegisterRefused
from misconduct.register.grid import MOST_CELLS, XLSX, Grid, read_grid
from misconduct.register.mistakes import Mistakes, Place, Refused
from tests.register.tables import TABLE, refused, write_table

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
IDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
DIALECT = {"sheetName": None, "encoding": "utf-8", "delimiter": None, "quoteChar": None}


def relations(**targets: str) -> str:
    lines = (f'<Relationship Id="{one}" Type="{IDS}/{one}" Target="{target}"/>' for one, target in targets.items())
    return f'<Relationships xmlns="{PACKAGE}">{"".join(lines)}</Relationships>'


def book(sheet: str, code: str = "General", texts: str = "", font: str = "") -> bytes:
    """An XLSX file of one sheet; style 1 has the number format and the font."""
    written = io.BytesIO()
    styles = (
        f'<numFmts><numFmt numFmtId="164" formatCode={quoteattr(code)}/></numFmts><fonts><font/><font>{font}</font></fonts>'
        '<cellXfs><xf numFmtId="0" fontId="0"/><xf numFmtId="164" fontId="1"/></cellXfs>'
    )
    whole = sheet if ":worksheet" in sheet else f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>'
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {
            "_rels/.rels": relations(officeDocument="xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{IDS}"><sheets><sheet name="S" r:id="worksheet"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(
                worksheet="/xl/worksheets/sheet1.xml", styles="styles.xml", sharedStrings="sharedStrings.xml"
            ),
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
            "xl/worksheets/sheet1.xml": whole,
        }.items():
            archive.writestr(name, part)
    return written.getvalue()


def changed(
    content: bytes, replaced: dict[str, str], parts: Mapping[str, str] = MappingProxyType({}), *, extra: bytes = b""
) -> bytes:
    """An XLSX file with other words, with other parts, and with a field behind the name of each of those."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(written, "w") as archive:
        whole = {name: before.read(name).decode() for name in before.namelist()}
        for name, text in {**whole, **parts}.items():
            part = zipfile.ZipInfo(name)
            part.extra = extra if name in parts else b""
            for old, new in replaced.items():
                text = text.replace(old, new)  # noqa: PLW2901
            archive.writestr(part, text)
    return written.getvalue()


def grid(folder: Any, content: bytes) -> Grid:
    (folder / "table").write_bytes(content)
    return read_grid(folder / "table", XLSX, DIALECT)


def cell(folder: Any, inside: str, **more: str) -> str:
    """What is read of a sheet with one cell, or why it is not."""
    found = grid(folder, book(f'<sheetData><row r="1">{inside}</row></sheetData>', **more))
    return found.faults[1, 1].found if found.faults else found.cell(1, 1)


def number(folder: Any, value: str, code: str) -> str:
    return cell(folder, f'<c r="A1" s="1"><v>{value}</v></c>', code=code)


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        ("1234567", "0,.0", None),
        ("1234567", "#,##0,.00", None),
        ("12.5", "0.0.0", None),
        ("12", '0"1"', None),
        ("12", "\\10", None),
        ("12", '0" ¹"', None),
        ("12", "0*1", None),
        ("12", '0"%"', None),
        ("1", "0%%", None),
        ("12", "0,000", None),
        ("-12", "0;[Red]0", None),
        ("-12", "0;[Red]-0", "-12"),
        ("-12", "0;(0)", "(12)"),
        ("1234567890.5", "General", None),
        ("0.12345678905", "General", None),
        ("123456789012", "General", None),
        ("12345678901", "General", "12345678901"),
        ("0.123456789", "General", "0.123456789"),
        ("0.30000000000000004", "General", "0.3"),
        ("2.4999999999999996", "0", None),
        ("1e30", "0.00", None),
        ("1e999", "0", None),
        ("1", "0." + "0" * 30, None),
        ("1e999", "General", None),
        ("44000", "yyyy-mm-dd", "2020-06-18"),
        ("44000", "yyyy", "2020"),
        ("59", "yyyy-mm-dd", "1900-02-28"),
        ("60", "yyyy-mm-dd", None),
        ("61", "yyyy-mm-dd", "1900-03-01"),
        ("44000.5", "h:mm", None),
        ("98765432102", "yyyy-mm-dd", None),
    ],
)  # fmt: skip
def test_a_number_that_may_be_shown_otherwise_is_no_number(tmp_path, value, code, shown):
    said = number(tmp_path, value, code)
    assert said == (f"the number {value} has a format that cannot be shown: {code}" if shown is None else shown)


def styled(folder: Any, style: Callable[[Any], None]) -> Grid:
    """A sheet with the numbers 3 and 8 in A1 and A2, as openpyxl writes it."""
    workbook, written = Workbook(), io.BytesIO()
    workbook.active.append([3])
    workbook.active.append([8])
    style(workbook.active)
    workbook.save(written)
    return grid(folder, written.getvalue())


SMALL = {"type": "cellIs", "operator": "lessThan", "formula": ["5"]}


@pytest.mark.parametrize(
    ("style", "is_told"),
    [
        (DifferentialStyle(numFmt=NumberFormat(170, '"*"')), True),
        (DifferentialStyle(font=Font(strike=True)), True),
        (DifferentialStyle(font=Font(color="FFFFFF")), True),
        (DifferentialStyle(font=Font(color="CCCCCC"), fill=PatternFill(bgColor="CCCCCC")), True),
        (DifferentialStyle(font=Font(color="FFFFFF"), fill=PatternFill(bgColor="1F4E78")), False),
        (DifferentialStyle(font=Font(bold=True)), False),
    ],
)
def test_a_cell_that_a_condition_may_show_otherwise_is_not_read(tmp_path, style, is_told):
    found = styled(tmp_path, lambda sheet: sheet.conditional_formatting.add("A1:A1 C1:C9", Rule(dxf=style, **SMALL)))
    assert [*found.faults] == ([(1, 1)] if is_told else [])
    if is_told:
        told = "this cell may be shown otherwise, or not at all, by a conditional format"
        assert found.faults[1, 1].found == told


BLACK, BLUE = "FF000000", "FF0000FF"
ON_BLUE = (Font(color="FFFFFF"), PatternFill("solid", fgColor=BLUE))


@pytest.mark.parametrize(
    ("own", "styles", "is_told"),
    [
        ((), [DifferentialStyle(fill=PatternFill("solid", bgColor=BLACK))], True),
        ((), [DifferentialStyle(fill=PatternFill(bgColor="FF0A0A0A"))], True),
        ((), [DifferentialStyle(fill=PatternFill(bgColor="FFC7CE"))], False),
        ((), [DifferentialStyle(font=Font(color="9C0006"), fill=PatternFill(bgColor="FFC7CE"))], False),
        (ON_BLUE, [DifferentialStyle(font=Font(color=BLUE))], True),
        (ON_BLUE, [DifferentialStyle(font=Font(color="FF0000"))], False),
        (ON_BLUE, [DifferentialStyle(fill=PatternFill(bgColor="FFFFFF"))], True),
        ((), [DifferentialStyle(font=Font(color=BLUE)), DifferentialStyle(fill=PatternFill(bgColor=BLUE))], True),
        ((), [DifferentialStyle(font=Font(color=BLUE)), DifferentialStyle(fill=PatternFill(bgColor="FFC7CE"))], False),
    ],
)
def test_a_condition_counts_with_the_style_of_its_cells_and_with_others(tmp_path, own, styles, is_told):
    def write(sheet: Any) -> None:
        if own:
            sheet["A1"].font, sheet["A1"].fill = own
        for style in styles:
            sheet.conditional_formatting.add("A1", Rule(dxf=style, **SMALL))

    assert [*styled(tmp_path, write).faults] == ([(1, 1)] if is_told else [])


@pytest.mark.parametrize(("colour", "is_told"), [(BLACK, True), ("638EC6", False)])
def test_a_scale_or_bar_in_the_colour_of_the_text_hides_it(tmp_path, colour, is_told):
    for rule in (
        ColorScaleRule(start_type="min", start_color=colour, end_type="max", end_color="FFFFFF"),
        DataBarRule("min", 0, "max", 9, color=colour),
    ):
        found = styled(tmp_path, lambda sheet, rule=rule: sheet.conditional_formatting.add("A1", rule))
        assert [*found.faults] == ([(1, 1)] if is_told else [])


EXTENDED = f"""<extLst xmlns:x="urn:x14" xmlns:xm="urn:xm" xmlns:d="{MAIN}"><ext><x:conditionalFormattings>
<x:conditionalFormatting><x:cfRule><xm:f>A1&lt;5</xm:f>{{}}</x:cfRule><xm:sqref>A1</xm:sqref></x:conditionalFormatting>
</x:conditionalFormattings></ext></extLst>"""


@pytest.mark.parametrize(
    ("rule", "is_told"),
    [
        ('<x:dxf><d:font><d:color rgb="FFFFFFFF"/></d:font></x:dxf>', True),
        ("<x:dxf><d:font><d:strike/></d:font></x:dxf>", True),
        ('<x:dataBar showValue="0"/>', True),
        ('<x:dataBar><x:fillColor rgb="FF000000"/></x:dataBar>', True),
        ('<x:dataBar><x:fillColor rgb="FF638EC6"/><x:negativeFillColor rgb="FFFF0000"/></x:dataBar>', False),
    ],
)
def test_conditions_of_an_extension_count(tmp_path, rule, is_told):
    rows = '<sheetData><row r="1"><c r="A1"><v>3</v></c></row></sheetData>'
    assert [*grid(tmp_path, book(rows + EXTENDED.format(rule))).faults] == ([(1, 1)] if is_told else [])


def test_the_colours_of_a_theme_and_of_a_palette_are_those_of_the_file(tmp_path):
    def read(theme: str, palette: str, colour: str) -> list[tuple[int, int]]:
        rows = '<sheetData><row r="1"><c r="A1" s="1"><v>3</v></c></row></sheetData>'
        parts = {
            "xl/theme/theme1.xml": f'<a:theme xmlns:a="urn:a"><a:e><a:clrScheme><a:accent1><a:srgbClr val="{theme[-6:]}"/></a:accent1></a:clrScheme></a:e></a:theme>',
            "xl/_rels/workbook.xml.rels": relations(
                worksheet="worksheets/sheet1.xml", styles="styles.xml", theme="theme/theme1.xml"
            ),
        }
        colours = f'<colors><indexedColors><rgbColor rgb="{palette}"/></indexedColors></colors></styleSheet>'
        written = book(rows, font=f"<color {colour}/>")
        return [*grid(tmp_path, changed(written, {"</styleSheet>": colours}, parts)).faults]

    assert read("FFFFFF", BLACK, 'theme="4"') == [(1, 1)]
    assert read(BLUE, BLACK, 'theme="4"') == []
    assert read(BLUE, BLACK, 'theme="4" tint="0.99"') == [(1, 1)]
    assert read(BLUE, "FFFFFF", 'indexed="0"') == [(1, 1)]
    assert read(BLUE, BLACK, 'indexed="0"') == []


def test_white_on_white_is_not_read(tmp_path):
    def write(sheet: Any) -> None:
        sheet["A1"].font = Font(color="FFFFFF")
        sheet["A2"].font, sheet["A2"].fill = Font(color="FFFFFF"), PatternFill("solid", fgColor="000000")

    found = styled(tmp_path, write)
    assert {place: refused.found for place, refused in found.faults.items()} == {
        (1, 1): "this cell is white on white: nobody sees it"
    }
    assert found.cell(2, 1) == "8"


WHITE = Font(color="FFFFFF")


@pytest.mark.parametrize(
    ("font", "fill", "code", "is_seen"),
    [
        (WHITE, PatternFill("solid", fgColor="FFFFFF"), "0", False),
        (Font(color=Color(indexed=1)), PatternFill(), "0", False),
        (Font(color=Color(theme=0, tint=-0.001)), PatternFill(), "0", False),
        (Font(color="FEFEFE"), PatternFill(), "0", False),
        (Font(color="FF0000"), PatternFill("solid", fgColor="FF0000"), "0", False),
        (Font(), PatternFill("solid", fgColor=Color(theme=1)), "0", False),
        (Font(), PatternFill(), "[White]0", False),
        (Font(), PatternFill(), "[Color2]0;-0", False),
        (Font(), PatternFill(), "0;[White]-0;[White]0", True),
        (WHITE, PatternFill("solid", fgColor=Color(theme=0, tint=-0.5)), "0", True),
        (Font(color="FF0000"), PatternFill("solid", fgColor="00FF00"), "0", True),
        (Font(), PatternFill("solid", fgColor="1F4E78"), "[White]0", True),
        (Font(), PatternFill("solid", fgColor="FFFFFF"), "0", True),
    ],
)
def test_what_has_the_colour_of_its_background_is_not_read(tmp_path, font, fill, code, is_seen):
    def write(sheet: Any) -> None:
        sheet["A1"].font, sheet["A1"].fill, sheet["A1"].number_format = font, fill, code

    found = styled(tmp_path, write)
    assert [one.code for one in found.faults.values()] == ([] if is_seen else ["hidden_cell"])
    assert found.cell(1, 1) == ("3" if is_seen else "")


ROW = '<row r="1"><c r="A1"><v>12</v>{}</c></row>{}'
FOREIGN = f'<worksheet xmlns="{MAIN}" xmlns:x="urn:x" xmlns:mc="{COMPATIBILITY}" mc:Ignorable="x" {{}}>{{}}</worksheet>'


@pytest.mark.parametrize(
    ("cell", "row"),
    [
        ("<x:v>9012</x:v>", ""),
        ("<x:is><x:t>9012</x:t></x:is>", ""),
        ("<extLst><ext><v>9012</v></ext></extLst>", ""),
        ("", '<x:row r="2"><x:c r="A2"><x:v>9012</x:v></x:c></x:row>'),
        ("", '<x:a><row r="2"><c r="A2"><v>9012</v></c></row></x:a>'),
        ("<x:f>1+1</x:f>", ""),
    ],
)
def test_what_is_of_another_namespace_is_not_read(tmp_path, cell, row):
    found = grid(tmp_path, book(FOREIGN.format("", f"<sheetData>{ROW.format(cell, row)}</sheetData>")))
    assert (found.rows, found.faults) == ([["12"]], {})


CHOICE = (
    '<mc:AlternateContent><mc:Choice Requires="x">{}</mc:Choice><mc:Fallback><y/></mc:Fallback></mc:AlternateContent>'
)


@pytest.mark.parametrize("value", ["1204<x:b/>", "12<x:b>9<x:c>7</x:c></x:b>04", "<x:b/>1204", "12<x:b/>0<x:b/>4"])
def test_what_is_of_another_namespace_is_left_out_of_a_value(tmp_path, value):
    sheet = f'<sheetData><row r="1"><c r="A1"><v>{value}</v></c></row></sheetData>'
    assert grid(tmp_path, book(FOREIGN.format("", sheet))).rows == [["1204"]]


def test_a_text_in_many_pieces_is_whole(tmp_path):
    """Longer than what is read at once, which may end in an element that is left out."""
    pieces = "".join(f"{number % 10}<x:b>9<x:c>7</x:c></x:b>" for number in range(20_000))
    sheet = '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>'
    texts = f'<si><t xmlns:x="urn:x">{pieces}</t></si>'
    assert grid(tmp_path, book(sheet, texts=texts)).rows == [["0123456789" * 2_000]]


def test_what_is_there_in_several_versions_is_refused(tmp_path):
    for written in (
        FOREIGN.format("", f"<sheetData>{ROW.format(CHOICE.format('<v>9012</v>'), '')}</sheetData>"),
        FOREIGN.format('mc:ProcessContent="x:a"', f"<sheetData>{ROW.format('', '')}</sheetData>"),
    ):
        with pytest.raises(Refused) as refused:
            grid(tmp_path, book(written))
        assert refused.value.found.endswith(" has something in several versions, of which one is to be chosen")
    control = CHOICE.format('<controls><control name="Button"/></controls>')
    assert grid(tmp_path, book(FOREIGN.format("", f"<sheetData>{ROW.format('', '')}</sheetData>{control}"))).rows == [
        ["12"]
    ]


def test_only_relationships_of_spreadsheets_lead_to_their_parts(tmp_path):
    sheet, other = (f"<sheetData>{ROW.format('', '').replace('12', number)}</sheetData>" for number in ("12", "9012"))
    there = f'<Relationship Id="x" Type="{IDS}/officeDocument" Target="xl/workbook.xml"/>'
    decoy = there.replace(IDS, "urn:x").replace("xl/workbook", "other/workbook").replace('"x"', '"z"')
    parts = {f"other/{name}": part for name, part in {
        "workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{IDS}"><sheets><sheet name="S" r:id="worksheet"/></sheets></workbook>',
        "_rels/workbook.xml.rels": relations(worksheet="sheet.xml"),
        "sheet.xml": f'<worksheet xmlns="{MAIN}">{other}</worksheet>',
    }.items()}  # fmt: skip
    for more, rows in (("", [["12"]]), (decoy, [["12"]])):
        parts["_rels/.rels"] = f'<Relationships xmlns="{PACKAGE}">{there}{more}</Relationships>'
        assert grid(tmp_path, changed(book(sheet), {}, parts)).rows == rows
    parts["_rels/.rels"] = f'<Relationships xmlns="{PACKAGE}">{there}{decoy.replace("urn:x", IDS)}</Relationships>'
    with pytest.raises(Refused) as refused:
        grid(tmp_path, changed(book(sheet), {}, parts))
    assert refused.value.found == "table cannot be read as XLSX: there are 2 parts of the type officeDocument"


@pytest.mark.parametrize(("name", "extra"), [("xl/worksheets/SHEET1.xml", b""), ("xl/a.xml", b"up\x06\0\1\0\0\0\0a")])
def test_a_part_under_two_names_is_refused(tmp_path, name, extra):
    with pytest.raises(Refused) as refused:
        grid(tmp_path, changed(book("<sheetData/>"), {}, {name: "<a/>"}, extra=extra))
    assert refused.value.found == "table has a part twice, or under two names"


def test_a_cell_has_one_value(tmp_path):
    with pytest.raises(Refused) as refused:
        grid(tmp_path, book(f"<sheetData>{ROW.format('<v>9012</v>', '')}</sheetData>"))
    assert refused.value.found == "table cannot be read as XLSX: cell=1,1 has two values"


@contextmanager
def written(folder: Path) -> Iterator[tuple[xlsxwriter.Workbook, Any, Path]]:
    """A workbook with three rows, to which something is added before it is saved."""
    path = folder / "table.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("S")
        for row, cells in enumerate((("Force", "2031"), ("north", 12), ("south", 7.25))):
            sheet.write_row(row, 0, cells)
        yield workbook, sheet, path


def rewrite(path: Path, change: Callable[[str, str], str]) -> None:
    """Changes the parts of a file, each by its name and text."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: change(name, archive.read(name).decode()) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


def faults(path: Path) -> dict[tuple[int, int], str]:
    return {place: one.found for place, one in read_grid(path, XLSX, DIALECT).faults.items()}


@pytest.mark.parametrize(("width", "is_told"), [(2.0, True), (3.0, True), (4.0, False), (None, False)])
def test_a_number_that_a_spreadsheet_rounds_to_the_room_of_its_column_is_not_read(tmp_path, width, is_told):
    with written(tmp_path) as (_, sheet, path):
        if width:
            sheet.set_column(1, 1, width)  # characters, beside what is left free
    told = "the column has no room for all digits of 7.25: a spreadsheet shows it rounded"
    assert faults(path) == ({(3, 2): told} if is_told else {})


COVERED = "a picture or a shape lies over this cell: nobody may see it, or something else"


SIZE = '<xdr:ext cx="500000" cy="150000"/>'
FROM, TO = r"<xdr:from>.*?</xdr:from>", r"<xdr:to>.*?</xdr:to>"
ANCHORS = {"twoCellAnchor": (), "oneCellAnchor": ((TO, SIZE),),
           "absoluteAnchor": ((FROM, '<xdr:pos x="620000" y="200000"/>'), (TO, SIZE))}  # fmt: skip


@pytest.mark.parametrize("anchor", ANCHORS)
def test_a_cell_under_a_shape_is_not_read(tmp_path, anchor):
    with written(tmp_path) as (_, sheet, path):
        sheet.insert_textbox("B2", "9", {"width": 60, "height": 18})

    def change(text: str) -> str:
        for old, new in ANCHORS[anchor]:
            text = re.sub(old, new, text)
        return text.replace("twoCellAnchor", anchor)

    rewrite(path, lambda name, text: change(text) if name.startswith("xl/drawings/drawing") else text)
    assert faults(path) == {(2, 2): COVERED}


@pytest.mark.parametrize(("style", "is_told"), [
    ({"font_size": 11}, False), ({"font_size": 16}, True), ({"indent": 1}, True), ({"font_name": "Courier New"}, True),
])  # fmt: skip
def test_a_larger_or_other_font_and_an_indent_leave_less_room(tmp_path, style, is_told):
    """LibreOffice shows 7.25 as 7.3 in 16 points and in Courier New, and as 7 with an indent."""
    with written(tmp_path) as (opened, sheet, path):
        sheet.set_column(1, 1, 4.0)
        sheet.write(2, 1, 7.25, opened.add_format(style))
    told = "the column has no room for all digits of 7.25: a spreadsheet shows it rounded"
    assert faults(path) == ({(3, 2): told} if is_told else {})


@pytest.mark.parametrize("before", ["", "a", "aa", "aaa"])
@pytest.mark.parametrize("is_visible", [True, False])
def test_a_cell_under_a_note_that_is_always_shown_is_not_read(tmp_path, is_visible, before):
    """In a drawing as Excel writes it: with `<br>`, wherever a piece of the file ends that is read at once."""
    with written(tmp_path) as (_, sheet, path):
        sheet.write_comment(
            "A1", "9", {"visible": is_visible, "start_row": 1, "start_col": 1, "width": 60, "height": 9}
        )
    rewrite(
        path,
        lambda name, text: (
            text.replace("</div>", before + "<br>" * 20_000 + "</div>") if name.endswith(".vml") else text
        ),
    )
    assert faults(path) == ({(2, 2): COVERED} if is_visible else {})


def test_a_note_in_an_impossible_place_is_refused(tmp_path):
    with written(tmp_path) as (_, sheet, path):
        sheet.write_comment("A1", "9", {"visible": True})
    rewrite(path, lambda _, text: re.sub("<x:Anchor>[^<]*", "<x:Anchor>1, 2", text))
    with pytest.raises(Refused, match="cannot be read as XLSX"):
        faults(path)


@pytest.mark.parametrize("change", [
    (TO, "<xdr:to></xdr:to>"), (r"<xdr:(col|row)>1</xdr:\1>", r"<xdr:\1>-900</xdr:\1>"),
    (FROM, "<xdr:from></xdr:from>"), (r"<xdr:(col|row)>\d+<", r"<xdr:\1>99999999999999999999<"),
])  # fmt: skip
@pytest.mark.parametrize("anchor", ["twoCellAnchor", "oneCellAnchor"])
def test_a_shape_in_an_impossible_place_ends_nothing(tmp_path, change, anchor):
    with written(tmp_path) as (_, sheet, path):
        sheet.insert_textbox("B2", "9", {"width": 60, "height": 18})

    def edit(text: str) -> str:
        text = re.sub(*change, text)
        return text if anchor == "twoCellAnchor" else re.sub(TO, SIZE, text).replace("twoCellAnchor", anchor)

    rewrite(path, lambda name, text: edit(text) if name.startswith("xl/drawings/drawing") else text)
    assert set(faults(path).values()) <= {COVERED}


@pytest.mark.parametrize("width", ["nan", "-1", "wide"])
def test_a_width_that_is_none_is_refused(tmp_path, width):
    with written(tmp_path) as (_, sheet, path):
        sheet.set_column(1, 1, 7)
    rewrite(path, lambda _, text: re.sub(r'(<col [^>]*width=)"[^"]*"', rf'\1"{width}"', text))
    with pytest.raises(Refused, match="cannot be read as XLSX"):
        faults(path)


def test_widths_that_are_stated_many_times_take_no_time_each(tmp_path):
    columns = '<col min="1" max="16384" width="9"/>' * 20_000
    assert grid(tmp_path, book(f"<cols>{columns}</cols><sheetData><row><c><v>5</v></c></row></sheetData>")).rows == [
        ["5"]
    ]


def test_a_shape_beside_the_cells_covers_none(tmp_path):
    with written(tmp_path) as (_, sheet, path):
        sheet.insert_textbox("D1", "A note.", {"width": 200, "height": 400})
        sheet.insert_textbox("A5", "Another one.", {"width": 200, "height": 100})
    assert faults(path) == {}


@pytest.mark.parametrize(("colour", "is_told"), [("FFFFFFFF", True), ("FF000000", False)])
def test_a_table_whose_own_style_nobody_sees_is_not_read(tmp_path, colour, is_told):
    with written(tmp_path) as (_, sheet, path):
        sheet.add_table(1, 0, 2, 1, {"style": "Table Style Light 1", "header_row": False, "autofilter": False})
    style = '<tableStyle name="Own" count="1"><tableStyleElement type="wholeTable" dxfId="0"/></tableStyle>'
    changed = f'<dxfs><dxf><font><color rgb="{colour}"/></font></dxf></dxfs>'

    def change(_: str, text: str) -> str:
        text = text.replace("TableStyleLight1", "Own").replace('<dxfs count="0"/>', changed)
        return re.sub(r'<tableStyles count="0"[^>]*/>', f"<tableStyles>{style}</tableStyles>", text)

    rewrite(path, change)
    told = "this cell may be shown otherwise, or not at all, by a conditional format"
    places = [(2, 1), (2, 2), (3, 1), (3, 2)]
    assert faults(path) == (dict.fromkeys(places, told) if is_told else {})


def test_a_sheet_that_shows_no_zeros_has_empty_cells(tmp_path):
    def write(sheet: Any) -> None:
        sheet.sheet_view.showZeros = False
        sheet["A1"], sheet["B1"], sheet["C1"] = 0, 0.0, "0"

    assert styled(tmp_path, write).rows == [["", "", "0"], ["8", "", ""]]


def test_a_sheet_that_shows_formulas_is_not_read(tmp_path):
    with pytest.raises(Refused) as refused:
        styled(tmp_path, lambda sheet: setattr(sheet.sheet_view, "showFormulas", True))
    assert refused.value.found == "the sheet shows formulas, and not what they result in"


@pytest.mark.parametrize(
    "rule",
    [
        IconSetRule("3TrafficLights1", "percent", [0, 33, 67], showValue=False),
        DataBarRule("min", 0, "max", 9, color="638EC6", showValue=False),
        Rule(dxf=DifferentialStyle(font=Font(color=Color(indexed=1))), **SMALL),
        Rule(dxf=DifferentialStyle(font=Font(color=Color(theme=0, tint=-0.0001))), **SMALL),
    ],
)
def test_a_picture_in_place_of_a_number_is_none(tmp_path, rule):
    assert [*styled(tmp_path, lambda sheet: sheet.conditional_formatting.add("A1", rule)).faults] == [(1, 1)]


def test_an_icon_in_place_of_a_number_is_seen_where_its_ranges_come_behind_it(tmp_path):
    rows = '<sheetData><row r="1"><c r="A1"><v>3</v></c><c r="B1"><v>8</v></c></row></sheetData>'
    rule = '<cfRule><iconSet showValue="0"/></cfRule><xm:sqref xmlns:xm="urn:x">B1</xm:sqref>'
    found = grid(tmp_path, book(f"{rows}<conditionalFormatting>{rule}</conditionalFormatting>"))
    assert [*found.faults] == [(1, 2)]


def test_a_condition_that_has_its_format_with_it_is_seen(tmp_path):
    rows = '<sheetData><row r="1"><c r="A1"><v>3</v></c><c r="B1"><v>8</v></c></row></sheetData>'
    rule = f'<f:cfRule xmlns:f="{MAIN}" xmlns:xm="urn:x"><f:dxf><f:numFmt/></f:dxf></f:cfRule><xm:sqref xmlns:xm="urn:x">A1</xm:sqref>'
    found = grid(tmp_path, book(f"{rows}<conditionalFormatting>{rule}</conditionalFormatting>"))
    assert [*found.faults] == [(1, 1)]


def test_a_condition_for_what_is_no_cell_is_told(tmp_path):
    rule = (
        f'<f:cfRule xmlns:f="{MAIN}"><f:dxf><f:numFmt/></f:dxf></f:cfRule><xm:sqref xmlns:xm="urn:x">A1 D:D</xm:sqref>'
    )
    with pytest.raises(Refused) as refused:
        grid(tmp_path, book(f"<sheetData/><conditionalFormatting>{rule}</conditionalFormatting>"))
    assert refused.value.found == "table cannot be read as XLSX: there is no cell 'D'"


def test_conditions_of_too_many_ranges_are_refused_and_the_same_range_is_kept_once(tmp_path):
    rule = f'<f:cfRule xmlns:f="{MAIN}"><f:dxf><f:numFmt/></f:dxf></f:cfRule><xm:sqref xmlns:xm="urn:x">{{}}</xm:sqref>'

    def read(ranges: str, times: int) -> Any:
        rules = rule.format(ranges) * times
        return grid(tmp_path, book(f"<sheetData/><conditionalFormatting>{rules}</conditionalFormatting>"))

    assert read("Z9 " * 100_001, 2).faults == {}
    with pytest.raises(Refused) as refused:
        read(" ".join(f"Z{row}" for row in range(1, 100_002)), 1)
    assert (refused.value.code, refused.value.allowed) == ("too_large", "at most 100,000")


@pytest.mark.parametrize(
    ("value", "kind"),
    [("１２", "n"), ("1_000", "n"), ("0x10", "n"), ("NaN", "n"), ("99", "s"), ("-1", "s"), ("x", "b"), ("2022-13-45x", "d")],
)  # fmt: skip
def test_a_value_that_is_not_of_its_type_is_refused(tmp_path, value, kind):
    assert cell(tmp_path, f'<c r="A1" t="{kind}"><v>{value}</v></c>') == f"{value!r} is not what its type {kind!r} says"
    assert cell(tmp_path, '<c r="A1" s="99"><v>5</v></c>') == "there is no style 99"


RAISED = '<r><t>12</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r>'
STRUCK = "<r><rPr><strike/></rPr><t>1</t></r><r><t>2</t></r>"


def test_the_digit_of_a_footnote_is_none_of_the_number(tmp_path):
    assert cell(tmp_path, '<c r="A1" t="s"><v>0</v></c>', texts=f"<si>{RAISED}</si>") == "12¹"
    assert cell(tmp_path, f'<c r="A1" t="inlineStr"><is>{RAISED}</is></c>') == "12¹"
    assert cell(tmp_path, '<c r="A1" s="1"><v>2</v></c>', font='<vertAlign val="superscript"/>', code="0") == "²"
    assert cell(tmp_path, '<c r="A1" t="s"><v>0</v></c>', texts='<si><t>1</t><rPh sb="0"><t>9</t></rPh></si>') == "1"
    write_table(tmp_path, TABLE.replace("12,a", "12¹,a"))
    [mistake] = refused(tmp_path)
    assert mistake.startswith("table#cell=3,3: ")
    assert " is not a number" in mistake


def test_what_is_struck_through_is_not_read(tmp_path):
    said = "something in this cell is struck through"
    assert cell(tmp_path, '<c r="A1" t="s"><v>0</v></c>', texts=f"<si>{STRUCK}</si>") == said
    assert cell(tmp_path, f'<c r="A1" t="inlineStr"><is>{STRUCK}</is></c>') == said
    assert cell(tmp_path, '<c r="A1" s="1"><v>2</v></c>', font="<strike/>") == said
    assert cell(tmp_path, '<c r="A1" s="1"><v>2</v></c>', font='<strike val="0"/>') == "2"


def test_a_text_with_a_run_that_nobody_sees_is_not_read(tmp_path):
    said = "this cell is white on white: nobody sees it"
    runs = '<r><rPr><color rgb="FF{}"/></rPr><t>7</t></r><r><rPr><color theme="1"/></rPr><t>8</t></r>'
    for colour, shown in (("FFFFFF", said), ("FF0000", "78")):
        texts = f"<si>{runs.format(colour)}</si>"
        assert cell(tmp_path, '<c r="A1" t="s"><v>0</v></c>', texts=texts) == shown
        assert cell(tmp_path, f'<c r="A1" t="inlineStr"><is>{runs.format(colour)}</is></c>') == shown


def test_a_formula_without_a_result_is_found_under_any_prefix(tmp_path):
    said = "this cell has a formula without a result"
    assert cell(tmp_path, '<c r="A1"><f>1+1</f><v/></c>') == said
    row = '<x:row r="1"><x:c r="A1"><x:f>1+1</x:f></x:c><x:c r="B1"><x:v>3</x:v></x:c></x:row>'
    found = grid(tmp_path, book(f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{row}</x:sheetData></x:worksheet>'))
    assert (found.rows, found.faults[1, 1].found) == ([["", "3"]], said)


def test_a_formula_that_is_to_be_computed_when_the_file_is_opened_has_no_result(tmp_path):
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as made:
        sheet = made.add_worksheet()
        sheet.write_number(0, 0, 12)
        sheet.write_formula(0, 1, "=A1*2")  # XlsxWriter notes 0 as its result
    found = grid(tmp_path, written.getvalue())
    assert found.rows == [["12", ""]]
    assert found.faults[1, 2].found == "this cell has a formula without a result"


@pytest.mark.parametrize(
    "sheet",
    [
        '<sheetData><row r="1" hidden="1"><c r="A1"><v>5</v></c></row></sheetData>',
        '<sheetData><row r="1" ht="0.9" customHeight="1"><c r="A1"><v>5</v></c></row></sheetData>',
        '<cols><col min="1" max="2" width="0.8"/></cols><sheetData><row r="1"><c r="A1"><v>5</v></c></row></sheetData>',
        '<sheetData><row r="1" ht="0" customHeight="1"><c r="A1"><v>5</v></c></row></sheetData>',
        '<cols><col min="1" max="2" width="0"/></cols><sheetData><row r="1"><c r="A1"><v>5</v></c></row></sheetData>',
        '<sheetFormatPr defaultColWidth="0"/><sheetData><row r="1"><c r="A1"><v>5</v></c></row></sheetData>',
        '<sheetFormatPr defaultRowHeight="0" customHeight="1"/><sheetData><row r="1"><c r="A1"><v>5</v></c></row></sheetData>',
    ],
)
def test_a_row_or_column_without_size_is_hidden(tmp_path, sheet):
    assert grid(tmp_path, book(sheet)).faults[1, 1].code == "hidden_cell"


def test_a_table_below_which_all_rows_are_hidden_is_read(tmp_path):
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as made:
        sheet = made.add_worksheet()
        sheet.write("A1", 5)
        sheet.set_default_row(hide_unused_rows=True)
    found = grid(tmp_path, written.getvalue())
    assert (found.rows, found.faults) == ([["5"]], {})


MANY = "<row>" + "<c/>" * 1_000 + "</row>"


@pytest.mark.parametrize(
    ("sheet", "texts", "found"),
    [
        ('<sheetData><row><c><v>1</v></c></row><row r="1048576"><c r="D1048576"><v>1</v></c></row></sheetData>', "", "the sheet has a cell in row 1,048,576 and column 4"),
        ('<sheetData/><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>', "", "the sheet has too many merged cells"),
        (f"<sheetData>{MANY * 3_001}</sheetData>", "", "the sheet has too many cells"),
        ("<sheetData/>", "<si/>" * 3_000_001, "the file has too many texts"),
        (f'<sheetData x="{"x" * 3_000_000}"/>', "", "xl/worksheets/sheet1.xml has an element that is too long"),
        (f'<sheetData>{"x" * 3_000_000}</sheetData>', "", "xl/worksheets/sheet1.xml has an element that is too long"),
        ('<sheetData><row r="5"/><row r="4"/></sheetData>', "", "table cannot be read as XLSX: row 4 stands behind row 5"),
        ('<sheetData><row r="1"><c r="A1"/><c r="A1"/></row></sheetData>', "", "table cannot be read as XLSX: cell=1,1 stands behind cell=1,1"),
        ('<sheetData><row r="1"><c r="ZZZZ1"/></row></sheetData>', "", "table cannot be read as XLSX: there is no cell 'ZZZZ1'"),
    ],
    ids=["far", "merged", "cells", "texts", "attribute", "text", "row", "twice", "name"],
)  # fmt: skip
def test_a_sheet_of_more_than_there_can_be_is_refused_while_it_is_read(tmp_path, sheet, texts, found):
    with pytest.raises(Refused) as caught:
        grid(tmp_path, book(sheet, texts=texts))
    assert caught.value.found == found


def test_a_damaged_file_is_one_mistake(tmp_path):
    content = bytearray(book(f"<sheetData>{MANY}</sheetData>"))
    at = content.find(b"xl/worksheets/sheet1.xml") + 34
    content[at : at + 20] = bytes(255 - one for one in content[at : at + 20])
    with pytest.raises(Refused) as caught:
        grid(tmp_path, bytes(content))
    assert caught.value.found.startswith("table cannot be read as XLSX: ")


def test_nothing_of_a_sheet_goes_anywhere_but_into_mistakes(tmp_path, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        number(tmp_path, "98765432102", "yyyy-mm-dd")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (TABLE.replace(",12,", ',"1"2,'), 3),
        (TABLE.replace(",12,", ',"12,'), 3),
        (TABLE.replace('"1,204"', '"1,204'), 4),
    ],
)
def test_a_quotation_mark_too_many_or_too_few_is_one_mistake(tmp_path, table, row):
    write_table(tmp_path, table)
    assert refused(tmp_path) == [
        f'table#cell={row},1: a quote in this row does not close its cell; quotes within a cell as ""'
    ]


@pytest.mark.parametrize("line", ["," * MOST_CELLS, (",,,,,,,,,\n" * (MOST_CELLS // 10 + 1))], ids=["row", "rows"])
def test_a_text_of_too_many_cells_is_refused_while_it_is_read(tmp_path, line):
    (tmp_path / "table").write_text(line)
    with pytest.raises(Refused, match="has too many cells"):
        read_grid(tmp_path / "table", "text/csv", DIALECT)


def test_an_encoding_that_decodes_nothing_is_a_mistake(tmp_path):
    write_table(tmp_path, dialect={"encoding": "undefined"})
    [mistake] = refused(tmp_path)
    assert "table cannot be read as 'undefined'; utf-8" in mistake


def test_what_no_file_is_encoded_in_is_no_encoding(tmp_path):
    write_table(tmp_path, dialect={"encoding": "punycode"})
    [mistake] = refused(tmp_path)
    assert "there is no encoding 'punycode'; utf-8" in mistake


@pytest.mark.parametrize("code", [";" * 256, "0" * 256])
def test_a_format_is_no_longer_than_a_spreadsheet_takes(tmp_path, code):
    sheet = '<sheetData><row r="1"><c r="A1" s="1"><v>1</v></c></row></sheetData>'
    with pytest.raises(Refused, match="a number format has 256 characters"):
        grid(tmp_path, book(sheet, code=code))
    assert grid(tmp_path, book(sheet, code='0"' + "x" * 252 + '"')).rows == [["1" + "x" * 252]]


def test_a_text_and_a_namespace_are_no_longer_than_in_a_spreadsheet(tmp_path):
    """Each cell that shows a text copies it, and each element has the namespace in its name."""
    sheet = '<sheetData><row r="1"><c t="s"><v>0</v></c></row></sheetData>'
    longest, runs = "a" * 32_767, "<r><t>a</t></r>"
    assert grid(tmp_path, book(sheet, texts=f"<si><t>{longest}</t></si>")).rows == [[longest]]
    for text in (f"<t>{longest}a</t>", runs * 32_768):
        with pytest.raises(Refused, match="a cell has too long a text"):
            grid(tmp_path, book(sheet, texts=f"<si>{text}</si>"))
    for declared in (f'xmlns="{"a" * 1_001}"', f'xmlns="{MAIN}" xmlns:x="{"a" * 1_001}"'):
        with pytest.raises(Refused, match="a namespace of 1,001 characters"):
            grid(tmp_path, book(f"<a:worksheet {declared} xmlns:a='b'>{sheet}</a:worksheet>"))


def test_no_file_has_more_formats_and_relationships_than_a_spreadsheet(tmp_path):
    """Each takes hundreds of bytes, and a few in the file, which is compressed."""
    sheet = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
    for many in ("<fonts>" + "<font/>" * 200_001 + "</fonts>", "<cellXfs>" + "<xf/>" * 200_001 + "</cellXfs>"):
        with pytest.raises(Refused, match="the file has too many formats"):
            grid(
                tmp_path, changed(book(sheet), {}, {"xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{many}</styleSheet>'})
            )
    links = "".join(f'<Relationship Id="q{n}" Type="t" Target="/x"/>' for n in range(100_001))
    part = f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>'
    with pytest.raises(Refused, match="has too many relationships"):
        grid(tmp_path, changed(book(sheet), {}, {"xl/_rels/workbook.xml.rels": part}))
    alone = '<mergeCell ref="ZZ9:A1"/><mergeCell ref="A1:A1"/>'
    assert grid(tmp_path, book(f"{sheet}<mergeCells>{alone}</mergeCells>")).rows == [["1"]]


def test_a_text_and_a_format_have_fifty_colours_at_most(tmp_path):
    """Each is compared with each: a workbook of a megabyte with 1,000 took six minutes."""
    sheet = '<sheetData><row r="1"><c t="s"><v>0</v></c></row></sheetData>'
    colours = [f"<color rgb='FF{number:06X}'/>" for number in range(1, 52)]
    text = "".join(f"<r><rPr>{colour}</rPr><t>a</t></r>" for colour in colours)
    stops = "".join(f"<stop position='0'>{colour}</stop>" for colour in colours)
    fill = f"<fills><fill><gradientFill>{stops}</gradientFill></fill></fills>"
    difference = (
        f"<dxfs><dxf><fill><patternFill patternType='gray125'>{''.join(colours)}</patternFill></fill></dxf></dxfs>"
    )
    texts = "<si><t>a</t></si>"
    for content in (
        book(sheet, texts=f"<si>{text}</si>"),
        *(changed(book(sheet, texts=texts), {"<cellXfs>": f"{one}<cellXfs>"}) for one in (fill, difference)),
    ):
        with pytest.raises(Refused, match="a format or a text has too many colours"):
            grid(tmp_path, content)


def test_columns_may_be_hidden_many_times(tmp_path):
    """A list of ranges, gone through for each cell, would take an hour."""
    columns = '<col min="-9" max="99999" width="8"/><col min="2" max="2" hidden="1"/>' * 20_000
    row = "<row>" + "<c><v>1</v></c>" * 3 + "</row>"
    found = grid(tmp_path, book(f"<cols>{columns}</cols><sheetData>{row * 3_000}</sheetData>"))
    assert {column for _, column in found.faults} == {2}
    assert len(found.faults) == 3_000


def test_a_message_has_the_beginning_and_the_end_of_what_is_long():
    mistakes = Mistakes()
    mistakes.report_at(Place("table#", 3, 3), Refused("not_a_number", f"{'9' * 100_000!r} is not a number", "a number"))
    with pytest.raises(RegisterRefused) as caught:
        mistakes.raise_if_any()
    [mistake] = caught.value.mistakes
    assert str(mistake) == f"table#cell=3,3: '{'9' * 79} … {'9' * 63}' is not a number; a number"
