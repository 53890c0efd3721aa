"""Say in words what a picture draws: its title, names, notes, source and origin."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from urllib.parse import unquote

from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.places import leave_out_places, name_places, split_sentences
from misconduct.model.wording import (
    capitalise,
    date_in_words,
    join,
    lower,
    say_in_short,
)
from misconduct.pictures.drawing import (
    Annotation,
    Drawing,
    is_provisional,
)
from misconduct.pictures.form import (
    Choice,
    add_up,
    find_moment,
    find_whole,
    group_series,
    is_always_zero,
    take_newest,
)
from misconduct.pictures.slots import (
    NOTHING,
    OTHERWISE,
    join_gaps,
    leave_out_year,
    make_slots,
)

REGISTER, LICENCE = "Misconduct Register", "CC BY 4.0"
MOST_NOTES = 3  # also with what a figure's picture says of a revision
MOST_MARKS = {"bars": 45, "table": 16}
"""Bars, as many as there are police forces in England and Wales, or rows of a table, unless an editor chose them."""

MOST_PUBLISHERS = 3  # that a source line names
MOST_TOLD = 3  # rows that a note tells one by one
COPIED = " (on "  # before the site on which a body's own text was read
ROUTINE = "read_in_part"
"""A caveat of most articles, which says nothing about a number."""

PARTS = {"no total is held", "a total is held only of another time"}
ALSO, DISAGREES = "also printed: ", " (disagrees)"
"""What the table's column `note` says of a row beside its caveat."""

PROVING = ("proof", "wrong", "unlawful", "is alleged", "decides nothing", "finding")
"""Words by which a sentence says what figures do not prove."""


@dataclass(frozen=True)
class Said:
    """What an editor or a request says of a picture; what is empty is said from its rows.

    `total` is how many rows the table at the same address has, and `totals` are what is held of all where rows are of
    a part. `lacking` says what was asked and is not held. An editor's rows are drawn all.
    """

    address: str
    title: str = ""
    subtitle: str = ""
    note: str = ""
    alt: str = ""
    whole: Row | None = None
    highlight: Collection[str] = ()
    annotation: Annotation | None = None
    absent: Sequence[tuple[str, str]] = ()
    elsewhere: Mapping[int, str] = field(default_factory=dict)
    against: Mapping[str, Row] = field(default_factory=dict)
    total: int = 0
    totals: Sequence[Row] = ()
    lacking: Sequence[str] = ()
    has_all: bool = False


def say_chart(
    record: Content, address: str, rows: Mapping[str, Row]
) -> tuple[list[Row], Said]:
    """Return the rows of a registered chart, in its order, and what its editor says of them."""
    drawn = [rows[figure] for figure in record["ids"] if figure in rows]
    note = record.get("annotation")
    said = Said(
        address,
        title=record["title"],
        subtitle=record.get("subtitle") or "",
        note=record.get("note") or "",
        alt=record.get("alt") or "",
        highlight=record.get("highlight") or (),
        annotation=Annotation(note["at"], note["text"]) if note else None,
        whole=rows.get(record.get("against") or ""),
        total=len(drawn),
        has_all=True,
    )
    return drawn, said


def compose(choice: Choice, said: Said, view: ReleaseView) -> Drawing:
    """Return what a picture draws, with all its words."""
    rows, catalogue = sort_rows(choice, said), view.catalogue
    has_notes = choice.form == "table" and not said.title
    names = name_rows(rows)
    if choice.form == "table" and len(group_series(rows)) == 1:
        names = {row["id"]: capitalise(row["time"]) for row in rows}
    drawing = Drawing(
        choice.form,
        rows,
        names,
        said.title or make_title(choice, catalogue),
        said.subtitle or make_subtitle(choice, rows, said),
        highlight=said.highlight or choose_highlight(choice, rows),
        annotation=said.annotation,
        absent=said.absent,
        elsewhere=said.elsewhere,
        against={} if _are_sizes(rows, said) else said.against,
        whole=choice.whole or said.whole,
        beside=choice.beside,
        row_notes=_find_row_notes(rows, catalogue) if has_notes else {},
        has_finding=bool(said.title),
        written=said.alt,
        source=name_source(rows),
        register=f"{REGISTER}, release {view.release}, {LICENCE}. {shorten(said.address)}",
    )
    return _add_notes(drawing, said, view)


def _add_notes(drawing: Drawing, said: Said, view: ReleaseView) -> Drawing:
    """Add the notes, of which one that forbids the comparison stands above the figures, and the origin."""
    catalogue = view.catalogue
    caveat, is_above = "", False
    if not said.note:
        caveat, is_above = find_caveat(drawing, catalogue)
    others = _tell_others(drawing, said)
    proof = said.note or find_proof(drawing.rows, catalogue)
    limits = " ".join(filter(None, [proof, caveat]))
    if is_above and drawing.has_head:
        subtitle = f"{drawing.subtitle}. {caveat}".removeprefix(". ")
        drawing, caveat = replace(drawing, subtitle=subtitle), ""
    marks = " ".join(
        [*others, *_say_annotation(drawing), *explain_marks(drawing, said)]
    )
    notes = [*dict.fromkeys(filter(None, (marks, proof, caveat)))]
    metadata = list_metadata(drawing, said, view)
    return replace(drawing, notes=notes, limits=limits, metadata=metadata)


def _are_sizes(rows: Sequence[Row], said: Said) -> bool:
    """Tell whether rows are themselves the sizes by which places are sorted."""
    sizes = {size["id"] for size in said.against.values()}
    return any(row["id"] in sizes for row in rows)


def sort_rows(choice: Choice, said: Said) -> list[Row]:
    """Return the rows that are drawn. Bars are in the order of the sizes of forces, or of kinds the largest first."""
    rows = [*choice.rows]
    if choice.form not in MOST_MARKS:
        return rows
    most = len(rows) if said.has_all else MOST_MARKS[choice.form]
    if choice.form == "table":
        return _take_largest(rows, most)
    if len({row["area_code"] for row in rows}) > 1:
        sizes = {area: -size["value"] for area, size in said.against.items()}
        rows.sort(key=lambda row: sizes.get(row["area_code"], 0))
        return rows[:most] if sizes else _take_largest(rows, most)
    if said.has_all:
        return rows

    def rank(row: Row) -> tuple[bool, bool, float]:
        is_other = row["category"].startswith("other") or row["kind"].startswith(
            "other"
        )
        return is_other, row["value"] is None, -float(row["value"] or 0)

    return sorted(rows, key=rank)[:most]


def _take_largest(rows: Sequence[Row], most: int) -> list[Row]:
    """Return all rows; of more than there is room for the largest numbers."""
    if len(rows) <= most:
        return [*rows]
    return sorted(rows, key=lambda row: row["value"] or -1, reverse=True)[:most]


def choose_highlight(choice: Choice, rows: Sequence[Row]) -> list[str]:
    """Return the row that stands out unless an editor names one: the newest column, the first line."""
    if choice.form == "columns":
        whole = [row for row in rows if row["coverage"] != "part"]
        numbers = [row for row in whole or rows if row["value"] is not None]
        newest = [row for row in numbers if row["latest"]]
        return [(newest or numbers or [*rows])[-1]["id"]]
    if choice.form == "lines":
        return [take_newest(rows)[0]["id"]]
    return []


def name_rows(rows: Sequence[Row]) -> dict[str, str]:
    """Return what tells each row from the others: its place, its kind, what it counts; or else what it counts.

    What all rows count stands above the figures.
    """
    shared = find_shared(rows)
    has_places = len({row["area_code"] for row in rows}) > 1
    found = dict[str, str]()
    for row in rows:
        own = ", ".join(part for part in split_name(row) if part not in shared)
        parts = [row["area"]] if has_places else []
        if own:
            parts.append(lower(own) if has_places else capitalise(own))
        found[row["id"]] = ", ".join(parts) or row["name"]
    return found


def split_name(row: Row) -> list[str]:
    """Return the parts of a row's name: what is counted, which is never cut, its scope, its kind, and what follows."""
    name = row["name"]
    cuts = {0, len(name)}
    for mark in (f", {row['scope']}", f": {row['kind']}"):
        place = name.find(mark)
        if place > 0:
            cuts |= {place, place + len(mark)}
    parts = [name[first:last].lstrip(",: ") for first, last in pairwise(sorted(cuts))]
    return [part for part in parts if part]


def find_shared(rows: Sequence[Row]) -> list[str]:
    """Return the parts that the names of all rows have, and the first part also if most begin with it."""
    several = [split_name(row) for row in rows]
    first, times = Counter(parts[0] for parts in several).most_common(1)[0]
    in_all = set[str].intersection(*map(set, several))
    if 2 * times > len(several):
        in_all.add(first)
    return [part for part in [first, *several[0][1:]] if part in in_all]


def _name_all(rows: Sequence[Row]) -> str:
    """Return what rows count, if most begin with the same: their one name, or the parts that they share."""
    names = {row["name"] for row in rows}
    if len(names) == 1:
        return str(names.pop())
    shared = find_shared(rows)
    beginnings = {split_name(row)[0] for row in rows}
    return ", ".join(shared) if beginnings.intersection(shared) else ""


def make_title(choice: Choice, catalogue: Catalogue) -> str:
    """Return a title: what is counted, where and when. Of one number it begins with the number."""
    rows = choice.rows
    first = rows[0]
    if choice.form == "number" and not is_always_zero(rows):
        return str(first["sentence"]).rpartition(" (")[0] or str(first["sentence"])
    labels = {catalogue.label("indicator", row["indicator"]): None for row in rows}
    what = _name_all(rows) or join([*labels][:MOST_TOLD])
    kinds = {row["kind"] for row in rows}
    areas = [*dict.fromkeys(row["area_code"] for row in rows)]
    is_by_kind = len(kinds) > 1 and len(labels) == len(areas) == 1
    by_kind = ", by kind" if is_by_kind else ""
    where = name_places(areas, catalogue)
    return ", ".join(
        filter(None, (f"{what}{by_kind}", where, _name_times(choice, rows)))
    )


def _name_times(choice: Choice, rows: Sequence[Row]) -> str:
    if choice.form in ("bars", "table"):
        times = {row["time"] for row in rows}
        return str(times.pop()) if len(times) == 1 else ""
    labels = dict[float, str]()
    for series in group_series(rows):
        slots = make_slots(series)
        labels |= {find_moment(slot.row): slot.label for slot in slots if slot.row}
    first, last = labels[min(labels)], labels[max(labels)]
    return first if first == last else f"{first} to {last}"


def make_subtitle(choice: Choice, rows: Sequence[Row], said: Said) -> str:
    """Return what the numbers are of, and which days their years have."""
    parts = list[str]()
    first = rows[0]
    if first["statistic"] != "count" and choice.form != "table":
        parts.append(_say_unit(first))
    if choice.form in ("columns", "lines"):
        parts.append(_say_years(rows))
    is_of_times = len({row["time"] for row in rows}) > 1
    if choice.form == "table" and is_of_times and len(group_series(rows)) > 1:
        parts.append("The newest number of each; the times differ")
    if len(rows) < len(choice.rows):
        parts.append(f"{len(rows)} of {len(choice.rows)} rows, the largest numbers")
    if len({row["people"] for row in rows}) > 1:
        parts.append("The rows differ in whom they count")
    parts.append(_say_part(rows, said))
    if choice.whole:
        parts.append(f"{choice.whole['shown']} in all")
    if said.against and not _are_sizes(rows, said):
        day = next(iter(said.against.values()))["time"]
        parts.append(f"In grey, officers in full-time posts, {day}")
    return ". ".join(filter(None, parts))


def _say_unit(row: Row) -> str:
    """Say what a share, a rate or a change is of."""
    if row["statistic"] == "rate":
        return f"Per {row['base']}"
    return ", ".join(filter(None, (capitalise(row["unit"]), row["base"])))


def _say_part(rows: Sequence[Row], said: Said) -> str:
    """Say that all rows are of a part, and what is held of all."""
    first, *others = [{*_facts_of(row)} for row in rows]
    shared = first.intersection(PARTS, *others)
    held = [f"{row['shown']} ({row['time']})" for row in said.totals[:MOST_TOLD]]
    about = f": {', '.join(held)}" if held else ""
    return "".join(f"Only a part: {words}{about}" for words in shared)


def _facts_of(row: Row) -> list[str]:
    """Return what the table says of how a row stands to others, beside its caveat."""
    return (row["note"] or "").split("; ")


def _say_years(rows: Iterable[Row]) -> str:
    """Say from which day to which day the years of rows last."""
    spans = {
        (f"{row['period_start']:%-d %B}", f"{row['period_end']:%-d %B}")
        for row in rows
        if row["coverage"] == "whole"
    }
    if len(spans) == 1:
        first, last = spans.pop()
        return f"Years from {first} to {last.replace('29 February', '28 February')}"
    if any(row["coverage"] == "point" for row in rows):
        days = {leave_out_year(row["time"]) for row in rows}
        day = days.pop()
        if days:
            return "Each on one day"
        return f"On {day}" if day[:1].isdigit() else capitalise(day)
    return ""


def _say_annotation(drawing: Drawing) -> list[str]:
    """Return the words of an annotation where they do not stand at their figure."""
    note = drawing.annotation
    has_room = drawing.form == "columns"
    return [f"{capitalise(note.text)}."] if note and not has_room else []


def explain_marks(drawing: Drawing, said: Said) -> list[str]:
    """Say what dashes and words in the place of numbers mean, and how many rows are not drawn."""
    rows = drawing.rows
    notes = [*said.lacking]
    if drawing.form == "number" and not said.note:
        notes += _tell_number(drawing, said)
    if (whole := find_whole(drawing.all_rows)) and whole["value"]:
        notes += _tell_sum(drawing.all_rows, whole)
    if drawing.form in ("columns", "lines", "bars"):
        parts = [row for row in rows if row["coverage"] == "part"]
        notes += _tell_dashed("only", parts)
        notes += _tell_dashed("provisional,", [*filter(is_provisional, rows)])
    if drawing.form in ("columns", "lines"):
        notes += _tell_words(drawing)
    if drawing.form == "columns":
        notes += _tell_gaps(drawing, said)
    if drawing.form == "bars" and len({row["area_code"] for row in rows}) > 1:
        notes.append("Not ranked: places differ in size and in what they record.")
    notes += _tell_beside(drawing.beside)
    if drawing.form not in ("bars", "table"):
        notes += [f"{name}: {words}." for name, words in drawing.absent[:MOST_TOLD]]
    return notes + _tell_left_out(said.total - len(drawing.ids))


def _tell_beside(rows: Sequence[Row]) -> list[str]:
    """Tell the places that count something else than the bars."""
    told = [f"{row['area']}, {_say_limit(row)}, {row['shown']}" for row in rows]
    return [f"Not on this scale: {'; '.join(told)}."] if told else []


def _tell_left_out(number: int) -> list[str]:
    """Say how many rows of the table are not drawn."""
    more = "row" if number == 1 else "rows"
    return [f"Not drawn: {number:,} more {more} of the table."] if number > 0 else []


def _tell_number(drawing: Drawing, said: Said) -> list[str]:
    """Say of a number, which has no subtitle, that it is of a part, and that it may change."""
    part = _say_part(drawing.rows[:1], said)
    told = [f"{part}."] if part else []
    times = [row["time"] for row in drawing.rows if is_provisional(row)]
    return [*told, f"Provisional: {join(times)}."] if times else told


def _tell_sum(rows: Sequence[Row], whole: Row) -> list[str]:
    """Say how much of a whole the kinds of it are."""
    drawn = add_up(rows, whole)
    if drawn == whole["value"]:
        return []
    if drawn > whole["value"]:
        return [f"The kinds add up to more than {whole['shown']}: some are of several."]
    return [f"The kinds drawn add up to {drawn:,} of {whole['shown']}."]


def _tell_others(drawing: Drawing, said: Said) -> list[str]:
    """Tell what else is printed for a drawn row by a source that disagrees, unless an editor names it."""
    told = list[str]()
    for row in drawing.rows:
        for fact in _facts_of(row):
            numbers = fact.removeprefix(ALSO)
            if fact == numbers or DISAGREES not in fact:
                continue
            numbers = numbers.replace(DISAGREES, "")
            if numbers not in f"{said.note} {said.subtitle} {drawing.annotation}":
                name = _name_in_note(drawing, row)
                told.append(f"{name}: other sources print {numbers}.")
    return told[:MOST_TOLD]


def _say_limit(row: Row) -> str:
    """Say what a row counts beside others: its scope, or its kind."""
    return str(row["kind"] if row["scope"] == "all" else row["scope"])


def _tell_dashed(words: str, rows: Sequence[Row]) -> list[str]:
    times = [*dict.fromkeys(row["time"] for row in rows)]
    return [f"Dashed: {words} {join(times[:MOST_TOLD])}."] if times else []


def _tell_words(drawing: Drawing) -> list[str]:
    """Tell numbers with a hedge, and rows without a number."""
    told = [
        f"{capitalise(row['time'])}: {row['shown'][:1].lower()}{row['shown'][1:]}."
        for row in drawing.rows
        if row["value"] is None or row["hedge"]
    ]
    if len(told) > MOST_TOLD:
        more = len(told) - MOST_TOLD
        told = [*told[:MOST_TOLD], f"{more} more are not exact counts either."]
    return told


def _tell_gaps(drawing: Drawing, said: Said) -> list[str]:
    """Tell the years between columns of which nothing is held, unless an editor does, and what is counted otherwise."""
    slots = make_slots(drawing.rows, drawing.elsewhere)
    gaps = [" to ".join(ends) for words, ends in join_gaps(slots) if words == NOTHING]
    told = [f"Grey: {NOTHING} of {join(gaps)}."] if gaps and not said.note else []
    years = [slot.label for slot in slots if slot.words == OTHERWISE]
    held = [words for _, words in sorted(drawing.elsewhere.items())]
    pairs = zip(held, years, strict=True)
    others = [f"{words} in {year}" for words, year in pairs]
    if others:
        told.append(f"Counted otherwise and not drawn: {'; '.join(others)}.")
    return told


def find_proof(rows: Sequence[Row], catalogue: Catalogue) -> str:
    """Return what figures do not prove: a sentence of the definition of what they count, or the limit of its topic."""
    record = catalogue.of_kind("indicator").get(rows[0]["indicator"], {})
    areas = {row["area_code"] for row in rows}
    definition = leave_out_places(record.get("definition", ""), areas, catalogue)
    for sentence in split_sentences(definition):
        if any(word in sentence for word in PROVING):
            return sentence
    topic = catalogue.of_kind("dataset").get(record.get("topic", ""), {})
    limits = [
        limit
        for limit in topic.get("limits", ())
        if any(word in limit for word in PROVING)
    ]
    return limits[0] if limits else ""


def _find_row_notes(rows: Sequence[Row], catalogue: Catalogue) -> dict[str, str]:
    """Return what a table says of single rows: facts, which begin with a small letter, and a caveat of one row alone.

    What others have, too, stands below it; a disagreement with what is not in the picture, nowhere.
    """
    several = _group_by_note(rows).values()
    shared = {row["id"] for having in several if having[1:] for row in having}
    records = catalogue.of_kind("disagreement").values()
    warnings = {(record.get("warning") or "").rstrip(".") for record in records}
    found = dict[str, str]()
    for row in rows:
        told = [
            fact
            for fact in _facts_of(row)
            if fact[:1].islower() or (row["id"] not in shared and fact not in warnings)
        ]
        if any(told):
            found[row["id"]] = f"{capitalise('; '.join(told))}."
    return found


def find_caveat(drawing: Drawing, catalogue: Catalogue) -> tuple[str, bool]:
    """Return the gravest note on the rows, and whether it keeps them from being compared.

    That is a disagreement, then what a body replied, then what most rows have.
    """
    having = _group_by_note(drawing.rows)
    caveats = catalogue.of_kind("caveat")
    for note in _find_undrawn(drawing.rows, catalogue):
        having.pop(note, None)

    def rank(note: str) -> tuple[bool, bool, int, str]:
        replied = caveats.get(note, {}).get("reply_by")
        return note in caveats, not replied, -len(having[note]), note

    areas = {row["area_code"] for row in drawing.rows}
    for note in sorted(having, key=rank):
        text = say_in_short(note, catalogue) or catalogue.fact("warning", note) or ""
        text = leave_out_places(text, areas, catalogue)
        is_of_one = len(having[note]) == 1 < len(drawing.rows)
        is_told = is_of_one and having[note][0]["id"] in drawing.row_notes
        if not text or is_told:
            continue
        text = _end(text)
        if is_of_one:
            text = f"{_name_in_note(drawing, having[note][0])}: {text}"
        return text, note not in caveats and not is_of_one
    return "", False


def _end(text: str) -> str:
    """Return a sentence with its full stop."""
    return text if text.endswith((".", "?", "!", "”")) else f"{text}."


def _find_undrawn(rows: Sequence[Row], catalogue: Catalogue) -> list[str]:
    """Return the disagreements of which not two members are among several rows: they name what is not drawn."""
    drawn = {row["id"] for row in rows}
    return [
        note
        for note, record in catalogue.of_kind("disagreement").items()
        if len(drawn) > 1 and len(drawn.intersection(record["members"])) < 2
    ]


def _group_by_note(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found = defaultdict[str, list[Row]](list)
    for row in rows:
        for note in (row["note_ids"] or "").split():
            found[note].append(row)
    found.pop(ROUTINE, None)
    return found


def _name_in_note(drawing: Drawing, row: Row) -> str:
    if drawing.form in ("columns", "number"):
        return capitalise(str(row["time"]))
    return drawing.names[row["id"]]


def name_source(rows: Sequence[Row]) -> str:
    """Return who published the rows, and when if it was one document."""
    names = [row["publisher"].partition(COPIED)[0] for row in rows]
    publishers = [*dict.fromkeys(names)]
    days = {row["published"] for row in rows}
    named = publishers[:MOST_PUBLISHERS]
    if len(publishers) > MOST_PUBLISHERS:
        named.append(f"{len(publishers) - MOST_PUBLISHERS} more publishers")
    day = next(iter(days)) if len(days) == 1 else None
    when = f", {date_in_words(day)}" if day else ""
    return f"Source: {'; '.join(named)}{when}"


def shorten(address: str) -> str:
    """Return an address as a picture has it: without its scheme and release."""
    readable = unquote(address) if unquote(address).isprintable() else address
    # The pictures of a release name no host.
    path, _, query = (readable.partition("://")[2] or readable).partition("?")
    pairs = [
        pair for pair in query.split("&") if pair and not pair.startswith("release=")
    ]
    return "?".join(filter(None, (path.replace("/v1/", "/", 1), "&".join(pairs))))


def list_metadata(drawing: Drawing, said: Said, view: ReleaseView) -> dict[str, str]:
    """Return where the picture is from and which figures it draws, by terms of Dublin Core."""
    release = f"{REGISTER}, release {view.release}"
    sources = [view.source(row) for row in drawing.rows]
    licences = dict.fromkeys(filter(None, (one.get("licence") for one in sources)))
    rights = [f"{LICENCE} for this picture", *licences]
    return {
        "publisher": release,
        "date": f"{view.day}",
        "identifier": said.address,
        "source": drawing.source.removeprefix("Source: "),
        "relation": " ".join(drawing.ids),
        "rights": "; ".join(rights),
        "bibliographicCitation": f"{release} of {view.day}: {drawing.title}. {said.address}",
    }
