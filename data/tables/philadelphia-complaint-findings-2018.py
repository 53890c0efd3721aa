"""Count the cases by kind and finding, for each year."""

from misconduct_editor.tables.rows import count_cases, list_cases


def read(sheet):
    cases = []
    for case in list_cases(
        sheet, ["allegations_investigated", "investigative_findings", "cap_number"]
    ):
        # what the newest edition calls this
        if case["investigative_findings"] == "Other than Sustained Finding":
            case["investigative_findings"] = "No Sustained Findings"
        year = "20" + case.pop("cap_number")[:2]
        cases.append({**case, "year": year})
    return count_cases(cases, below=1)
