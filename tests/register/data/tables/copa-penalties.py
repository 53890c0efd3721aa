"""Count the cases by penalty, for each year."""

from misconduct_editor.tables.rows import count_cases, list_cases


def read(sheet):
    cases = list_cases(sheet, ["penalty", "year"])
    return count_cases(cases, below=5)
