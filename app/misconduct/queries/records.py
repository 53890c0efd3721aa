"""Find the records that a text names: disagreements, and questions without an answer."""

from collections.abc import Sequence

from misconduct.db.engine import Tables
from misconduct.model.plain_words import plain_words
from misconduct.queries.question import NEWEST


async def find_records(
    tables: Tables,
    text: str,
    kinds: Sequence[str],
    most: int,
    *,
    any_word: bool = False,
) -> list[tuple[str, str]]:
    """Return the kind and id of records that have all words of a text, or any two of them, the best match first."""
    words = plain_words(
        NEWEST.sub(" ", text)
    )  # records are questions, such as How many were dismissed?
    if not words:
        return []
    statement = f"""SELECT kind, id FROM $release.records, to_tsquery('english', %(words)s) AS query
        WHERE kind = ANY(%(kinds)s) AND words @@ query
        AND %(least)s <= (SELECT count(*) FROM unnest(%(each)s::text[]) AS one
                          WHERE words @@ to_tsquery('english', one))
        ORDER BY ts_rank(words, query) DESC, kind, id LIMIT {most:d}"""  # noqa: S608
    query = (" | " if any_word else " & ").join(f"'{word}'" for word in words)
    least = min(2, len(words)) if any_word else 0
    values = {
        "kinds": [*kinds],
        "each": words,
        "least": least,
        "words": query,
    }
    return [(row["kind"], row["id"]) for row in await tables.rows(statement, values)]
