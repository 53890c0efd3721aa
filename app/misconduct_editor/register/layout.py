"""Read the file of a table, `data/tables/<slug>.yaml`. Its keys are the fields of these models."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from misconduct.model import kinds
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.dates import printed_days, read_year_label
from misconduct.model.kinds import (
    MAX_SHORT,
    Caveat,
    CodeId,
    Digest,
    FirstMonth,
    PartialDate,
    Slug,
    Source,
    Text,
    is_read_by,
)
from misconduct.model.places import split_sentences

from .cells import MEDIA_TYPES, read_cell_name, read_cell_names
from .periods import YearForm, begin_year, read_year
from .reading import Reader, take_first
from .rules import DECIDE, IN_WORDS, find_fault_of_reason
from .yaml_files import KeyPath, LocatedRecord, Places, find_faults, read_yaml, walk

IGNORE = "ignore"
HOW_TO_DATE = "write {cell: A1, printed: 2022/23}, {from: web page, means: 2022-04/2023-03}, or none"
MARKS = tuple(PROGRAM_LISTS["mark"])
ABSENT = (
    "suppressed",
    "withheld",
    "not_available",
    "not_applicable",
    "not_stated",
    "unreadable",
)
Label = Literal[
    "measure",
    "category",
    "area",
    "population",
    "counting_unit",
    "vetting_check",
    "vetting_result",
    "stock_or_flow",
    "unit",
]
LABELS: tuple[str, ...] = get_args(Label)
Origin = Literal["title", "cover sheet", "contents", "file name", "web page", "nowhere"]


def _read_rows(text: Any) -> Any:
    found: list[int] = []
    for part in str(text).split(","):
        match = re.fullmatch(r"\s*(\d{1,7})(?:-(\d{1,7}))?\s*", part)
        if (
            match is None
            or not 0 <= int(match[2] or match[1]) - int(match[1]) < 1_000_000
        ):
            raise ValueError(
                f"cannot read {text!r} as rows; write them like 8-55, or 8-20, 22-55"
            )
        found += range(int(match[1]), int(match[2] or match[1]) + 1)
    return [*dict.fromkeys(found)]


def _check_sign(meaning: str) -> None:
    known = (*MARKS, *ABSENT, "zero", IGNORE)
    if meaning not in known and not re.search(r"[a-z].* ", meaning):
        raise ValueError(
            f"a sign cannot mean {meaning!r}; use {', '.join(known)}, or your own sentence"
        )
    _check_note(meaning)


def _check_note(text: str) -> None:
    """Require a first sentence that can be the short form of a caveat."""
    if len(split_sentences(text)[0]) > MAX_SHORT:
        raise ValueError(
            f"readers of a picture see the first sentence of {text!r}: "
            f"shorten it to {MAX_SHORT} characters"
        )


def _check_file(name: str) -> None:
    if Path(name).suffix.lower() not in MEDIA_TYPES:
        raise ValueError(f"{name!r} does not end in one of {', '.join(MEDIA_TYPES)}")


def _read_days(period: str) -> None:
    try:
        printed_days(period)
    except ValueError as error:
        year = read_year(period, "financial", {})
        months = (
            year
            and f"write its months: {begin_year(year[1], 'April')}, if it begins in April"
        )
        raise ValueError(
            f"{period!r} is not a period: {months}" if months else str(error)
        ) from error


def _check_encoding(name: str) -> None:
    try:
        codecs.lookup(name)
    except LookupError as error:
        raise ValueError(f"{name!r} is no encoding, such as latin-1") from error


def _check_reason(words: str) -> None:
    if fault := find_fault_of_reason(words):
        raise ValueError(fault)


def _read_none(given: Any) -> Any:
    """Read `none` as a period from nowhere, and any other word as nothing, so that it is told what a period says."""
    return (
        {"from": "nowhere"}
        if given == "none"
        else {}
        if isinstance(given, str)
        else given
    )


Rows = Annotated[list[int], BeforeValidator(_read_rows)]
Parts = Annotated[
    list[int],
    BeforeValidator(lambda given: [] if given == "none" else _read_rows(given)),
]
Encoding = Annotated[str, is_read_by(_check_encoding)]
CellName = Annotated[str, is_read_by(read_cell_name)]
CellNames = Annotated[str, is_read_by(read_cell_names)]
Period = Annotated[str, is_read_by(_read_days)]
Reason = Annotated[str, is_read_by(_check_reason)]
Note = Annotated[Text, is_read_by(_check_note)]
Word = str | dict[str, str]
"""A code from the column's list; several codes; or `ignore`."""


class LayoutPart(BaseModel):
    """A mapping in the file of a table. Its values are texts."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class TableSource(LayoutPart, extra="allow"):
    """The document of the table: its file, and the fields of a source."""

    file: Annotated[Text, is_read_by(_check_file)]
    sha256: Digest
    notes: dict[str, Text] = {}


class Codes(LayoutPart):
    """The codes of figures of a table, a column or a total."""

    measure: CodeId | None = None
    category: CodeId | None = None
    area: CodeId | None = None
    population: CodeId | None = None
    counting_unit: CodeId | None = None
    vetting_check: CodeId | None = None
    vetting_result: CodeId | None = None
    stock_or_flow: CodeId | None = None
    statistic: CodeId | None = None
    fit: CodeId | None = None
    unit: CodeId | None = None
    per: CodeId | None = None
    stated_by: CodeId | None = None
    indicator: CodeId | None = None
    subcategory: Text | None = None
    scope: Text | None = None
    base: Text | None = None

    def given(self) -> dict[str, str]:
        """Return the codes that the file gives. `null` takes away what would be given elsewhere."""
        given = [name for name in Codes.model_fields if name in self.model_fields_set]
        return {name: getattr(self, name) or "" for name in given}


class StatedPeriod(LayoutPart):
    """The period of all figures, and who says so: a cell, or another place. `none` stands for `{from: nowhere}`."""

    cell: CellName | None = None
    printed: Text | None = None
    means: Period | None = None
    origin: Origin | None = Field(None, alias="from")

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if (self.cell is None) == (self.origin is None):
            raise ValueError(f"say where it is stated; {HOW_TO_DATE}")
        if self.cell and not self.printed:
            raise ValueError(
                f"printed is missing: the words in {self.cell} for the period"
            )
        if self.origin not in (None, "nowhere") and not (self.means or self.printed):
            raise ValueError(
                "means is missing: which period it is, such as 2017-04/2018-03"
            )
        if self.origin == "nowhere" and (self.means or self.printed):
            raise ValueError(
                "means and printed need a place: write where the period is stated, or only period: none"
            )
        return self


class FigureCodes(Codes):
    """What all figures in a table share. `counted` has words from cells."""

    counted: dict[CellName, Text] = {}
    period: Annotated[StatedPeriod | None, BeforeValidator(_read_none)] = None
    caveats: list[CodeId] = []

    @property
    def is_undated(self) -> bool:
        return self.period is not None and self.period.origin == "nowhere"


_KEYS_OF_NUMBERS = ("year", "from", "caveats", *Codes.model_fields)
_KEYS_OF_COLUMNS: dict[str, tuple[str, ...]] = {
    "value": _KEYS_OF_NUMBERS,
    "total": (*_KEYS_OF_NUMBERS, "of"),
    "year": ("year", "from", "fill_down"),
    "sign": ("of",),
    "ignore": (),
}
_KEYS_OF_COLUMNS |= dict.fromkeys(IN_WORDS, ("words", "fill_down", *Codes.model_fields))
"""The keys, besides `is`, that a column can have. A column of labels can have `words`."""


class Column(Codes):
    """What the cells of a column are."""

    holds: Literal[
        Label,
        "subcategory",
        "scope",
        "base",
        "year",
        "words",
        "sign",
        "value",
        "total",
        "ignore",
    ] = Field("value", alias="is")
    words: dict[str, Word] = {}
    year: YearForm | None = None
    begins: FirstMonth | None = Field(None, alias="from")
    fill_down: bool = False
    of: list[Text] = []
    caveats: list[CodeId] = []

    @model_validator(mode="after")
    def _has_only_keys_with_an_effect(self) -> Self:
        usable = _KEYS_OF_COLUMNS.get(self.holds, ("words", "fill_down"))
        given = [
            Column.model_fields[name].alias or name
            for name in self.model_fields_set - {"holds"}
        ]
        if unusable := [name for name in given if name not in usable]:
            only = (
                f"it can have only {', '.join(usable)}"
                if usable
                else "it can have no other key"
            )
            raise ValueError(
                f"{', '.join(sorted(unusable))} has no effect in a column that is {self.holds}: {only}"
            )
        if self.holds == "words" and (
            read := [word for word, means in self.words.items() if means != IGNORE]
        ):
            remedy = (
                f"write {IGNORE} for it, or make the column one of {', '.join(LABELS)}"
            )
            raise ValueError(
                f"words are only quoted, so {read[0]!r} cannot have a code here: {remedy}"
            )
        return self

    @model_validator(mode="after")
    def _begins_financial_years(self) -> Self:
        if self.begins and self.holds != "year" and self.year != "financial":
            raise ValueError(
                "from is for financial years: write {year: financial, from: …} or {is: year, from: …}"
            )
        return self

    @property
    def has_numbers(self) -> bool:
        return self.holds in ("value", "total")


ShortColumn = Annotated[
    Column,
    BeforeValidator(lambda given: {"is": given} if isinstance(given, str) else given),
]


class Total(Codes):
    """A row of totals: the codes of its figures, and the rows that it adds up, or `none` if they are not there."""

    of: Parts | None = None


class Layout(LayoutPart):
    """How to read a published table. `sure` answers what the desk asks, with a reason for each answer."""

    source: TableSource
    sheet: Text | None = None
    encoding: Encoding = "utf-8-sig"
    decimal: Literal[".", ","] = "."
    header: list[int] = []
    rows: Rows = []
    totals: dict[Annotated[int, Field(ge=1)], Total] = {}
    explain: dict[CellNames, Note] = {}
    published: dict[str, int] = {}
    country: CodeId | None = None
    figure: FigureCodes = FigureCodes()
    sure: dict[Text, Reason] = {}
    columns: dict[str, ShortColumn] = Field(min_length=1)
    signs: dict[str, Annotated[str, is_read_by(_check_sign)]] = {}
    words: dict[str, Word] = {}
    periods: dict[str, Period] = {}
    unfinished: list[Annotated[Text, AfterValidator(read_year_label)]] = []
    caveats: dict[kinds.FigureId, list[CodeId]] = {}
    leads: dict[kinds.FigureId, Reason] = {}
    breaks: dict[kinds.FigureId, Reason] = Field({}, alias="break")
    rounding: int | None = Field(None, ge=1)
    earlier_count_of: Slug | None = None
    counted: PartialDate | None = None

    @model_validator(mode="after")
    def _says_when_it_was_counted(self) -> Self:
        if (self.earlier_count_of is None) != (self.counted is None):
            raise ValueError(
                "an earlier count needs both: earlier_count_of: SLUG, and counted: YYYY-MM"
            )
        return self

    def find_reason(self, cell: tuple[int, int]) -> str | None:
        """Return why the total in a cell does not add up."""
        for names, reason in self.explain.items():
            if cell in read_cell_names(names):
                return reason
        return None

    def declare_caveats(self, slug: str) -> dict[KeyPath, Caveat]:
        """Return the caveats that the file declares, by what they are about.

        Their short form is their first sentence. That numbers are rounded is routine.
        """
        signs = {sign: text for sign, text in self.signs.items() if " " in text}
        texts: dict[KeyPath, tuple[str, str]] = {
            ("signs", sign): (f"note_{number}", text)
            for number, (sign, text) in enumerate(signs.items(), 1)
        }
        for number, reason in enumerate(dict.fromkeys(self.explain.values()), 1):
            texts["explain", reason] = f"total_{number}", reason
        if self.rounding:
            rounded = f"The numbers are rounded to the nearest {self.rounding}"
            texts["rounding",] = (
                "rounding",
                f"{rounded}, so a total can differ from the sum of its parts.",
            )
        if self.figure.is_undated:
            texts["figure", "period"] = (
                "period",
                "The publisher does not say which period these figures are for.",
            )
        stem = slug.replace("-", "_")
        found: dict[KeyPath, Caveat] = {}
        for about, (end, text) in texts.items():
            routine = about == ("rounding",)
            short = None if routine else split_sentences(text)[0]
            found[about] = Caveat(
                id=f"{stem}_{end}", text=text, short=short, routine=routine
            )
        return found


class LayoutFile(NamedTuple):
    """The file of a table, and the script beside it, if its rows come from one."""

    slug: str
    layout: Layout
    source: Source
    places: Places
    script: Path | None = None


def read_layout(reader: Reader, file: str) -> LayoutFile | None:
    """Read the file of a table."""
    before = len(reader.mistakes)
    content, places = next(
        read_yaml(reader, file, is_list=False), (None, Places(file, {}))
    )
    if len(reader.mistakes) > before:
        return None
    undecided = (path for path, value in walk(content) if value == DECIDE)
    mistakes = [
        places.mistake(path, f"decide {'.'.join(map(str, path))}") for path in undecided
    ]
    try:
        layout = Layout.model_validate(content)
        table = LayoutFile(
            Path(file).stem, layout, _make_source(Path(file).stem, layout), places
        )
    except ValidationError as error:
        if error.title == Source.__name__:
            mistakes += find_faults(
                error, places, "source", Source.model_fields, ("source",)
            )
        else:
            mistakes += find_faults(error, places, "table", Layout.model_fields)
    reader.mistakes.extend(take_first(mistakes))
    script = (reader.root / file).with_suffix(".py")
    if not mistakes and script.exists():
        table = table._replace(script=script)
    return None if mistakes else table


def read_layouts(reader: Reader) -> Iterator[LayoutFile]:
    for name in reader.find_files("tables/", ".yaml", ".py"):
        if name.endswith(".yaml") and (table := read_layout(reader, name)):
            yield table


def _make_source(slug: str, layout: Layout) -> Source:
    fields = layout.source.model_dump(exclude={"file"})
    notes = {"length": "Places in a table are cells.", "language": "A table."} | fields[
        "notes"
    ]
    if (period := layout.figure.period) and period.origin not in (
        None,
        "title",
        "nowhere",
    ):
        notes["period"] = f"The period is stated in its {period.origin}."
    if layout.sheet:
        notes["sha256"] = f"Places are cells of the sheet {layout.sheet}."
    media_type = MEDIA_TYPES[Path(layout.source.file).suffix.lower()]
    return Source(
        **fields | {"id": slug, "held": True, "media_type": media_type, "notes": notes}
    )


def describe_table(file: LayoutFile) -> list[LocatedRecord]:
    """Return the source and the caveats that the file of a table declares."""
    of_source = {
        path[1:]: place
        for path, place in file.places.by_path.items()
        if path[:1] == ("source",)
    }
    records = [
        LocatedRecord(
            "source",
            file.slug,
            file.source,
            Places(file.places.file, {(): (1, 1)} | of_source),
        )
    ]
    for about, caveat in file.layout.declare_caveats(file.slug).items():
        here = Places(file.places.file, {(): file.places.mistake(about, "")[1:3]})
        records.append(LocatedRecord("caveat", caveat.id, caveat, here))
    return records
