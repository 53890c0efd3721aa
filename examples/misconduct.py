"""Read the Misconduct Register into pandas. Copy this file; it needs pandas and nothing else."""

import os
from urllib.parse import urlencode

import pandas

BASE = os.environ.get("BASE", "http://localhost:8000")
DATES = ["period_start", "period_end"]


def read(path, **parameters):
    """Return a table of the register as a DataFrame: read("allegations", area="met")."""
    address = f"{BASE}/v1/{path}.csv?{urlencode(parameters)}"
    types = {"year": "Int64", "value": float, "shown": str}
    return pandas.read_csv(
        address,
        dtype=types,
        parse_dates=DATES,
        keep_default_na=False,
        na_values=[""],
    )


if __name__ == "__main__":
    # Allegations of sexual assault by year, in the Metropolitan Police. An empty value is not zero: `shown` says why.
    by_year = read("allegations", area="met", category="sexual_assault", all=1)
    years = by_year.dropna(subset="year").pivot(
        index="year", columns=["kind", "scope"], values="value"
    )
    print(years.to_string())

    # Suspensions and restrictions, with the first and the last day that each time can mean.
    suspensions = read("suspensions", area="met", all=1)
    columns = ["name", "period_start", "period_end", "shown"]
    print(suspensions[columns].to_string(index=False))

    # What vetting checks found.
    found = read("vetting", columns="all")
    columns = ["vetting_check", "vetting_result", "value", "unit"]
    print(found[columns].to_string(index=False))
