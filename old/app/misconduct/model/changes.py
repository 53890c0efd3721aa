"""What releases changed: a row for each record and change, the same in lists, tables and feeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import citation_url, number
from misconduct.model.kinds import KINDS
from misconduct.model.phrases import name_subject, with_hedge
from misconduct.model.records import Release
from misconduct.model.standing import changed_fields
from misconduct.model.table import OF_THIS_SERVICE, Column, compile_row

ACTIONS = ("added", "revised", "moved", "ended", "removed")

NAMES = ("title", "label", "question", "summary")
"""The fields of a record, other than a figure, that say what it is about."""


class Change(NamedTuple):
    """One record that a release changed, with its content before and after; None where it has none."""

    kind: str
    id: str
    version: int
    action: str
    release: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str | None
    replaced_by: str | None


class Position(NamedTuple):
    """The last change of a page: minus the ordinal of its release, its kind (none for figures), id, version, action."""

    age: int
    kind: str
    id: str
    version: int
    action: str


class Subject(NamedTuple):
    """What changes are of: a record (its kind and id), and figures, by their ids or measures. Nothing: everything."""

    record: tuple[str, str] | None = None
    figures: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether changes of all records are meant."""
        return self == Subject()


def _names(changes: list[Mapping[str, Any]]) -> list[str]:
    return [change["field"] for change in changes]


CHANGE_COLUMNS: tuple[Column, ...] = (
    Column("release", "code", "The release that changed it."),
    Column("released", "date", "UTC day of that release."),
    Column("action", "code", "added, revised, moved (only its place), ended, or removed (by law, from every release)."),
    Column("kind", "code", "Kind of record: observation is a figure."),
    Column("id", "text", "Id of the record."),
    Column("version", "integer", "The version that was added, or that ended."),
    Column("subject", "text", "What it is about, in words.", optional=True),
    Column("changed", "texts", "Fields that differ from the version before.", path="changes", cell=_names),
    Column("value_before", "number", "Value of a figure in the version before.", optional=True),
    Column("value_after", "number", "Value of a figure since.", optional=True),
    Column("reason", "text", "Why it was changed.", optional=True),
    Column("replaced_by", "text", "Id of the record that stands in its stead.", optional=True),
    Column("affects", "texts", "Paths of the datasets, checks and disagreements that include it."),
    Column("cite_as", "text", f"Address of the version that was added, or ended, {OF_THIS_SERVICE}.", optional=True),
    Column("recalled", "text", "Why the release was recalled; empty for the others.", optional=True),
)
"""The columns of a change; its JSON object has the old and new value of each field under `changes`."""

write_row = compile_row(CHANGE_COLUMNS)


def change_document(one: Change, release: Release, catalogue: Catalogue, base_url: str) -> dict[str, Any]:
    """Write a change as a JSON object. `catalogue` is that of the last release that has the record."""
    before, after = one.before, one.after
    return {
        "release": release.number,
        "released": release.released.isoformat(),
        "recalled": release.recalled,
        "action": one.action,
        "kind": one.kind,
        "id": one.id,
        "version": one.version,
        "subject": _subject(one, catalogue),
        "changes": changed_fields(before, after, sorted({*before, *after})) if before and after else [],
        "value_before": number(before.get("value")) if before and one.kind == "observation" else None,
        "value_after": number(after.get("value")) if after and one.kind == "observation" else None,
        "printed_before": _in_words(before) if before and one.kind == "observation" else None,
        "printed_after": _in_words(after) if after and one.kind == "observation" else None,
        "reason": one.reason,
        "replaced_by": one.replaced_by,
        "affects": _affected(one, catalogue),
        "cite_as": _address(one, catalogue.release.number, base_url),
        "page": _page(one, catalogue.release.number, base_url),
    }


def _in_words(figure: Mapping[str, Any]) -> str:
    """Write a figure as it is printed, with its hedge; one that was counted as its number, or why there is none."""
    hedge, printed, value = figure.get("hedge"), figure.get("printed"), number(figure.get("value"))
    if printed:
        return str(printed) if hedge and hedge in printed else with_hedge(hedge, printed)
    return f"no number ({figure.get('value_absent')})" if value is None else f"{value:,}"


def _subject(one: Change, catalogue: Catalogue) -> str | None:
    content = one.after or one.before
    if content is None:
        return None
    if one.kind == "observation":
        return name_subject(content, catalogue)
    return next(filter(None, map(content.get, NAMES)), None)


def _affected(one: Change, catalogue: Catalogue) -> list[str]:
    """List the paths of the datasets, checks and disagreements that include a changed observation."""
    measures = [str(version.get("measure")) for version in (one.after, one.before) if version]
    slugs = dict.fromkeys(slug for measure in measures for slug in catalogue.datasets_of.get(measure, ()))
    return [
        *(f"datasets/{slug}" for slug in slugs),
        *(f"checks/{check['id']}" for check in catalogue.checks_of.get(one.id, [])),
        *(f"disagreements/{slug}" for slug in catalogue.disagreements_of.get(one.id, ())),
    ]


def _address(one: Change, release: str, base_url: str) -> str | None:
    """Return the address of the version in the last release that has it; None if it is gone, or has no address."""
    if one.action == "removed":
        return None
    if one.kind == "observation":
        return citation_url(base_url, one.id, release)
    path = KINDS[one.kind].path
    if path is None:
        return None
    name = one.id.partition("/")[0] if one.kind == "code" else one.id
    return f"{base_url}/v1/{path}/{name}" + ("" if one.kind == "release" else f"?release={release}")


def _page(one: Change, release: str, base_url: str) -> str | None:
    """Return the address of the page that shows the record; that of a figure also says whether it still stands."""
    words = KINDS[one.kind].words if one.kind in KINDS else None
    if one.action == "removed":
        return None
    if one.kind in ("observation", "release"):
        return f"{base_url}/{one.kind}s/{one.id}"
    if one.kind == "code":
        return f"{base_url}/codelists/{one.id.replace('/', f'?release={release}#', 1)}"
    return f"{base_url}/{KINDS[one.kind].path}/{one.id}?release={release}" if words and words.title else None
