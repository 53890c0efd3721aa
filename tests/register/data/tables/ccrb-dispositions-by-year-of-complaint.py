"""Count the cases by disposition, for each year."""

from misconduct_editor.tables.rows import count_cases, list_cases


def read(sheet):
    cases = list_cases(sheet, ["disposition", "year"])
    return count_cases(cases, below=5)
