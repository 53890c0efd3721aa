"""What a picture draws: rows of the table in one form, with the words around them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from misconduct.model.figure import Row

Form = Literal["number", "columns", "lines", "bars", "table"]


class Annotation(NamedTuple):
    """Words at a figure."""

    id: str
    text: str


@dataclass(frozen=True)
class Drawing:
    """Rows in the order in which they are drawn, and what is said of them.

    `names` has the name of each row by its id: what tells it from the others, or what it counts. `absent` are places
    that were asked and have no row, or count something else, each with what stands there: no figure held.
    `elsewhere` says of years between the rows what is held there that is counted otherwise. `against` has the size of
    each force, by its area. `limits` is what a card says of all: that they are parts, what they do not prove, and a
    caveat. The title is an editor's if it `has_finding`, and so are `written`, words for who cannot see the picture.
    """

    form: Form
    rows: Sequence[Row]
    names: Mapping[str, str]
    title: str
    subtitle: str = ""
    notes: Sequence[str] = ()
    limits: str = ""
    source: str = ""
    register: str = ""
    highlight: Collection[str] = ()
    annotation: Annotation | None = None
    absent: Sequence[tuple[str, str]] = ()
    elsewhere: Mapping[int, str] = field(default_factory=dict)
    against: Mapping[str, Row] = field(default_factory=dict)
    whole: Row | None = None
    beside: Sequence[Row] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    has_finding: bool = False
    written: str = ""

    @property
    def has_head(self) -> bool:
        """Tell whether a title stands above the figures: a number alone says what it is."""
        return self.form != "number" or self.has_finding

    @property
    def ids(self) -> list[str]:
        """Return the figures that the picture shows, but for sizes of forces."""
        return [row["id"] for row in self.all_rows]

    @property
    def all_rows(self) -> list[Row]:
        """Return the rows with the whole and with those that are told in words."""
        whole = [self.whole] if self.whole else []
        return [*self.rows, *whole, *self.beside]

    @property
    def alt(self) -> str:
        """Return the picture in words: those that an editor wrote, or every number."""
        return f"{self.title}. {self.written or self.numbers}"

    @property
    def numbers(self) -> str:
        """Return every number that is drawn, with its name and time."""
        whole = [self.whole] if self.whole else []
        said = [self._say(row) for row in (*self.rows, *whole)]
        said += [f"{name}: {words}" for name, words in self.absent]
        return f"{'; '.join(said)}."

    def _say(self, row: Row) -> str:
        size = self.against.get(row["area_code"])
        officers = f", {say_size(size)} officers" if size else ""
        return f"{self.names.get(row['id'], row['name'])}, {row['time']}: {row['shown']}{officers}"


class Picture(NamedTuple):
    """A drawn picture. `description` has every number in words, `metadata` its origin, `ids` its figures."""

    svg: str
    width: int
    height: int
    title: str
    alt: str
    description: str
    metadata: Mapping[str, str]
    ids: Sequence[str]


def say_size(row: Row) -> str:
    """Return the size of a force, which is rounded."""
    return f"{round(row['value']):,}"


def say_hover(drawing: Drawing, row: Row) -> str:
    """Return what a mark says to a reader who points at it."""
    name = drawing.names[row["id"]]
    return f"{name}, {row['time']}: {row['shown']} ({row['publisher']})"


def is_provisional(row: Row) -> bool:
    """Tell whether a number may still change."""
    return "provisional" in (row["note"] or "").split("; ")


def is_dashed(row: Row) -> bool:
    """Tell whether a row is for less than its year, or may still change."""
    return row["coverage"] == "part" or is_provisional(row)
