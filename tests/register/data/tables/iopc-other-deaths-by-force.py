"""Read the two tables of the sheet: incidents, and the people who died in them."""

from misconduct_editor.tables.rows import Row

TABLES = (
    (1, 7, 9, 72),
    (80, 82, 84, 147),
)  # rows of the title, the noun, the years and the last force
TITLE = "Other deaths following police contact"
LAST_YEAR, TOTAL = 17, 18  # columns


def read(sheet):
    for title, noun, years, last in TABLES:
        forces, columns = range(years + 1, last + 1), range(2, LAST_YEAR + 1)
        for row in (*forces, last + 1):
            for column in (*columns, TOTAL):
                of = []
                if column == TOTAL:
                    of.append([sheet.cell(row, part) for part in columns])
                if row > last:
                    of.append([sheet.cell(part, column) for part in forces])
                yield Row(
                    {
                        "title": sheet.cell(title, 1).find(TITLE),
                        "noun": sheet.cell(noun, 1).find(r"Number of [A-Z]+"),
                        "force": sheet.cell(row, 1),
                        "year": sheet.cell(years, column),
                        "number": sheet.cell(row, column),
                    },
                    of,
                )
