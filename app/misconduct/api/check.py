"""Compare a text with the register. Nothing of the text is kept: it is in no log, cache, file or query."""

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request, Response

from misconduct.api.answers import (
    JSON_ONLY,
    about_release,
    answers,
    envelope,
    send_document,
)
from misconduct.api.changes import standing_document
from misconduct.api.current import Current, find_current
from misconduct.api.parameters import OfText, from_query
from misconduct.api.problems import Problem, TextTooLong, declare
from misconduct.api.received import (
    BODY,
    MAX_CHARACTERS,
    MAX_NUMBERS,
    Received,
    read_body,
    read_text,
    refuse,
    refuse_length,
    refuse_unread,
)
from misconduct.api.turns import CLASSES
from misconduct.api.values import MAX_VALUES
from misconduct.article import steps
from misconduct.article.fields import Comparison
from misconduct.article.steps import Findings, FoundNumber
from misconduct.errors import DatabaseUnavailable, TooBusy
from misconduct.model import shapes
from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import ReleaseView, show
from misconduct.model.figure import TABLE_COLUMNS, Row
from misconduct.model.standing import find_standing
from misconduct.model.versions import History
from misconduct.model.warnings import warn_of
from misconduct.model.wording import (
    say_caveat,
)
from misconduct.processes import Process, Processes, say_failure
from misconduct.queries.figures import find_figures
from misconduct.queries.numbers import find_known, find_with_numbers
from misconduct.queries.versions import find_histories

log = logging.getLogger(__name__)

router = APIRouter(prefix="/v1", tags=["figures"])

COMPARING_SECONDS, LEARNING_SECONDS = 4.0, 8.0
LATE = "Comparing this text took too long and was ended. Please try again in a few seconds, or send it in parts."


@dataclass(frozen=True)
class Compared:
    found: Findings
    today: Mapping[
        str, Row
    ]  # figures whose former numbers the text has, as the release has them
    histories: Mapping[str, History]
    warned_of: Collection[str]
    newest: ReleaseView

    def shown(self, row: Row) -> Row:
        """Return a figure as the release has it; one that has ended, as it last was."""
        return self.today.get(row["id"], row) if row["former"] else row


@router.api_route(
    "/check", methods=["GET", "PUT", "PATCH", "DELETE"], include_in_schema=False
)
async def refuse_others() -> None:
    raise HTTPException(405)


@router.post(
    "/check",
    responses=answers(shapes.CheckAnswer) | declare(TextTooLong),
    dependencies=[JSON_ONLY],
    openapi_extra={"requestBody": BODY},
)
async def check(
    request: Request, query: Annotated[OfText, from_query(OfText)]
) -> Response:
    """Compare each number of an article with the figures that documents print, and say what differs.

    A figure that is found means that a document printed it, not that it is true. The text is not kept.

    For a fact-checker.
    """
    current, received = (
        await find_current(request, query),
        await read_body(request, read_text),
    )
    compared = await compare_text(request, current, received, query.published)
    return send_document(answer_document(request, current, compared), "no-store")


async def compare_text(
    request: Request,
    current: Current,
    received: Received,
    published: date | None = None,
) -> Compared:
    """Compare a text. Raises TooBusy, InvalidParameters, TextTooLong."""
    texts: Processes = request.state.texts
    refuse_unread(received)
    try:
        async with texts.lent() as process:
            found = await _find(
                process, current, received, published or datetime.now(UTC).date()
            )
        return await _complete(current, received, found)
    except (Problem, TooBusy, DatabaseUnavailable):
        raise
    except Exception as error:  # noqa: BLE001
        log.error("a comparison failed: %s", say_failure(error))  # noqa: TRY400 (its message may quote the text)
        raise Problem(
            "Something went wrong on our side. Please try again later."
        ) from None


def open_processes() -> Processes:
    """Start the processes that compare texts."""
    processes = Processes(CLASSES["comparison"].turns, LATE)
    processes.start(steps.knows, None)
    return processes


async def _find(
    process: Process, current: Current, received: Received, today: date
) -> Findings:
    """Have a process compare a text with the figures that it asks for."""
    tables, catalogue = current.tables, current.catalogue
    newest, left = current.releases.find(), COMPARING_SECONDS
    words = (current.release.digest, newest.digest)
    if not (await process.do(COMPARING_SECONDS, steps.knows, words))[1]:
        lists = (
            await current.releases.catalogue()
        ).codelists  # words mean what they mean in the newest release
        said = await find_known(tables)
        await process.do(
            LEARNING_SECONDS, steps.learn, words, catalogue.records, lists, *said
        )
    left, read = await process.do(
        left,
        steps.read,
        received.text,
        received.read,
        words,
        str(today),
        MAX_CHARACTERS,
        MAX_NUMBERS,
    )
    refuse_length(read.characters)
    if read.sought is None:
        raise refuse(
            f"The text has {read.numbers:,} numbers and may have {MAX_NUMBERS}. Send it in parts."
        )
    rows = await find_with_numbers(
        tables, catalogue, read.sought, current.releases.numbers
    )
    return (await process.do(left, steps.compare, rows))[1]


async def _complete(current: Current, received: Received, found: Findings) -> Compared:
    """Add what has become of the figures that were found."""
    newest, order = current.releases.newest, current.releases.numbers
    rows = [figure.row for one in found.numbers for figure in one.figures]
    former = {row["id"] for row in rows if row["former"]}
    histories = await find_histories(newest, {row["id"] for row in rows}, order)
    no_place = ["no_place"] if found.numbers and not found.has_place else []
    return Compared(
        found,
        {
            row["id"]: row
            for row in await find_figures(current.tables, former, TABLE_COLUMNS)
        },
        histories,
        [*received.warned_of, *no_place],
        (await current.releases.current()).view,
    )


def answer_document(request: Request, current: Current, compared: Compared) -> Any:
    catalogue, entries = current.catalogue, compared.found.numbers
    likeliest = dict.fromkeys(
        entry.figures[0].row["id"] for entry in entries if entry.figures
    )
    watched = ",".join([*likeliest][:MAX_VALUES])
    days = [
        source["published"]
        for source in catalogue.of_kind("source").values()
        if source.get("published")
    ]
    data = [entry_document(entry, current, compared) for entry in entries]
    meta: shapes.CheckMeta = {
        "numbers": len(entries),
        "matched": sum(bool(entry.figures) for entry in entries),
        "together": [*_together(compared.found)],
        "passed_over": [
            {"at": _place(one.at), "printed": one.printed, "reason": one.reason}
            for one in compared.found.passed
        ],
        "newest_document": max(days, default=None),
        **about_release(current),
    }
    watch = f"{current.view.base_url}/changes.atom?id={watched}" if watched else None
    warnings, intake = warn_of(compared.warned_of), request.state.contact
    return envelope(request, current, data, meta, warnings, watch=watch, intake=intake)


def _together(found: Findings) -> Iterator[shapes.NumbersTogether]:
    """Yield numbers that do not go together as the text says."""
    for detail, numbers, ids in found.together:
        yield {
            "at": [_place(found.numbers[place].at) for place in numbers],
            "ids": [*ids],
            "code": "other_relation",
            "detail": detail,
        }


def entry_document(
    entry: FoundNumber, current: Current, compared: Compared
) -> shapes.ComparedNumber:
    return {
        "at": _place(entry.at),
        "printed": entry.printed,
        "value": int(value)
        if (value := entry.value).denominator == 1 and value < 2**53
        else float(value),
        "unit": entry.unit,
        "figures": [_figure(figure, current, compared) for figure in entry.figures],
        "near": [
            {**show(row, shapes.CHECKED_COLUMNS, current.view), "why": why}
            for row, why in entry.near
        ],
    }


def _figure(
    figure: Comparison, current: Current, compared: Compared
) -> shapes.MatchedFigure:
    row = figure.row
    history = compared.histories.get(row["id"], ())
    standing = find_standing(history, None, row["former"] or current.release.number)
    document = standing_document(standing, compared.histories, compared.newest)
    return {
        **show(compared.shown(row), shapes.CHECKED_COLUMNS, current.view),
        "standing": document,
        "compared": [
            {
                "field": name,
                "sentence": reading.sentence,
                "source": reading.source,
                "result": reading.result,
            }
            for name, reading in figure.fields()
        ],
        "differences": [
            {"code": one.code, "detail": one.detail} for one in figure.differences
        ],
        "notes": [*_notes(row, current.catalogue)],
    }


def _notes(row: Row, catalogue: Catalogue) -> Iterator[str]:
    """Yield the first note of a figure; of deaths, and if there is none, the first limit of its dataset."""
    datasets = catalogue.of_kind("dataset")
    yield from [say_caveat(one, catalogue) for one in row["caveats"][:1]]
    if row["measure"] == "occurred" or not row["caveats"]:
        yield from [
            limit
            for one in row["datasets"][:1]
            for limit in datasets.get(one, {}).get("limits", ())[:1]
        ]


def _place(at: tuple[int, int]) -> str:
    return "char={},{}".format(*at)
