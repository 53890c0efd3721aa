"""Sexual assaults by year, with pandas: the figures, and why the other years are empty."""

import pandas

REGISTER = "http://localhost:8000"

# One row per figure. Dates are as precise as printed (2021, 2021-05), so they stay strings.
figures = pandas.read_csv(
    f"{REGISTER}/v1/allegations.csv?release=1.1.0&category=sexual_assault&detail=full",
    dtype={"period_start": "str", "period_end": "str"},
)
years = figures[figures["period_type"] == "year"].sort_values("period_start")
for figure in years.itertuples():
    print(figure.period_start, figure.printed, figure.counting_unit_label, REGISTER + figure.cite_as)

# One row per series, one column per year. An empty cell is not zero: `gaps` says why it is empty.
(series,) = pandas.read_csv(f"{REGISTER}/v1/allegations/by-year.csv?release=1.1.0&category=sexual_assault").itertuples()
print(series.gaps)
