"""Compare a text with the register. Nothing of the text is kept: it is in no log, cache, file or query."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from traceback import extract_tb
from typing import Any
from urllib.parse import unquote_plus

import orjson
from anyio import to_thread
from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from misconduct.api.answers import JSON_ONLY, about_release, answers, envelope, send_document
from misconduct.api.changes import standing_document
from misconduct.api.current import Current, TheCurrent
from misconduct.api.parameters import Pinned
from misconduct.api.problems import Fault, InvalidParameters, PostOnly, Problem, TextTooLong, Unavailable, declare
from misconduct.article.compare import Checked, TextComparison, add_asked_years, seek, seek_further
from misconduct.article.fields import Difference
from misconduct.article.misses import answer_misses, seek_misses
from misconduct.article.pairs import Together, find_pairs
from misconduct.article.text import Number, Passed, Text, TooManyNumbersError
from misconduct.errors import DatabaseUnavailable
from misconduct.model import shapes
from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import show
from misconduct.model.figure import Row
from misconduct.model.standing import Standing, find_standing
from misconduct.model.versions import History
from misconduct.model.warnings import warn_of
from misconduct.model.wording import as_printed, dates_in_words, find_source, period_in_sentence, published, say_caveat
from misconduct.queries.filters import MAX_VALUES
from misconduct.queries.numbers import find_further, find_of_places, find_with_numbers
from misconduct.queries.versions import find_histories

log = logging.getLogger(__name__)

router = APIRouter(prefix="/v1", tags=["figures"])

MAX_AT_ONCE = 2
TURNS = asyncio.Semaphore(MAX_AT_ONCE)  # of the texts that a process compares
MAX_CHARACTERS, MAX_NUMBERS = 50_000, 300
MAX_BYTES = 650_000  # of a body: JSON and forms need up to twelve for a character; nginx holds as much in memory
FORM = b"text="
_MAX_FAULTS, _MAX_KEY = 10, 80

TEXT = {"type": "string"}
IN_JSON = {"type": "object", "required": ["text"], "properties": {"text": TEXT}, "additionalProperties": False}
BODY = {
    "required": True,
    "description": "The text: as it is, in UTF-8, or as JSON. "
    f"At most {MAX_CHARACTERS:,} characters with {MAX_NUMBERS} numbers.",
    "content": {"text/plain": {"schema": TEXT}, "application/json": {"schema": IN_JSON}},
}


async def read_body(request: Request, read: Callable[[bytes, str], str]) -> str:
    """Return the text that a body holds, which `read` takes from it. Raises Problem."""
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BYTES:
                raise TextTooLong(f"The body has more than {MAX_BYTES:,} bytes. Send the text in parts.")
    except ClientDisconnect:
        raise refuse("The text ended early.") from None
    try:
        text = read(body, request.headers.get("content-type", ""))
    except UnicodeDecodeError:
        raise refuse("The text is not UTF-8. Save it as UTF-8.") from None
    if (length := len(text)) > MAX_CHARACTERS:
        raise TextTooLong(f"The text has {length:,} characters and may have {MAX_CHARACTERS:,}. Send it in parts.")
    if not text.strip():
        raise refuse("There is no text. Send the article as the body.")
    return text


def read_text(body: bytes, content_type: str) -> str:
    """Return a text that is sent as JSON, `{"text": …}`, as it is (which curl calls a form), or as a form's field."""
    kind = content_type.lower()
    if kind.startswith("multipart/"):
        raise refuse("Send the text, and not a form: curl --data-binary @article.txt")
    if kind.startswith("application/x-www-form-urlencoded") and body.startswith(FORM):
        return unquote_plus(body.removeprefix(FORM).decode(), errors="strict")
    if not kind.startswith("application/json"):
        return body.decode()
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise refuse('The body is not JSON. Send {"text": "…"}, or the text itself as text/plain.') from None
    text = document.get("text") if isinstance(document, dict) else None
    if not isinstance(text, str):
        raise refuse('The body has no text. Send {"text": "…"}.')
    if unknown := [key[:_MAX_KEY] for key in document if key != "text"][:_MAX_FAULTS]:
        raise InvalidParameters([_refuse_key(key) for key in unknown])
    return text


def _refuse_key(key: str) -> Fault:
    advice = f" Put {key} into the address: /v1/check?{key}=…" if key in Pinned.model_fields else ""
    detail = f"Unknown key {key!r}. The body takes text.{advice}"
    return Fault(key, "unknown_parameter", detail, allowed=["text"])


def refuse(detail: str) -> Problem:
    return InvalidParameters([Fault("text", "invalid_value", detail)])


@dataclass(frozen=True)
class Compared:
    text: Text
    entries: Sequence[Checked]
    together: Sequence[Together]
    today: Mapping[str, Row]  # figures whose former numbers the text has, as the release has them
    histories: Mapping[str, History]
    names_a_place: bool

    def shown(self, row: Row) -> Row:
        """Return a figure as the release has it; one that has ended, as it last was."""
        return self.today.get(row["id"], row) if row["former"] else row


@router.api_route("/check", methods=["GET", "PUT", "PATCH", "DELETE"], include_in_schema=False)
async def refuse_others() -> None:
    raise PostOnly("Send a text with POST: curl --data-binary @article.txt …/v1/check")


@router.post(
    "/check",
    responses=answers(shapes.CheckAnswer) | declare(TextTooLong),
    dependencies=[JSON_ONLY],
    openapi_extra={"requestBody": BODY},
)
async def check(request: Request, current: TheCurrent) -> Response:
    """Compare each number of an article with the figures that documents print, and say what differs.

    A figure that is found means that a document printed it, not that it is true. The text is not kept.
    """
    compared = await compare_text(current, await read_body(request, read_text))
    return send_document(answer_document(request, current, compared), "no-store")


async def compare_text(current: Current, text: str) -> Compared:
    """Compare a text, if there is a turn for it. Raises Unavailable, InvalidParameters."""
    if TURNS.locked():
        raise Unavailable("Other texts are being compared. Please try again in a few seconds.")
    async with TURNS:
        try:
            return await _compare(current, text)
        except (Problem, DatabaseUnavailable):
            raise
        except Exception as error:  # noqa: BLE001
            place = extract_tb(error.__traceback__)[-1]  # its message may quote the text
            log.error("a comparison failed: %s in %s:%s", type(error).__name__, place.filename, place.lineno)  # noqa: TRY400
            raise Problem("Something went wrong on our side. Please try again later.") from None


async def _compare(current: Current, text: str) -> Compared:
    known, database, release = await current.releases.words(current), current.database, current.release.number
    try:
        read = await to_thread.run_sync(lambda: Text(text, known, datetime.now(UTC).year))
    except TooManyNumbersError:
        raise refuse(f"The text may have {MAX_NUMBERS} numbers and has many more. Send it in parts.") from None
    if (count := len(read.numbers)) > MAX_NUMBERS:
        raise refuse(f"The text has {count} numbers and may have {MAX_NUMBERS}. Send it in parts.")
    order = current.releases.numbers
    earlier = order[: order.index(release)]
    rows = await find_with_numbers(database, current.catalogue, release, earlier, seek(read))
    entries = await to_thread.run_sync(lambda: TextComparison(read, rows).entries())
    further = await find_further(database, release, *seek_further(entries))
    add_asked_years(entries, further)
    together = [*find_pairs(entries, current.catalogue.of_kind("disagreement"))]
    answer_misses(entries, await find_of_places(database, current.catalogue, release, seek_misses(entries)))
    histories = await find_histories(database, {match.row["id"] for one in entries for match, _ in one.figures}, order)
    names_a_place = bool(read.named - {"unstated"})
    return Compared(read, entries, together, {row["id"]: row for row in further}, histories, names_a_place)


def answer_document(request: Request, current: Current, compared: Compared) -> Any:
    catalogue, entries, text = current.catalogue, compared.entries, compared.text
    found = dict.fromkeys(entry.figures[0][0].row["id"] for entry in entries if entry.figures)
    watched = ",".join([*found][:MAX_VALUES])
    published = [source["published"] for source in catalogue.of_kind("source").values() if source.get("published")]
    newest = max(published, default=None)
    meta: shapes.CheckMeta = {
        "numbers": len(entries),
        "matched": sum(bool(entry.figures) for entry in entries),
        "together": [
            {"at": [_place(one, text) for one in numbers], "ids": [*ids], "code": code, "detail": detail}
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
    data = [entry_document(entry, current, compared) for entry in entries]
    watch = f"{current.view.base_url}/changes.atom?id={watched}" if watched else None
    codes = () if compared.names_a_place or not entries else ("no_place",)
    return envelope(request, current, data, meta, warn_of(codes), watch=watch, intake=request.state.contact)


def _is_later(entry: Checked, newest: str) -> bool:
    """Tell whether no figure has a number that the text gives for a year after the newest document."""
    return not entry.figures and any(year.year[:4] > newest[:4] for year in entry.number.years)


def entry_document(entry: Checked, current: Current, compared: Compared) -> shapes.ComparedNumber:
    return {
        "at": _place(entry.number, compared.text),
        "printed": entry.number.printed,
        "value": int(value) if (value := entry.number.value).denominator == 1 and value < 2**53 else float(value),
        "unit": entry.number.unit,
        "figures": [_figure(match.row, found, current, compared) for match, found in entry.figures],
        "near": [{**show(row, shapes.CHECKED_COLUMNS, current.view), "why": why} for row, why in entry.near],
        "sums": [
            {
                "ids": [one["id"], other["id"]],
                "detail": f"{as_printed(one)} + {as_printed(other)}. No document here prints the sum.",
            }
            for one, other in entry.sums
        ],
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


def _figure(row: Row, found: Iterable[Difference], current: Current, compared: Compared) -> shapes.MatchedFigure:
    history = compared.histories.get(row["id"], ())
    standing = find_standing(history, None, row["former"] or current.release.number)
    document = standing_document(standing, compared.histories, current.view)
    return {
        **show(compared.shown(row), shapes.CHECKED_COLUMNS, current.view),
        "standing": document,
        "differences": [
            {"code": one.code, "detail": one.detail, "suggest": one.suggest}
            for one in (*found, *_of_edition(row, standing, document))
        ],
        "notes": [*_notes(row, current.catalogue)],
    }


def _notes(row: Row, catalogue: Catalogue) -> Iterator[str]:
    """Yield the first note of a figure; of deaths, and if there is none, the first limit of its dataset."""
    datasets = catalogue.of_kind("dataset")
    yield from [say_caveat(one, catalogue) for one in row["caveats"][:1]]
    if row["measure"] == "occurred" or not row["caveats"]:
        yield from [limit for one in row["datasets"][:1] for limit in datasets.get(one, {}).get("limits", ())[:1]]


def _of_edition(row: Row, standing: Standing, document: shapes.StandingToday) -> Iterable[Difference]:
    if standing.status in ("revised", "continued", "ended"):
        now = f" It is now {as_printed(standing.today)}." if standing.today else ""
        until = f"{as_printed(row)} was the number until release {row['former']}."
        last = until if row["former"] else "It has changed."
        detail = standing.detail or f"{last}{now} {standing.reason or ''}".strip()
        yield Difference(standing.status, detail, document["print_instead"])


def _place(one: Number | Passed, text: Text) -> str:
    start, end = text.place_as_sent(one)
    return f"char={start},{end}"
