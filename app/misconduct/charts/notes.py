"""Say what readers of a picture must know: what its figures count, notes on them, and where they are from."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import accumulate
from urllib.parse import unquote

from misconduct.charts.plan import Plan
from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.names import name_counted
from misconduct.model.places import leave_out_places, split_sentences
from misconduct.model.wording import (
    MAX_NOTE,
    READ_IN_PART,
    join,
    lower,
    publication,
    publisher,
    say_in_short,
    voice,
)

REGISTER, LICENCE = "Misconduct Register", "CC BY 4.0"
MAX_IDS = 8  # figures of an address that people can type

ALLEGING = (
    "wrong",
    "misconduct",
    "unlawful",
)  # words by which a definition says if misconduct is alleged
PROVING = (
    "proof",
    "wrong",
    "unlawful",
    "is alleged",
)  # and by which a sentence says what figures do not prove
MAX_SOURCES, MAX_PUBLISHERS = 3, 8  # that are named
MAX_WARNINGS, MAX_NAMED = (
    2,
    3,
)  # disagreements that a picture tells; rows, places and other counts that it names


def counts_more(rows: Sequence[Row]) -> bool:
    """Tell whether most of some figures count more than their indicator."""
    return 2 * len([row for row in rows if row["fit"] == "broader"]) > len(rows)


def define(rows: Sequence[Row], catalogue: Catalogue) -> str:
    """Return the definition of an indicator, or of several the limits of their datasets, for the places of figures.

    If most count more than the indicator, it is only what figures do not prove.
    """
    indicators = {
        row["indicator"]: catalogue.of_kind("indicator").get(row["indicator"], {})
        for row in rows
    }
    datasets, areas = catalogue.of_kind("dataset"), {row["area"] for row in rows}
    if len(indicators) == 1:
        [indicator] = indicators.values()
        said, limits = (
            indicator.get("definition", ""),
            datasets.get(indicator.get("topic", ""), {}).get("limits"),
        )
        if (
            limits
            and indicator["measure"] == ["occurred"]
            and not any(word in said for word in ALLEGING)
        ):
            said = f"{said} {limits[0]}"  # such as a death, by which nobody is said to have done wrong
        if counts_more(rows):
            said = " ".join(
                one
                for one in split_sentences(said)
                if any(word in one for word in PROVING)
            )
        return leave_out_places(said, areas, catalogue)
    topics = Counter(
        one["topic"] for one in indicators.values() if one.get("topic") in datasets
    )
    said = " ".join(
        dict.fromkeys(
            next(iter(datasets[one]["limits"]), "") for one, _ in topics.most_common(2)
        )
    )
    return leave_out_places(said, areas, catalogue)


def sort_caveats(rows: Iterable[Row], catalogue: Catalogue) -> list[str]:
    """Return the caveats of figures but routine ones, those of figures that count more than their indicator first.

    Then come replies, and those of few figures.
    """
    drawn, notes = [*rows], catalogue.of_kind("caveat")
    found = {one for row in drawn for one in row["caveats"] if one != READ_IN_PART}
    of_more = {
        one for row in drawn if row["fit"] == "broader" for one in row["caveats"]
    }

    def rank(one: str) -> tuple[bool, bool, int, str]:
        return (
            one not in of_more,
            not notes.get(one, {}).get("reply_by"),
            catalogue.uses.get(one, 0),
            one,
        )

    return sorted(found, key=rank)


def warn(plan: Plan) -> Iterator[str]:
    """Yield the warnings of disagreements: those of which several figures are drawn, or most of what is drawn."""
    members, catalogue = (
        Counter(one for row in plan.rows for one in row["disagreements"]),
        plan.chart.view.catalogue,
    )
    several = [
        one
        for one, number in members.most_common()
        if number > 1 or 2 * number > len(plan.rows)
    ]
    areas = {row["area"] for row in plan.rows}
    for one in [one for one in several if catalogue.fact("warning", one)][
        :MAX_WARNINGS
    ]:
        of = _name_having(
            {row["id"] for row in plan.rows if one in row["disagreements"]}, plan
        )
        if said := leave_out_places(catalogue.fact("warning", one), areas, catalogue):
            yield f"{of}{said}"


def say_caveats(plan: Plan) -> Sequence[str]:
    """Return the first notes on the figures that are drawn, with the rows that have them if others have not."""
    catalogue, areas = (
        plan.chart.view.catalogue,
        {entry.line.area for entry in plan.entries},
    )
    said, before = dict[str, str](), ""
    for caveat in (
        sort_caveats([point.row for point in plan.points], catalogue)
        if not plan.chart.note
        else ()
    ):
        having = [point.row for point in plan.points if caveat in point.row["caveats"]]
        of = _name_having({row["id"] for row in having}, plan)
        text = leave_out_places(say_in_short(caveat, catalogue), areas, catalogue)
        is_of_others = (
            catalogue.fact("no_ranking", caveat)
            and len({row["area"] for row in having}) < 2
        )
        if text and text not in (plan.why, *said) and not is_of_others:
            said[text] = f"{'' if of == before else of}{text}"
            before = of
    ends = accumulate(map(len, said.values()))
    kept = [
        note for note, end in zip(said.values(), ends, strict=True) if end <= MAX_NOTE
    ] or [*said.values()][:1]
    left = len(said) - len(kept)
    return [*kept, f"{left} more note{'s' * (left > 1)} online."] if left else kept


def _name_having(ids: Container[str], plan: Plan) -> str:
    """Return the rows of some figures that have a note, or the times of one row, if others have not; else nothing."""
    if len(plan.entries) == 1:
        points = plan.entries[0].points
        times = [point.time.label for point in points if point.row["id"] in ids]
        return (
            f"{join(times)}: "
            if 0 < len(times) <= min(MAX_NAMED, len(points) - 1)
            else ""
        )
    having = [
        one
        for one in plan.entries
        if any(point.row["id"] in ids for point in one.points)
    ]
    names = list(
        dict.fromkeys(entry.heading or entry.label or entry.when for entry in having)
    )
    of = (
        join(names)
        if 0 < len(names) <= MAX_NAMED
        else f"{len(having)} of these {len(plan.entries)}"
    )
    return f"{of}: " if 0 < len(having) < len(plan.entries) else ""


def name_sources(figures: Sequence[Row], view: ReleaseView) -> str:
    """Return the line that names every source: of more than a few, of each publisher the years."""
    rows, licences = (
        {row["source"]: row for row in figures}.values(),
        ", ".join(find_licences(figures, view)),
    )
    parts = {
        row["source"]: " (read in part)"
        for row in figures
        if READ_IN_PART in row["caveats"]
    }
    named = list(
        dict.fromkeys(
            publication(row, view.catalogue) + parts.get(row["source"], "")
            for row in rows
        )
    )
    if len(named) > MAX_SOURCES:
        years = defaultdict[str, set[str]](set)
        bodies = {
            voice(row, view.catalogue).removesuffix(publisher(view.source(row)))
            for row in rows
        }
        body = (
            bodies.pop() if len(bodies) == 1 else ""
        )  # that all of them name: The commission, in
        for row in rows:
            source, part = view.source(row), parts.get(row["source"], "")
            years[f"{publisher(source)}{part}"].add(
                (source.get("published") or "")[: len("2024")] or "undated"
            )
        named = [
            f"{name}, {join(sorted(some))}"
            for name, some in [*years.items()][:MAX_PUBLISHERS]
        ]
        named += (
            [f"{len(years) - MAX_PUBLISHERS} other publishers"]
            if len(years) > MAX_PUBLISHERS
            else []
        )
        named[0] = f"{body}{named[0]}"
    return f"Source{'s' if named[1:] else ''}: {'; '.join(named)}{f' ({licences})' if licences else ''}."


def name_register(plan: Plan) -> str:
    """Return where it is from: Misconduct Register 3.3.0, CC BY 4.0, register.example/charts/hotline.

    The words of a search are left out, since a reader may have typed anything: if it is of a few figures, its address
    is theirs, or else that of their indicator and places.
    """
    chart = plan.chart
    address, _, query = (
        chart.address.partition("://")[2]
        .replace("/v1/charts/", "/charts/")
        .partition("?")
    )
    read = unquote(query) if unquote(query).isprintable() else query
    hidden = ("q=", "release=") if chart.is_newest else ("q=",)
    pairs, search = (
        [pair for pair in read.split("&") if not pair.startswith(hidden)],
        "",
    )
    if "q=" in [pair[:2] for pair in query.split("&")]:
        indicators, areas = (
            {point.row[name] for point in plan.points} for name in ("indicator", "area")
        )
        search, ids = ", found by a search", [point.row["id"] for point in plan.points]
        if len(ids) <= MAX_IDS:
            address, search, pairs = (
                f"{address.partition('/')[0]}/v1/figures",
                "",
                [f"id={','.join(ids)}"],
            )
        elif len(indicators) == 1 and indicators != {None} and len(areas) <= MAX_NAMED:
            address, search = (
                f"{address.partition('/')[0]}/v1/indicators/{indicators.pop()}",
                "",
            )
            pairs = [
                f"area={','.join(sorted(areas))}",
                *(pair for pair in pairs if pair[:5] != "area="),
            ]
    kept = "&".join(filter(None, pairs))
    return f"{REGISTER} {chart.view.release}, {LICENCE}, {address}{f'?{kept}' if kept else ''}{search}"


def list_metadata(plan: Plan, title: str) -> dict[str, str]:
    """Return where the figures are from, by terms of Dublin Core."""
    chart, release = plan.chart, f"{REGISTER}, release {plan.chart.view.release}"
    publishers = dict.fromkeys(publisher(chart.view.source(row)) for row in plan.rows)
    return {
        "publisher": release,
        "date": f"{chart.view.day}",
        "identifier": chart.address,
        "source": "; ".join(publishers),
        "rights": "; ".join(
            [f"{LICENCE} for this picture", *find_licences(plan.rows, chart.view)]
        ),
        "bibliographicCitation": f"{release} of {chart.view.day}: {title}. {chart.address}",
    }


def find_licences(figures: Sequence[Row], view: ReleaseView) -> list[str]:
    """Return the licences of the sources of figures, each once."""
    return list(
        dict.fromkeys(
            filter(None, (view.source(row).get("licence") for row in figures))
        )
    )


def count_rest(
    rows: Iterable[Row], drawn: Sequence[Row], catalogue: Catalogue
) -> list[tuple[str, int]]:
    """Return how many figures there are beside those that are drawn, by what they count: more figures on complaints, 5.

    Each is called a figure, since “convicted (1)” would say how many people were convicted.
    """
    ids, own = {row["id"] for row in drawn}, {row["indicator"] for row in drawn}
    found, known = Counter[tuple[str, str]](), set[tuple[str, str]]()
    for row in rows:
        if ids.isdisjoint((row["id"], row["repeats"])):
            is_known = row["indicator"] in catalogue.codelists.get("indicator", ())
            name = lower(
                catalogue.label("indicator", row["indicator"])
                if is_known
                else name_counted(row, catalogue)
            )
            what = "more " if row["indicator"] in own else "", name
            found[what] += 1
            known |= {what} if row["value_absent"] != "suppressed" else set()
    return [
        (
            f"{what[0]}{'' if what in known else 'hidden '}figure{'s' * (number > 1)} on {what[1]}",
            number,
        )
        for what, number in found.items()
    ]
