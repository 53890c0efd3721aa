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
from misconduct.pictures.beside import DIFFERING, say_otherwise
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
    take_newest,
)
from misconduct.pictures.slots import NOTHING, leave_out_year, list_bands, make_slots

REGISTER, LICENCE = "Misconduct Register", "CC BY 4.0"
MOST_NOTES = 3  # also with what a figure's picture says of a revision
MOST_TOLD = 3  # rows, publishers or times that a sentence names
COPIED = " (on "  # before the site on which a body's own text was read

PARTS = {"no total is held", "a total is held only of another time"}
DISAGREES = " (disagrees)"
"""What the table's column `note` says of a row beside its caveat."""

PROVING = ("proof", "wrong", "unlawful", "is alleged", "decides nothing", "finding")
"""Words by which a sentence says what figures do not prove."""


@dataclass(frozen=True)
class Said:
    """What an editor or a request says of a picture; what is empty is said from its rows.

    `total` is how many rows the table at the same address has. A title is an editor's.
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
    )
    return drawn, said


def compose(choice: Choice, said: Said, view: ReleaseView) -> Drawing:
    """Return what a picture draws, with all its words."""
    rows, catalogue = sort_rows(choice, said), view.catalogue
    drawing = Drawing(
        choice.form,
        rows,
        name_rows(rows),
        said.title or make_title(choice, catalogue),
        said.subtitle or make_subtitle(choice, said),
        highlight=said.highlight or choose_highlight(choice, rows),
        annotation=said.annotation,
        absent=[*said.absent, *_say_beside(choice)],
        elsewhere=said.elsewhere,
        against={} if _are_sizes(rows, said) else said.against,
        whole=choice.whole or said.whole,
        beside=choice.beside,
        has_finding=bool(said.title),
        written=said.alt,
        source=name_source(rows),
        register=f"{REGISTER}, release {view.release}, {LICENCE}. {shorten(said.address)}",
    )
    return _add_notes(drawing, said, view)


def _add_notes(drawing: Drawing, said: Said, view: ReleaseView) -> Drawing:
    """Add the notes and the origin. An editor's note stands for what figures do not prove and for their caveat."""
    catalogue = view.catalogue
    caveat = "" if said.note else find_caveat(drawing, catalogue)
    proof = said.note or find_proof(drawing.rows, catalogue)
    part = "" if said.note else _say_part(drawing.rows)
    unfinished = _tell_unfinished(drawing.rows, "")
    limits = " ".join(filter(None, [part, *unfinished, proof, caveat]))
    marks = " ".join(explain_marks(drawing, said))
    notes = [*dict.fromkeys(filter(None, (marks, proof, caveat)))]
    metadata = list_metadata(drawing, said, view)
    return replace(drawing, notes=notes, limits=limits, metadata=metadata)


def _are_sizes(rows: Sequence[Row], said: Said) -> bool:
    """Tell whether rows are themselves the sizes by which places are sorted."""
    sizes = {size["id"] for size in said.against.values()}
    return any(row["id"] in sizes for row in rows)


def sort_rows(choice: Choice, said: Said) -> list[Row]:
    """Return rows in the order in which they are drawn: bars of forces by their size, of kinds the largest first."""
    rows = [*choice.rows]
    if said.against:
        sizes = {area: -size["value"] for area, size in said.against.items()}
        rows.sort(key=lambda row: sizes.get(row["area_code"], 0))
    is_of_kinds = choice.form == "bars" and len({row["area_code"] for row in rows}) == 1
    if is_of_kinds and not said.title:
        rows.sort(key=_rank_kind)
    return rows


def _rank_kind(row: Row) -> tuple[bool, bool, float]:
    is_other = row["category"].startswith("other") or row["kind"].startswith("other")
    return is_other, row["value"] is None, -float(row["value"] or 0)


def choose_highlight(choice: Choice, rows: Sequence[Row]) -> list[str]:
    """Return the row that stands out unless an editor names one: the newest column, the first line."""
    if choice.form == "columns":
        whole = [row for row in rows if row["coverage"] != "part"]
        return [take_newest(whole or rows)[0]["id"]]
    return [take_newest(rows)[0]["id"]] if choice.form == "lines" else []


def name_rows(rows: Sequence[Row]) -> dict[str, str]:
    """Return what tells each row from the others: its place, its kind, what it counts; or else what it counts.

    What all rows count stands above the figures.
    """
    shared = find_shared(rows)
    has_places = len({row["area_code"] for row in rows}) > 1
    found = dict[str, str]()
    for row in rows:
        own = ", ".join(part for part in split_name(row) if part not in shared)
        if has_places:
            own = ", ".join(filter(None, [row["area"], lower(own)]))
        found[row["id"]] = capitalise(own) or row["name"]
    return found


_ONCE_EACH = ", once for each officer"
"""The end of several indicators' names, which is said once where all rows count so."""


def split_name(row: Row) -> list[str]:
    """Return the parts of a row's name: what is counted, how often each is, its scope, its kind, and the rest."""
    name = row["name"]
    cuts = {0, len(name)}
    for mark in (f", {row['scope']}", f": {row['kind']}", _ONCE_EACH):
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


def make_title(choice: Choice, catalogue: Catalogue) -> str:
    """Return a title: what is counted, where and when. Of one number it begins with the number."""
    rows = choice.rows
    if choice.form == "number":
        return str(rows[0]["sentence"]).removesuffix(f" ({rows[0]['publisher']})")
    labels = dict.fromkeys(
        catalogue.label("indicator", row["indicator"]) for row in rows
    )
    what = ", ".join(find_shared(rows)) or join(labels)
    areas = [*dict.fromkeys(row["area_code"] for row in rows)]
    has_kinds = len({row["kind"] for row in rows}) > 1
    by_kind = "by kind" if has_kinds and len(labels) == len(areas) == 1 else ""
    where = name_places(areas, catalogue)
    return ", ".join(filter(None, (what, by_kind, where, _name_times(choice))))


def _name_times(choice: Choice) -> str:
    if choice.form == "bars":
        return str(choice.rows[0]["time"])
    labels = dict[float, str]()
    for series in group_series(choice.rows):
        slots = make_slots(series)
        labels |= {find_moment(slot.row): slot.label for slot in slots if slot.row}
    return f"{labels[min(labels)]} to {labels[max(labels)]}"


def make_subtitle(choice: Choice, said: Said) -> str:
    """Return what the numbers are of, and which days their years have."""
    rows = choice.rows
    parts = [_say_unit(rows[0])]
    if choice.form in ("columns", "lines"):
        parts.append(_say_years(rows))
    parts.append(_say_part(rows))
    if choice.whole:
        parts.append(f"{choice.whole['shown']} in all.")
    if said.against and not _are_sizes(rows, said):
        day = next(iter(said.against.values()))["time"]
        parts.append(f"In grey, officers in full-time posts, {day}.")
    return " ".join(filter(None, parts))


def _say_unit(row: Row) -> str:
    """Say what a share, a rate or a change is of; of a count nothing."""
    if row["statistic"] == "count":
        return ""
    if row["statistic"] == "rate":
        return f"Per {row['base']}."
    return f"{', '.join(filter(None, (capitalise(row['unit']), row['base'])))}."


def _say_part(rows: Sequence[Row]) -> str:
    """Say that all rows are of a part of which no total is held."""
    shared = PARTS.intersection(*map(_facts_of, rows))
    return " ".join(f"Only a part: {words}." for words in shared)


def _facts_of(row: Row) -> list[str]:
    """Return what the table says of how a row stands to others, beside its caveat."""
    return (row["note"] or "").split("; ")


def _say_years(rows: Iterable[Row]) -> str:
    """Say from which day to which day the years of rows last, or on which day of a year they are."""
    spans = {
        (f"{row['period_start']:%-d %B}", f"{row['period_end']:%-d %B}")
        for row in rows
        if row["coverage"] == "whole"
    }
    if len(spans) == 1:
        first, last = spans.pop()
        return f"Years from {first} to {last.replace('29 February', '28 February')}."
    days = {leave_out_year(row["time"]) for row in rows if row["coverage"] == "point"}
    day = days.pop() if len(days) == 1 else ""
    return f"{capitalise(f'on {day}' if day[:1].isdigit() else day)}." if day else ""


def say_some(names: Iterable[str]) -> str:
    """Name the first of some things, and say how many more there are."""
    several = [*dict.fromkeys(names)] or ["nothing"]
    more = len(several) - MOST_TOLD
    told = [*several[:MOST_TOLD], f"{more} more"] if more > 0 else several
    has_commas = any("," in name for name in several)
    return "; ".join(told) if has_commas else join(told)


def explain_marks(drawing: Drawing, said: Said) -> list[str]:
    """Say what marks mean, what is told beside them, and how many rows of the table are not drawn."""
    form, rows = drawing.form, drawing.rows
    notes = _tell_disputed(drawing, said)
    if drawing.annotation and form != "columns":  # where it stands at its figure
        notes.append(f"{capitalise(drawing.annotation.text)}.")
    if form == "bars":
        notes += _tell_sum(drawing.all_rows)
        if len({row["area_code"] for row in rows}) > 1:
            notes.append("Not ranked: places differ in size and in what they record.")
    if form != "table":
        dashed = "" if form == "number" else ", dashed"
        notes += _tell_unfinished(rows, dashed)
    if form in ("columns", "lines"):
        hedged = [f"{row['time']}, {row['shown']}" for row in rows if row["hedge"]]
        notes += [f"Not exact: {say_some(hedged)}."] if hedged else []
    if form == "columns":
        notes += _tell_bands(drawing, said)
    return notes + _tell_undrawn(drawing, said.total)


def _tell_undrawn(drawing: Drawing, total: int) -> list[str]:
    """Tell places that have no mark, and how many rows of the table are not drawn."""
    undrawn = list[str]()
    if drawing.form not in ("bars", "table"):
        undrawn += [f"{name}, {words}" for name, words in drawing.absent]
    left = total - len(drawing.ids)
    if left > 0:
        undrawn.append(f"{left:,} more {'row' if left == 1 else 'rows'} of the table")
    return [f"Not drawn: {say_some(undrawn)}."] if undrawn else []


def _say_beside(choice: Choice) -> list[tuple[str, str]]:
    """Say of the places that count something else than the bars what they count."""
    usual, names = choice.rows[0], (*DIFFERING, "time")
    return [(row["area"], say_otherwise(row, usual, names)) for row in choice.beside]


def _tell_sum(rows: Sequence[Row]) -> list[str]:
    """Say how much of a whole the kinds of it are."""
    whole = find_whole(rows)
    if not whole or not whole["value"]:
        return []
    drawn = add_up(rows, whole)
    if drawn == whole["value"]:
        return []
    return [f"The kinds drawn add up to {drawn:,} of {whole['shown']}."]


def _tell_disputed(drawing: Drawing, said: Said) -> list[str]:
    """Tell what else is printed for a drawn row by a source that disagrees, unless an editor names it."""
    named = f"{said.note} {said.subtitle} {drawing.annotation}"
    told = list[str]()
    for row in drawing.rows:
        for fact in _facts_of(row):
            number = fact.removesuffix(DISAGREES)
            if number != fact and number.rpartition(": ")[2] not in named:
                told.append(f"{_name_in_note(drawing, row)}, {number}")
    return [f"Disputed: {say_some(told)}."] if told else []


def _tell_unfinished(rows: Sequence[Row], dashed: str) -> list[str]:
    """Name the times that are for a part of a year, or whose numbers may still change: their marks are dashed."""
    part = [row["time"] for row in rows if row["coverage"] == "part"]
    early = [row["time"] for row in rows if is_provisional(row)]
    told = [f"Part of a year{dashed}: {say_some(part)}."] if part else []
    return [*told, f"Provisional{dashed}: {say_some(early)}."] if early else told


def _tell_bands(drawing: Drawing, said: Said) -> list[str]:
    """Tell what bands between columns stand for. Of which years nothing is held, an editor's note says."""
    times = defaultdict[str, list[str]](list)
    for band in list_bands(make_slots(drawing.rows, drawing.elsewhere)):
        times[band.words].append(band.times)
    if said.note:
        times.pop(NOTHING, None)
    told = [f"{words} in {join(several)}" for words, several in times.items()]
    return [f"Shaded: {'; '.join(told)}."] if told else []


def find_proof(rows: Sequence[Row], catalogue: Catalogue) -> str:
    """Return what figures do not prove: a sentence of the definition of what they count, or the limit of its topic."""
    record = catalogue.of_kind("indicator").get(rows[0]["indicator"], {})
    areas = {row["area_code"] for row in rows}
    definition = leave_out_places(record.get("definition", ""), areas, catalogue)
    _, *further = split_sentences(definition)  # the first says what is counted
    topic = catalogue.of_kind("dataset").get(record.get("topic", ""), {})
    for sentence in (*further, *topic.get("limits", ())):
        if any(word in sentence for word in PROVING):
            return str(sentence)
    return ""


def find_caveat(drawing: Drawing, catalogue: Catalogue) -> str:
    """Return the gravest note on the rows, if any says something.

    A disagreement or a correction is told of a number alone, and of a series that has several of its numbers.
    """
    rows = drawing.rows
    having = _list_notes(rows)
    areas = {row["area_code"] for row in rows}
    for note in sorted(having, key=lambda note: _rank_note(note, having, catalogue)):
        is_of_one = len(having[note]) < 2 <= len(rows)
        if is_of_one and note not in catalogue.of_kind("caveat"):
            continue
        text = say_in_short(note, catalogue) or catalogue.fact("warning", note) or ""
        if text := leave_out_places(text, areas, catalogue):
            name = f"{_name_in_note(drawing, having[note][0])}: " if is_of_one else ""
            return f"{name}{_end(text)}"
    return ""


def _list_notes(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the notes on rows, each with the rows that have it."""
    having = defaultdict[str, list[Row]](list)
    for row in rows:
        for note in (row["note_ids"] or "").split():
            having[note].append(row)
    return having


def _rank_note(
    note: str, having: Mapping[str, Sequence[Row]], catalogue: Catalogue
) -> tuple[bool, bool, int, int, str]:
    """Put disagreements first, those between fewer figures before others, then what a body replied.

    Of all others, what most rows have comes first.
    """
    caveat = catalogue.of_kind("caveat").get(note)
    members = catalogue.of_kind("disagreement").get(note, {}).get("members", ())
    is_reply = bool(caveat and caveat.get("reply_by"))
    return caveat is not None, not is_reply, -len(having[note]), len(members), note


def _end(text: str) -> str:
    """Return a sentence with its full stop."""
    return text if text.endswith((".", "?", "!", "”")) else f"{text}."


def _name_in_note(drawing: Drawing, row: Row) -> str:
    if drawing.form in ("columns", "number"):
        return capitalise(str(row["time"]))
    return drawing.names[row["id"]]


def name_source(rows: Sequence[Row]) -> str:
    """Return who published the rows, and when if it was one document."""
    publishers = say_some(row["publisher"].partition(COPIED)[0] for row in rows)
    days = {row["published"] for row in rows}
    day = next(iter(days)) if len(days) == 1 else None
    when = f", {date_in_words(day)}" if day else ""
    return f"Source: {publishers}{when}"


def shorten(address: str) -> str:
    """Return the page of what is drawn as a picture has it: without its scheme, and only with its places."""
    readable = unquote(address) if unquote(address).isprintable() else address
    # The pictures of a release name no host.
    path, _, query = (readable.partition("://")[2] or readable).partition("?")
    pairs = [pair for pair in query.split("&") if pair.startswith("area=")]
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
