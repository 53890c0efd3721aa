"""Count the allegations by kind and finding, for each year.

The stages of cases that were still open count as one: one by one, most have fewer than five, and those before the
Police Board could point to a person.
"""

from misconduct_editor.tables.rows import count_cases, list_cases

STILL_OPEN = {
    "Additional Investigation Requested",
    "No finding: Advocate Review",
    "No finding: Command Channel Review",
    "No finding: Final Review",
    "No finding: No Finding Closure Review",
    "No finding: OLA Review",
    "No finding: Pending Assignment",
    "No finding: Police Board",
    "No finding: Preliminary Investigation",
    "No finding: Supervisor Review",
    "No finding: Under BIA Investigation",
    "No finding: Under Investigation",
}


def read(sheet):
    cases = []
    for case in list_cases(sheet, ["category", "finding", "year"]):
        if case["finding"] in STILL_OPEN:
            case["finding"] = "No finding: still open"
        cases.append(case)
    return count_cases(cases, below=5)
