"""How figures that somebody printed stand today: whether this register has changed them, and how."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from misconduct.api.answers import TABLE_TYPES, ChosenFormat, about_rows, answers, link, send_json, send_table
from misconduct.api.current import Current, TheReleases
from misconduct.api.parameters import StandingOf, read_citation
from misconduct.formats import FORMATS
from misconduct.model.documents import ReleaseView, labelled, shown
from misconduct.model.figure import TABLE_COLUMNS, Row
from misconduct.model.shapes import CitedFigure, StandingListAnswer, StandingToday
from misconduct.model.standing import Standing, find_standing, is_number_of
from misconduct.model.versions import History
from misconduct.model.wording import NO_NUMBER, as_printed, capitalise, dates_in_words, describe_figure
from misconduct.queries.figures import find_figures
from misconduct.queries.versions import NO_HISTORY, find_histories

router = APIRouter(prefix="/v1", tags=["figures"])

PRINTED = ("printed", "value", "hedge", "period")  # the columns whose change makes people print something else


@router.get("/standing", responses=answers(StandingListAnswer, *TABLE_TYPES))
async def list_standing(
    request: Request, query: Annotated[StandingOf, Query()], suffix: ChosenFormat, releases: TheReleases
) -> Response:
    """Tell whether this register has changed figures that you printed, and what to print instead.

    `release` or `as_of` says which release you took them from; otherwise it may be any.
    """
    cited_from = releases.find(query.release, query.as_of).number if query.release or query.as_of else None
    current = await releases.current(releases.find())  # the answer is about today
    view, cited, numbers = current.view, [*map(read_citation, query.cited)], releases.numbers
    histories = await find_histories(releases.database, {figure.id for figure in cited}, numbers)
    rows: list[CitedFigure] = []
    for figure in cited:
        release = releases.find(figure.release).number if figure.release else cited_from
        standing = find_standing(histories.get(figure.id, NO_HISTORY), figure.number, release)
        if standing.status == "unknown" and figure.number and standing.today:
            detail = await _explain_unknown(figure.number, standing.today, release, current)
            standing = standing._replace(detail=detail)
        rows.append({"id": figure.id, "cited": figure.number, **standing_document(standing, histories, view)})
    if suffix in FORMATS:
        cells = [[*(row | {"status": row["status"]["code"], "changed": [*row["changed"]]}).values()] for row in rows]
        return send_table(list(rows[0]), cells, "standing", current)
    return send_json(
        request, current, rows, about_rows(current, len(rows)), pinned=None, csv=link(request, suffix=".csv")
    )


async def _explain_unknown(number: str, today: Row, release: str | None, current: Current) -> str:
    """Say what a figure says that never had a number, and which one beside it in a disagreement has that number."""
    groups = current.catalogue.of_kind("disagreement").values()
    beside = {one for group in groups if today["id"] in group["members"] for one in group["members"]} - {today["id"]}
    rows = await find_figures(current.database, current.release.number, beside, TABLE_COLUMNS)
    having = [row for row in rows if is_number_of(row, number)]
    until = f" up to {release}" if release else ""
    typed = f"{int(number):,}" if re.fullmatch(r"\d{1,15}", number, re.ASCII) else number[:40]
    detail = f"No release{until} gives {typed} for {today['id']}, which says {as_printed(today, NO_NUMBER)}."
    for row in sorted(having, key=lambda row: (row["repeats"] is not None, row["id"]))[:1]:
        aside = f" is {row['id']}"
        detail += f" {capitalise(describe_figure(row, current.catalogue, aside))}."
    return detail


def standing_document(standing: Standing, histories: Mapping[str, History], view: ReleaseView) -> StandingToday:
    """Return how a figure stands, with the figure as it is today, or the one that takes its place.

    `histories` has the history of that one, too.
    """
    replacement = histories.get(standing.replaced_by or "", NO_HISTORY)
    today: Any = standing.today or find_standing(replacement).today
    is_other = standing.status in ("revised", "ended") and not standing.detail
    is_printed_otherwise = standing.replaced_by or {*PRINTED}.intersection(standing.changed)
    return {
        "status": labelled("standing", standing.status, view.catalogue),
        "since": standing.since,
        "changed": [*standing.changed],
        "reason": standing.reason,
        "printed": today and today["printed"],
        "hedge": today and today["hedge"],
        "value": today and shown("value", today["value"], view.catalogue),
        "print_instead": _write_instead(today, standing) if today and is_other and is_printed_otherwise else None,
        "replaced_by": standing.replaced_by,
        "url": today and f"{view.base_url}/v1/observations/{today['id']}",
        "detail": standing.detail,
        "corrections": [one["id"] for one in view.catalogue.corrections.get(today["id"], ())] if today else [],
    }


def _write_instead(today: Row, standing: Standing) -> str:
    """Return the number to print, with its period if that has changed."""
    number, has_period = as_printed(today), "period" in standing.changed and today["period"]
    return f"{number} ({dates_in_words(today['period'])})" if has_period else number
