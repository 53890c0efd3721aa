"""Read the two tables of the sheet."""

from misconduct_editor.tables.rows import Row

TABLES = (
    (9, 10, 72, 7),
    (84, 85, 147, 82),
)  # rows of the years, of the first and last force, and of the noun
TOTAL = 18  # column


def read(sheet):
    for years, first, last, noun in TABLES:
        for row in range(first, last + 2):
            for column in range(2, TOTAL + 1):
                of = []
                if column == TOTAL:
                    of.append([sheet.cell(row, part) for part in range(2, TOTAL)])
                if row > last:
                    of.append([sheet.cell(part, column) for part in range(first, row)])
                cells = {
                    "noun": sheet.cell(noun, 1).find("[A-Z]{5,}"),
                    "force": sheet.cell(row, 1),
                    "year": sheet.cell(years, column),
                    "number": sheet.cell(row, column),
                }
                yield Row(cells, of)
