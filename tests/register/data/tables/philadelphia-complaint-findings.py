"""Count the cases by kind and finding, for each year."""

from misconduct_editor.tables.rows import count_cases, list_cases


def read(sheet):
    cases = []
    for case in list_cases(
        sheet, ["allegations_investigated", "investigative_findings", "complaint_id"]
    ):
        year = "20" + case.pop("complaint_id")[:2]
        cases.append({**case, "year": year})
    return count_cases(cases, below=1)
