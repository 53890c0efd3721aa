"""A whole stays a whole: also when it is rounded, explained, or a total of totals."""

from tests.desk.editor import FORCE, LAYOUT, change, is_named

YEARS = FORCE | {"20*": {"year": "financial"}, "Total": "total"}
ROUNDED = [
    ["Officers by force"],
    ["Police force", "2021/22", "2022/23"],
    ["Kent", 3, 4],
    ["Metropolitan", 5, 2],
    ["North Yorkshire", 1, 2],
    ["Total", 10, 8],
]
KEYS = {"rows": "3-5", "totals": {"6": {"area": "gb"}}, "columns": FORCE | {"20*": {"year": "financial"}}}


def parts_of(figures, cell):
    """Return the cells whose figures are a part of a figure."""
    return sorted(other for other, row in figures.items() if figures[cell]["id"] in row["part_of"].split())


def test_totals_of_rounded_numbers_may_differ_by_half_of_the_rounding_for_each_part(editor):
    assert is_named(editor.add(ROUNDED, **KEYS).mistakes, "report.ods#B6", "published as 10", "9")
    assert editor.add(ROUNDED, **KEYS, rounding=1).mistakes == []
    figures = editor.figures()
    assert parts_of(figures, "6,2") == ["3,2", "4,2", "5,2"]
    assert (figures["6,2"]["caveats"], figures["6,3"]["caveats"]) == ("report_rounding", "")
    assert editor.verify() == []
    assert is_named(editor.add(change(ROUNDED, B6=11), **KEYS, rounding=1).mistakes, "report.ods#B6", "published as 11")
    hundreds = [[100 * cell if isinstance(cell, int) else cell for cell in row] for row in ROUNDED]
    assert editor.add(hundreds, **KEYS, rounding=100).mistakes == []
    assert len(editor.add(hundreds, **KEYS, rounding=10).mistakes) == 1


NESTED = [
    ["Tactics"],
    ["Tactic", "2021/22"],
    ["All tactics", 21],
    ["Baton, of which", 12],
    ["Drawn", 7],
    ["Used", 5],
    ["Irritant", 9],
]


def test_totals_of_totals_keep_their_labels_and_their_parts(editor):
    keys = {"rows": "5-7", "totals": {"3": {"of": "4, 7"}, "4": {"of": "5-6"}}}
    keys |= {"columns": {"Tactic": "words", "20*": {"year": "financial"}}, "figure": LAYOUT["figure"] | {"area": "gb"}}
    assert editor.add(NESTED, **keys).mistakes == []
    figures = editor.figures()
    assert [row["counted"] for row in figures.values()] == [row[0] for row in NESTED[2:]]
    assert parts_of(figures, "3,2") == ["4,2", "7,2"]
    assert parts_of(figures, "4,2") == ["5,2", "6,2"]
    keys["totals"]["3"]["of"] = "4-7"  # the same, and nothing is added up twice
    assert editor.add(NESTED, **keys).mistakes == []
    assert parts_of(editor.figures(), "3,2") == ["4,2", "7,2"]
    keys["totals"]["3"]["of"] = "4, 9"
    assert is_named(editor.add(NESTED, **keys).mistakes, "tables/report.yaml:5:16", "row 9")


def test_the_label_of_a_total_gives_its_codes_unless_the_file_does(editor):
    rows = [
        ["Outcomes"],
        ["Police force", "Kind", "2021/22"],
        ["Kent", "Sexual", 3],
        ["Kent", "Drugs", 4],
        ["Kent", "All kinds", 7],
    ]
    columns = {"Police force": "area", "Kind": "category", "20*": {"year": "financial"}}
    keys = {"rows": "3-4", "columns": columns, "words": {"Drugs": "sexual", "Sexual": "sexual"}, "totals": {"5": {}}}
    figure = {name: code for name, code in LAYOUT["figure"].items() if name != "category"}
    mistakes = editor.add(rows, **keys, figure=figure).mistakes
    assert is_named(mistakes, "report.ods#B5", "'All kinds' is not a known category", "or give it in totals")
    assert editor.add(rows, **keys | {"totals": {"5": {"category": "any"}}}, figure=figure).mistakes == []
    total = editor.figures()["5,3"]
    assert (total["area"], total["category"], total["counted"]) == ("E23000032", "any", "All kinds")


COLUMNS = [
    ["Uses of TASER"],
    ["Police force", "Drawn", "Aimed", "Not fired", "Fired", "All uses"],
    ["Kent", 30, 40, 70, 20, 90],
    ["Metropolitan", 10, 20, 30, 5, 35],
]
OF = {"Drawn": "value", "Aimed": "value", "Not fired": {"is": "total", "of": ["Drawn", "Aimed"]}, "Fired": "value"}
OF |= {"All uses": {"is": "total", "of": ["Not fired", "Fired"]}}
USES = {"rows": "3-4", "totals": {}, "figure": LAYOUT["figure"] | {"period": {"from": "title", "means": "2022"}}}


def test_columns_of_totals_can_add_up_totals(editor):
    assert editor.add(COLUMNS, **USES, columns=FORCE | OF).mistakes == []
    figures = editor.figures()
    assert (parts_of(figures, "3,4"), parts_of(figures, "3,6")) == (["3,2", "3,3"], ["3,4", "3,5"])
    assert [figures[f"3,{column}"]["counted"] for column in range(2, 7)] == COLUMNS[1][1:]


def test_a_name_in_of_that_is_no_column_is_a_mistake(editor):
    of = {"All uses": {"is": "total", "of": ["Not fired", "Fierd"]}}
    (mistake,) = editor.add(COLUMNS, **USES, columns=FORCE | OF | of).mistakes
    assert mistake.startswith("tables/report.yaml:7:")
    assert "'Fierd'; did you mean Fired?" in mistake


def test_what_a_figure_counts_is_quoted_whole_and_the_title_goes_first(editor):
    header = [["Alleged"], ["On duty"], ["By force"], ["Men"], ["Young"]]
    rows = [["Allegations"], *(["", words] for (words,) in header[:4]), ["Police force", "Young"], ["Kent", 3]]
    figure = LAYOUT["figure"] | {"counted": {"A1": "Allegations"}, "period": {"from": "title", "means": "2022"}}
    keys = {"header": [2, 3, 4, 5, 6], "rows": "7", "totals": {}, "figure": figure}
    keys["columns"] = {"Police force": "area", "* Young": {"is": "value", "population": "staff"}}
    assert editor.add(rows, **keys).mistakes == []
    assert editor.figures()["7,2"]["counted"] == "Alleged … On duty … By force … Men … Young"
    rows = [["Allegations"], *(["", "", words] for (words,) in header[:4]), ["Police force", "Role", "Young"]]
    keys["columns"] |= {"Role": "words"}
    mistakes = editor.add([*rows, ["Kent", "Dogs", 3]], **keys).mistakes
    assert is_named(mistakes, "report.ods#C7", "6 cells say what this counts")


def test_only_the_smallest_total_names_a_part_and_all_parts_of_a_total_add_up_to_it(editor):
    rows = [["Officers"], ["Police force", "2021/22"], ["South", 400], ["Kent", 300], ["Metropolitan", 100]]
    rows += [["All forces", 400], ["Railways", 9], ["Everybody", 409]]
    keys = {"rows": "4-5, 7", "columns": {"Police force": "area", "20*": {"year": "financial", "from": "April"}}}
    keys["totals"] = {"3": {"area": "gb", "of": "4-5"}, "6": {"area": "gb", "of": "3"}}
    keys["totals"] |= {"8": {"area": "gb", "fit": "narrower", "of": "6-7"}}
    keys["words"] = {"Railways": "us"}
    assert editor.add(rows, **keys).mistakes == []
    figures = editor.figures()
    assert [parts_of(figures, f"{row},2") for row in (3, 6, 8)] == [["4,2", "5,2"], ["3,2"], ["6,2", "7,2"]]
    assert [figures[f"{row},2"]["fit"] for row in (6, 8)] == ["exact", "narrower"]
    assert [figures[f"{row},2"]["counted"] for row in (3, 6, 8)] == ["South", "All forces", "Everybody"]
