"""Where to start: questions with their answers, and what there is. `GET /v1` and `/docs` show it; a test asks it."""

from __future__ import annotations

from typing import NamedTuple


class Start(NamedTuple):
    """A question, the address that answers it, and the answer as it was in release `ANSWERED_IN`."""

    question: str
    path: str
    answer: str


ANSWERED_IN = "2.2.0"

STARTS = (
    Start(
        "What is 1,071?",
        "/v1/observations.csv?value=1071&repeats=exclude&columns=printed,measure_label,category_label,population_label,source",
        """printed,measure_label,category_label,population_label,source
"1,071",Under review,Domestic abuse or sexual offences,Officers and staff,police-oracle-2023-met-review
""",
    ),
    Start(
        "How many allegations of each kind were there in each year?",
        "/v1/allegations.csv?period_type=year&columns=category_label,year,value,counting_unit_label,coverage",
        """category_label,year,value,counting_unit_label,coverage
Sexual assault,2021,116,Unstated,whole
Sexual assault,2022,169,Unstated,whole
Other sexual assault,2022,81,Cases,whole
All sexual conduct,2022,1571,Cases,whole
All sexual conduct,2023,2074,Cases,whole
Other sexual assault,2023,72,Cases,whole
Sexual assault,2023,157,Unstated,whole
Other sexual assault,2024,4,Cases,part
Sexual assault,2024,23,Unstated,part
""",
    ),
    Start(
        "How many were suspended or put on restricted duties?",
        "/v1/duty-status.csv?measure=suspended_or_restricted&columns=measure_label,value,counting_unit_label,time_period",
        """measure_label,value,counting_unit_label,time_period
Suspended or restricted,931,Suspensions or restrictions,2014/2024
Suspended,144,People,[..2023-04]
On restricted duties,701,People,[..2023-04]
""",
    ),
)
"""Their answers are what the service gives, to the letter."""

PLACES = {
    "figures": ("/v1/observations", "Every figure."),
    "by_year": ("/v1/observations/by-year", "Figures by series and year."),
    "datasets": ("/v1/datasets", "Datasets: parts of the figures, such as /v1/allegations."),
    "columns": ("/v1/columns", "What each column of a figure means."),
    "codelists": ("/v1/codelists", "What each code means."),
    "caveats": ("/v1/caveats", "Notes that travel with figures."),
    "sources": ("/v1/sources", "Documents that print the figures."),
    "disagreements": ("/v1/disagreements", "Figures that look alike and are not equal, and why."),
    "charts": ("/v1/charts", "Charts of figures."),
    "releases": ("/v1/releases", "Numbered states of the register, which never change."),
    "files": ("/v1/releases/latest/files", "Files of the latest release: datasets as CSV and Parquet, and a bundle."),
    "docs": ("/docs", "Documentation."),
    "openapi": ("/openapi.json", "The same for programs."),
}
"""What there is: its address, and what it is."""
