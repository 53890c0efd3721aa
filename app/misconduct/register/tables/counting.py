"""Count the cases in a public file that has a row for each case. Read only the named columns."""

import re
from pathlib import Path

import polars

from misconduct.register.tables.grid import Grid, UnreadableTableError
from misconduct.register.tables.layout import Count

MAX_WORDS = 200
"""Most different words that a column we count by may have. With more, they may name people and not kinds."""

MIN_WORDS = 10
"""With more words than this, at most half may occur only once."""

_PERSONAL = re.compile(
    r"(?i)(^|_)(ids?|names?|surname|forename|firstname|lastname|complainant|victim|race|ethnicity|sex|gender|religion|age"
    r"|dob|birth|badge|shield|warrant|address|postcode|unit|email|phone)($|_)"
)


_CASE_NUMBER = re.compile(r"(?i)(case|complaint|incident|allegation|report)\W?(id|no|number)")
"""A column that may contain a year. It is an id, but not the id of a person."""


def is_personal(column: str) -> bool:
    """Tell whether the heading of a column says that it describes individual people."""
    return _PERSONAL.search(re.sub(r"[^A-Za-z]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column))) is not None


def count_cases(path: Path, count: Count) -> Grid:
    """Return a table with the columns we count by, `year` and `count`. Write smaller numbers as `<` the threshold.

    Raises UnreadableTableError.
    """
    years = [name for name in count.year if not _CASE_NUMBER.fullmatch(name.replace("_", " "))]
    if personal := [name for name in (*count.by, *count.where, *years) if is_personal(name)]:
        raise UnreadableTableError(f"{', '.join(personal)}: you cannot count by columns about individual people")
    try:
        cases = polars.scan_csv(path, infer_schema=False)
        columns = cases.collect_schema().names()
        if absent := [name for name in (*count.by, *count.year, *count.where) if name not in columns]:
            shown = ", ".join(one for one in columns if not is_personal(one))
            raise UnreadableTableError(f"{path.name} has no column {', '.join(absent)}; it has {shown}")
        for name, words in count.where.items():
            cases = cases.filter(polars.col(name).fill_null("").str.strip_chars().is_in(words))
        keys = [polars.col(name).fill_null("").str.strip_chars() for name in count.by]
        for name, pattern in count.year.items():
            keys.append(_full_year(polars.col(name).str.extract(pattern)).alias("year"))
        counts = cases.group_by(keys).agg(polars.len().alias("count")).sort(polars.all()).collect()
    except polars.exceptions.PolarsError as error:
        # The message from polars may quote a row, and a row may be about a person.
        message = f"{path.name} is not CSV in UTF-8 with a row for each case, or the pattern of year is wrong"
        raise UnreadableTableError(message) from error
    names = counts.columns[:-1]
    if people := [name for name in names if _names_people(counts, name)]:
        message = f"more than {MAX_WORDS} different words, or most only once, so they may name people and not kinds"
        raise UnreadableTableError(f"{', '.join(people)} has {message}")
    if undated := counts.filter(~polars.col("year").str.contains(r"^(19|20)\d\d$"))["count"].sum() if count.year else 0:
        raise UnreadableTableError(f"{', '.join(count.year)}: the pattern finds no year in {undated:,} rows")
    rows = [[*words, str(number) if number >= count.below else f"<{count.below}"] for *words, number in counts.rows()]
    return Grid([[*names, "count"], *rows], origin={})


def _names_people(counts: polars.DataFrame, name: str) -> bool:
    """Tell whether a column has too many words, or repeats them too rarely, for them to be kinds."""
    by_word = counts.group_by(name).agg(polars.col("count").sum())["count"]
    return len(by_word) > MAX_WORDS or (len(by_word) > MIN_WORDS and 2 * (by_word == 1).sum() > len(by_word))


def _full_year(year: polars.Expr) -> polars.Expr:
    """Write 16 as 2016."""
    return (
        polars.when(year.str.len_chars() == 2)
        .then(polars.concat_str(polars.lit("20"), year))
        .otherwise(year)
        .fill_null("")
    )
