"""Count the cases by kind and finding, for each year."""

from misconduct_editor.tables.rows import count_cases, list_cases


def read(sheet):
    cases = []
    for case in list_cases(
        sheet,
        ["Paragraph Violation", "Disposition", "Date Complaint Received by NOPD (PIB)"],
    ):
        year = case.pop("Date Complaint Received by NOPD (PIB)")[:4]
        cases.append({**case, "year": year})
    return count_cases(cases, below=5)
