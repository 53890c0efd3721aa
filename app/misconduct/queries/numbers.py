"""Find what numbers may be: those of an article, of which Postgres gets no word, and one that is looked up."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from misconduct.article.find import Sought
from misconduct.article.known import SERIES
from misconduct.db.engine import Tables
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import PROSE, TABLE_COLUMNS, Row
from misconduct.model.near_numbers import LEAST_DIGITS, MOST_DIGITS, near_numbers
from misconduct.queries.question import Question
from misconduct.queries.terms import FIGURES, find_words

MAX_FOUND = 3
LEAST_ALONE = 1_000
"""Without filters or words, smaller numbers have too many near misses."""

SWAPPED = "swapped"  # the slip of two digits

_OF_ARTICLE = f"read_from IN {PROSE}"
_IS_SWAPPED = "value = ANY(%(swapped)s)"
_SHOWN = ", ".join(f"figure.{name}" for name in TABLE_COLUMNS)
_NUMBERS = f"""
    SELECT * FROM (
    SELECT {_SHOWN}, NULL AS changed_in FROM $release.observations AS figure
    WHERE value = ANY(%(numbers)s) OR value = ANY(%(slips)s)
    UNION ALL
    (SELECT DISTINCT ON (figure.id, figure.value) {_SHOWN}, change.release AS changed_in
     FROM $release.versions AS change,
        jsonb_populate_record(NULL::$release.observations, change.was) AS figure
     LEFT JOIN $release.observations AS now ON now.id = figure.id
     WHERE figure.value = ANY(%(numbers)s) AND now.value IS DISTINCT FROM figure.value
     ORDER BY figure.id, figure.value, change.nth DESC)) AS figures
    WHERE area = ANY(%(places)s) OR value = ANY(%(long)s)
    ORDER BY place, changed_in"""  # noqa: S608
_COUNTS = """
    SELECT DISTINCT value FROM $release.observations
    WHERE unit = 'count' AND value IS NOT NULL"""

_AREAS = "SELECT DISTINCT area FROM $release.observations"


async def find_known(
    tables: Tables,
) -> tuple[list[Row], list[int], list[str]]:
    """Return what comparing a text needs to know of a release: what its series count, all counts, and its places."""
    statement = f"SELECT DISTINCT {', '.join(SERIES)} FROM $release.observations"  # noqa: S608
    series = await tables.rows(statement)
    counts = [int(row["value"]) for row in await tables.rows(_COUNTS)]
    return series, counts, [row["area"] for row in await tables.rows(_AREAS)]


async def find_with_numbers(
    tables: Tables, catalogue: Catalogue, sought: Sought, releases: Sequence[str]
) -> list[Row]:
    """Return the figures of a release that are sought, and those that once had one of the numbers.

    These are as they were in the last release that had it, which is `former`. Each has the day on which its document
    was published, or by which it had been.
    """
    values: dict[str, Any] = {"places": [*sought.places]}
    for name in ("numbers", "slips", "long"):
        values[name] = [
            Decimal(one.numerator) / one.denominator for one in getattr(sought, name)
        ]
    return _with_days(await tables.rows(_NUMBERS, values), catalogue, releases)


def _with_days(
    rows: Sequence[Row], catalogue: Catalogue, releases: Sequence[str] = ()
) -> list[Row]:
    """Add the day by which the document of each figure was published, and the last release that had the number."""
    found, sources = list[Row](), catalogue.of_kind("source")
    for row in rows:
        source = sources.get(row["source"], {})
        changed_in = row.pop("changed_in")
        days = {name: source.get(name) for name in ("published", "known_by")}
        former = _find_before(changed_in, releases) if changed_in else None
        found.append(row | days | {"former": former})
    return found


def _find_before(release: str, releases: Sequence[str]) -> str:
    """Return the release before one."""
    return releases[max(releases.index(release) - 1, 0)]


async def find_former(
    tables: Tables, question: Question, releases: Sequence[str]
) -> list[Row]:
    """Return the figures with the words of a question that had its number in an earlier release, and another today.

    `former_printed` and `former_period` are of then, and `former_release` is the last that had it.
    """
    found = find_words(question)
    statement = f"""
        SELECT DISTINCT ON (now.id) now.id, now.period, coalesce(was ->> 'printed', was ->> 'value') AS former_printed,
            change.release AS changed_in, was ->> 'period' AS former_period
        FROM $release.versions AS change JOIN ({found.select("*")}) AS now ON now.id = change.id
        WHERE former = %(number)s AND now.value <> former
        ORDER BY now.id, nth DESC LIMIT {MAX_FOUND}"""  # noqa: S608
    rows = await tables.rows(
        statement, {**found.values, "number": _find_whole(question)}
    )
    return [
        row | {"former_release": _find_before(row["changed_in"], releases)}
        for row in rows
    ]


async def is_printed(tables: Tables, question: Question) -> bool:
    """Tell whether a number is surely the one that is meant: an article prints it, or a table of the place asked."""
    found = find_words(question)
    surely = "true" if question.places() else _OF_ARTICLE
    exact = (
        f"SELECT FROM {FIGURES} WHERE {found.where} AND value = %(number)s AND {surely}"
    )
    statement = f"SELECT EXISTS ({exact}) AS is_printed"
    [row] = await tables.rows(
        statement, {**found.values, "number": _find_whole(question)}
    )
    return bool(row["is_printed"])


async def find_near(tables: Tables, question: Question) -> list[tuple[str, str]]:
    """Return the ids of at most `MAX_FOUND` figures whose number is near to that of a question, each with its slip.

    Two swapped digits lead to few numbers of four digits or more, so any figure may be meant. Else figures of tables
    are left out if the question names no place, and the number has fewer than five digits, or four with no words
    beside it; or if there are more of them: among thousands, any number is near to many.
    """
    found, digits = find_words(question), f"{_find_whole(question):f}"
    slips = _list_slips(digits, 0 if question.terms else LEAST_ALONE)
    if not slips:
        return []
    where = found.where
    is_long = question.terms and len(digits) > LEAST_DIGITS
    is_rare = len(digits) >= MOST_DIGITS or is_long
    if not (question.places() or is_rare):
        where += f" AND ({_OF_ARTICLE} OR {_IS_SWAPPED})"
    statement = f"""
        SELECT id, value, {_OF_ARTICLE} OR {_IS_SWAPPED} AS is_surer FROM {FIGURES}
        WHERE {where} AND value = ANY(%(near)s) AND repeats IS NULL AND unit = 'count'
        ORDER BY {_OF_ARTICLE} DESC, {_IS_SWAPPED} DESC,
            row_number() OVER (PARTITION BY value, {_OF_ARTICLE} ORDER BY place), disagreements = '{{}}',
            array_position(%(near)s::numeric[], value) LIMIT {MAX_FOUND + 1}"""  # noqa: S608
    swapped = [one for one in slips if slips[one] == SWAPPED and one >= LEAST_ALONE]
    values = {"near": [*slips], "swapped": swapped}
    rows = await tables.rows(statement, found.values | values)
    if len(rows) > MAX_FOUND:
        rows = [row for row in rows if row["is_surer"]][:MAX_FOUND]
    return [(row["id"], slips[row["value"]]) for row in rows]


def _find_whole(question: Question) -> Decimal:
    """Return the number of a question that asks for a whole number."""
    return (question.number and question.number.whole) or Decimal()


def _list_slips(number: str, least: int) -> dict[Decimal, str]:
    """Return the numbers that are near to one, each with its slip: swapped digits, or one that is not small."""
    return {
        Decimal(value): slip
        for value, slip in near_numbers(number).items()
        if value >= least or slip == SWAPPED
    }
