"""Read the totals from 2012 on: before, a year has one person."""

from misconduct_editor.tables.rows import Row


def read(sheet):
    for row in range(6, 19):
        yield Row({"year": sheet.cell(row, 1), "number": sheet.cell(row, 5)})
