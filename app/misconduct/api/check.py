"""Compare a text with the register. Nothing of the text is kept: it is in no log, cache, file or query."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from traceback import extract_tb
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from misconduct.api.answers import JSON_ONLY, about_release, answers, envelope, send_document
from misconduct.api.changes import say_number, standing_document
from misconduct.api.current import Current, find_current
from misconduct.api.parameters import OfText, from_query
from misconduct.api.problems import CompressedText, PostOnly, Problem, TextTooLong, Unavailable, declare
from misconduct.api.received import BODY, MAX_NUMBERS, Received, read_body, read_text, refuse, refuse_length
from misconduct.article.compare import Checked, TextComparison, seek
from misconduct.article.compared import compare_fields
from misconduct.article.fields import Difference
from misconduct.article.known import Known
from misconduct.article.match import Match
from misconduct.article.misses import answer_misses, seek_misses
from misconduct.article.pairs import Together, find_pairs
from misconduct.article.text import Number, Passed, Text, TooManyNumbersError
from misconduct.errors import DatabaseUnavailable
from misconduct.model import shapes
from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.documents import show
from misconduct.model.figure import TABLE_COLUMNS, Row
from misconduct.model.standing import Standing, find_changed_since, find_standing
from misconduct.model.versions import History
from misconduct.model.warnings import warn_of
from misconduct.model.wording import as_printed, dates_in_words, find_source, period_in_sentence, published, say_caveat
from misconduct.queries.figures import find_figures
from misconduct.queries.filters import MAX_VALUES
from misconduct.queries.numbers import find_of_places, find_with_numbers
from misconduct.queries.versions import find_additions, find_histories

log = logging.getLogger(__name__)

router = APIRouter(prefix="/v1", tags=["figures"])

MAX_AT_ONCE = 2
TURNS = asyncio.Semaphore(MAX_AT_ONCE)  # of the texts that a process compares
CHANGED_SINCE = [*PROGRAM_LISTS["changed_since"]]


@dataclass(frozen=True)
class Compared:
    text: Text
    entries: Sequence[Checked]
    together: Sequence[Together]
    today: Mapping[str, Row]  # figures whose former numbers the text has, as the release has them
    histories: Mapping[str, History]
    warned_of: Collection[str]
    published: date | None
    days: Mapping[str, date]  # of the releases
    corrected: Mapping[str, str]  # the errors of publishers, with the releases that added them

    def shown(self, row: Row) -> Row:
        """Return a figure as the release has it; one that has ended, as it last was."""
        return self.today.get(row["id"], row) if row["former"] else row


@router.api_route("/check", methods=["GET", "PUT", "PATCH", "DELETE"], include_in_schema=False)
async def refuse_others() -> None:
    raise PostOnly("Send a text with POST: curl --data-binary @article.txt …/v1/check")


@router.post(
    "/check",
    responses=answers(shapes.CheckAnswer) | declare(TextTooLong, CompressedText),
    dependencies=[JSON_ONLY],
    openapi_extra={"requestBody": BODY},
)
async def check(request: Request, query: Annotated[OfText, from_query(OfText)]) -> Response:
    """Compare each number of an article with the figures that documents print, and say what differs.

    A figure that is found means that a document printed it, not that it is true. The text is not kept.
    """
    current, received = await find_current(request, query), await read_body(request, read_text)
    compared = await compare_text(current, received, query.published)
    return send_document(answer_document(request, current, compared), "no-store")


async def compare_text(current: Current, received: Received, published: date | None = None) -> Compared:
    """Compare a text, if there is a turn for it. Raises Unavailable, InvalidParameters, TextTooLong."""
    if TURNS.locked():
        raise Unavailable("Other texts are being compared. Please try again in a few seconds.")
    async with TURNS:
        try:
            return await _compare(current, received, published)
        except (Problem, DatabaseUnavailable):
            raise
        except Exception as error:  # noqa: BLE001
            place = extract_tb(error.__traceback__)[-1]  # its message may quote the text
            log.error("a comparison failed: %s in %s:%s", type(error).__name__, place.filename, place.lineno)  # noqa: TRY400
            raise Problem("Something went wrong on our side. Please try again later.") from None


def _read(received: Received, known: Known, today: int) -> Text:
    sent = received.read(received.text)
    refuse_length(sent.text)
    return Text(sent, known, today)


async def _compare(current: Current, received: Received, published: date | None) -> Compared:
    known, database, release = await current.releases.words(current), current.database, current.release.number
    today = published or datetime.now(UTC).date()
    try:
        read = await to_thread.run_sync(lambda: _read(received, known, today.year))
    except TooManyNumbersError:
        raise refuse(f"The text may have {MAX_NUMBERS} numbers and has many more. Send it in parts.") from None
    if (count := len(read.numbers)) > MAX_NUMBERS:
        raise refuse(f"The text has {count} numbers and may have {MAX_NUMBERS}. Send it in parts.")
    order = current.releases.numbers
    earlier = order[: order.index(release)]
    rows = await find_with_numbers(database, current.catalogue, release, earlier, seek(read))
    entries = await to_thread.run_sync(lambda: TextComparison(read, rows).entries())
    former = {match.row["id"] for one in entries for match, _ in one.figures if match.row["former"]}
    together = [*find_pairs(entries, current.catalogue.of_kind("disagreement"))]
    answer_misses(entries, await find_of_places(database, current.catalogue, release, seek_misses(entries)))
    histories = await find_histories(database, {match.row["id"] for one in entries for match, _ in one.figures}, order)
    corrected = await find_additions(database, "correction", order) if published else {}
    no_place = ["no_place"] if entries and not read.named - {"unstated"} else []
    return Compared(
        read,
        entries,
        together,
        {row["id"]: row for row in await find_figures(database, release, former, TABLE_COLUMNS)},
        histories,
        [*received.warned_of, *no_place],
        published,
        {one.number: one.day for one in current.releases.complete},
        corrected,
    )


def answer_document(request: Request, current: Current, compared: Compared) -> Any:
    catalogue, entries, text = current.catalogue, compared.entries, compared.text
    found = dict.fromkeys(entry.figures[0][0].row["id"] for entry in entries if entry.figures)
    watched = ",".join([*found][:MAX_VALUES])
    published = [source["published"] for source in catalogue.of_kind("source").values() if source.get("published")]
    data = [entry_document(entry, current, compared) for entry in entries]
    newest = max(published, default=None)
    meta: shapes.CheckMeta = {
        "numbers": len(entries),
        "matched": sum(bool(entry.figures) for entry in entries),
        "together": [
            {
                "at": [_place(one, text) for one in numbers],
                "ids": [*ids],
                "code": code,
                "detail": detail,
                "severity": severity_of(code),
            }
            for code, detail, numbers, ids in compared.together
        ],
        "passed_over": [
            {"at": _place(one, text), "printed": text.sent[slice(*text.place_as_sent(one))], "reason": one.reason}
            for one in text.passed
        ],
        "newest_document": newest,
        "later": sum(_is_later(entry, newest) for entry in entries) if newest else 0,
        **about_release(current),
    }
    watch = f"{current.view.base_url}/changes.atom?id={watched}" if watched else None
    warnings, intake = warn_of(compared.warned_of), request.state.contact
    return envelope(request, current, data, meta, warnings, watch=watch, intake=intake)


def _is_later(entry: Checked, newest: str) -> bool:
    """Tell whether no figure has a number that the text gives for a year after the newest document."""
    return not entry.figures and any(year.year[:4] > newest[:4] for year in entry.number.years)


def entry_document(entry: Checked, current: Current, compared: Compared) -> shapes.ComparedNumber:
    return {
        "at": _place(entry.number, compared.text),
        "printed": entry.number.printed,
        "value": int(value) if (value := entry.number.value).denominator == 1 and value < 2**53 else float(value),
        "unit": entry.number.unit,
        "figures": [_figure(match, found, current, compared) for match, found in entry.figures],
        "near": [{**show(row, shapes.CHECKED_COLUMNS, current.view), "why": why} for row, why in entry.near],
        "nearest": _nearest(entry, current),
    }


def _nearest(entry: Checked, current: Current) -> shapes.NearestFigure | None:
    if (row := entry.nearest) is None:
        return None
    day = published(find_source(row, current.catalogue)) if row["dated_by"] != "source" else period_in_sentence(row)
    detail, year = f"The newest here is {as_printed(row)}, for {day}.", entry.number.own_year
    if year and year.year[:4] > str(row["period_end"])[:4]:
        asked = dates_in_words(year.month) if year.month else year.year
        detail += f" Do you have the document for {asked}? Send it."
    return {**show(row, shapes.CHECKED_COLUMNS, current.view), "detail": detail}


def _figure(match: Match, found: Sequence[Difference], current: Current, compared: Compared) -> shapes.MatchedFigure:
    row = match.row
    history = compared.histories.get(row["id"], ())
    standing = find_standing(history, None, row["former"] or current.release.number)
    document = standing_document(standing, compared.histories, current.view)
    since = [*_changed_since(row, current, compared)]
    of_edition = () if any(one["code"] == standing.status for one in since) else _of_edition(row, standing, document)
    differences = [*found, *of_edition]
    return {
        **show(compared.shown(row), shapes.CHECKED_COLUMNS, current.view),
        "standing": document,
        "compared": [
            {"field": name, "sentence": sentence, "source": source, "result": result}
            for name, sentence, source, result in compare_fields(match, differences)
        ],
        "differences": [
            {"code": one.code, "detail": one.detail, "suggest": one.suggest, "severity": severity_of(one.code)}
            for one in differences
        ],
        "changed_since": sorted(since, key=lambda one: CHANGED_SINCE.index(one["code"])),
        "notes": [*_notes(row, current.catalogue)],
    }


def severity_of(code: str) -> str:
    """Return how grave a difference is: error, warning or note."""
    return str(PROGRAM_LISTS["difference"][code]["severity"])


def _changed_since(row: Row, current: Current, compared: Compared) -> Iterator[shapes.ChangedSince]:
    """Yield what has changed since the text was published: the figure, and what is known of errors of its publisher."""
    days, published = compared.days, compared.published
    if published is None:
        return
    history = compared.histories.get(row["id"], ())
    if (standing := find_changed_since(history, row["value"], published, days)) and standing.since:
        document = standing_document(standing, compared.histories, current.view)
        now = say_number(standing.today, standing.changed) if standing.today else document["print_instead"]
        detail = _say_change(row, standing)
        yield {
            "code": standing.status,
            "since": standing.since,
            "day": days[standing.since],
            "detail": detail,
            "print_now": now,
        }
    for one in current.catalogue.corrections.get(row["id"], ()):
        since = compared.corrected.get(one["id"])
        if since and days[since] > published:
            detail = f"An error of the publisher concerns it. {one['explanation']}"
            yield {"code": "corrected", "since": since, "day": days[since], "detail": detail, "print_now": None}


def _notes(row: Row, catalogue: Catalogue) -> Iterator[str]:
    """Yield the first note of a figure; of deaths, and if there is none, the first limit of its dataset."""
    datasets = catalogue.of_kind("dataset")
    yield from [say_caveat(one, catalogue) for one in row["caveats"][:1]]
    if row["measure"] == "occurred" or not row["caveats"]:
        yield from [limit for one in row["datasets"][:1] for limit in datasets.get(one, {}).get("limits", ())[:1]]


def _of_edition(row: Row, standing: Standing, document: shapes.StandingToday) -> Iterable[Difference]:
    if standing.status in ("revised", "continued", "ended"):
        yield Difference(standing.status, _say_change(row, standing), document["print_instead"])


def _say_change(row: Row, standing: Standing) -> str:
    now = f" It is now {as_printed(standing.today)}." if standing.today else ""
    until = f"{as_printed(row)} was the number until release {row['former']}."
    last = until if row["former"] else "It has changed."
    return standing.detail or f"{last}{now} {standing.reason or ''}".strip()


def _place(one: Number | Passed, text: Text) -> str:
    start, end = text.place_as_sent(one)
    return f"char={start},{end}"
