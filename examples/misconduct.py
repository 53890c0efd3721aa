"""Read the Misconduct Register into pandas. Copy this file; it needs pandas and nothing else."""

import os

import pandas

BASE = os.environ.get("BASE", "http://localhost:8000")
DATES = ["period_start", "period_end"]


def read(path, **parameters):
    """Return a table of the register as a DataFrame: read("allegations", category="sexual_assault")."""
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    types = {"year": str, "value": float, "printed": str, "window_printed": str}
    return pandas.read_csv(
        f"{BASE}/v1/{path}.csv?{query}",
        dtype=types,
        parse_dates=DATES,
        keep_default_na=False,
        na_values=[""],
    )


if __name__ == "__main__":
    # Allegation categories by year, in the Metropolitan Police. A year without a figure is null, and `gap` says why.
    # `pivot` fails where two series would share a column: name one more column then, and never let it average them.
    by_year = read("allegations/by-year", area="E23000001", shape="long", labels=1)
    years = by_year.dropna(subset="value").pivot(
        index="year", columns=["category_label", "counted"], values="value"
    )
    print(years.to_string())

    # Suspensions and restrictions, with the first and the last day that each period can mean.
    columns = [
        "area",
        "measure",
        "stock_or_flow",
        "period_start",
        "period_end",
        "value",
        "printed",
    ]
    print(
        read("suspensions", measure="suspended,restricted,suspended_or_restricted")[
            columns
        ].to_string(index=False)
    )

    # What vetting checks found. count_once leaves out what is counted in another figure of the table.
    columns = ["vetting_check", "vetting_result", "value", "unit"]
    print(read("vetting", count_once=1)[columns].to_string(index=False))
