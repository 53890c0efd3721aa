"""The register's records other than observations, and releases: small, few, read whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.domain.locator import text_span
from app.domain.observation import OBSERVATION_ID
from app.domain.period import bounds

CODE = r"^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*$"
SLUG = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
DIGEST = r"^[0-9a-f]{64}$"
NUMBER = r"^(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
ADDRESS = r"^https?://\S+$"
MEDIA_TYPE = r"^[a-z]+/[a-z0-9.+-]+$"
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$"

FORMS = {
    CODE: "words of letters and digits joined by _, a letter first",
    SLUG: "words of lower-case letters and digits joined by -, a letter first",
    DIGEST: "64 hexadecimal digits in lower case",
    NUMBER: "three numbers: 1.0.0",
    DAY: "a day: YYYY-MM-DD",
    ADDRESS: "an address that begins with http:// or https://",
    MEDIA_TYPE: "an IANA media type: text/plain",
    LANGUAGE: "a BCP 47 language tag: en-GB",
}
"""What the patterns ask for, in words."""


def _is_date(text: str) -> str:
    bounds(text)
    return text


def _is_place(text: str) -> str:
    text_span(text)
    return text


def _is_day(text: str) -> str:
    date.fromisoformat(text)
    return text


Code = Annotated[str, StringConstraints(pattern=CODE)]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
ReducedDate = Annotated[str, AfterValidator(_is_date)]
Day = Annotated[str, StringConstraints(pattern=DAY), AfterValidator(_is_day)]
Sentence = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Digest = Annotated[str, StringConstraints(pattern=DIGEST)]
Address = Annotated[str, StringConstraints(pattern=ADDRESS)]


class Content(BaseModel):
    """What every kind of record has."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str
    version: Annotated[int, Field(ge=1)]


class CodeRecord(Content):
    """One code of one list. Its id is `<list>/<code>`."""

    label: Sentence
    definition: Sentence
    broader: Code | None = None
    defined_by: Sentence


class Source(Content):
    """One document: what it is and, where it was read, of which bytes."""

    id: Slug
    title: Sentence | None = None
    publisher: Sentence | None = None
    byline: Sentence | None = None
    published: ReducedDate | None = None
    url: Address | None = None
    media_type: Annotated[str, StringConstraints(pattern=MEDIA_TYPE)] | None = None
    language: Annotated[str, StringConstraints(pattern=LANGUAGE)] | None = None
    licence: Sentence | None = None
    held: bool
    length: Annotated[int, Field(ge=0)] | None = None
    sha256: Digest | None = None
    retrieved: ReducedDate | None = None
    notes: dict[str, Sentence] = Field(default_factory=dict)


class Caveat(Content):
    """A note that travels with a figure in every format."""

    id: Code
    text: Sentence


class Dataset(Content):
    """A view of the observations: those with one of its measures."""

    id: Slug
    title: Sentence
    description: Sentence
    measures: Annotated[list[Code], Field(min_length=1)]
    limits: list[Sentence] = Field(default_factory=list)


class ReleaseRecord(Content):
    """What a release says of itself; `id` is its number, `previous` the digest of the release before it."""

    id: Annotated[str, StringConstraints(pattern=NUMBER)]
    version: Literal[1]
    released: Day
    summary: Sentence
    previous: Digest | None = None


ObservationId = Annotated[str, StringConstraints(pattern=rf"^{OBSERVATION_ID.pattern}$")]
Place = Annotated[str, AfterValidator(_is_place)]


class Check(Content):
    """An arithmetic identity among observations, named by their ids (see `app.domain.checks`)."""

    id: Slug
    type: Literal["sum_of_parts", "subset", "share", "yearly_parts"]
    title: Sentence
    whole: ObservationId
    parts: Annotated[list[ObservationId], Field(min_length=1)]
    share: ObservationId | None = None
    explanation: Sentence | None = None

    @model_validator(mode="after")
    def _share_is_named(self) -> Self:
        if (self.type == "share") != (self.share is not None):
            raise ValueError("share names an observation in checks of the type share, and in no others")
        if self.type == "share" and len(self.parts) != 1:
            raise ValueError("a share has one part")
        return self


class Answer(BaseModel):
    """Which of several figures answers which question."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    question: Sentence
    observation: ObservationId


class Disagreement(Content):
    """Observations that look like the same thing and are not equal; why, and which answers which question."""

    id: Slug
    title: Sentence
    question: Sentence
    members: Annotated[list[ObservationId], Field(min_length=2)]
    reasons: Annotated[list[Code], Field(min_length=1)]
    explanation: Sentence
    answers: list[Answer] = Field(default_factory=list)


class Correction(Content):
    """A publisher's error: what it printed, and the reading that contradicts it. What is null has a note."""

    id: Slug
    source: Slug
    at: Place
    printed: Sentence
    reading: Sentence
    other_source: Slug
    other_at: Place | None = None
    other_printed: Sentence | None = None
    other_reading: Sentence
    explanation: Sentence
    affects: list[ObservationId] = Field(default_factory=list)
    publisher_told: Day | None = None
    notes: dict[str, Sentence] = Field(default_factory=dict)


class Coverage(BaseModel):
    """The gaps that a non-publication explains: these years of the series with one of the codes of each dimension."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    area: Annotated[list[Code], Field(min_length=1)]
    measure: list[Code] = Field(default_factory=list)
    category: list[Code] = Field(default_factory=list)
    years: Annotated[list[int], Field(min_length=1)]


class NonPublication(Content):
    """A refusal to publish: who was asked, under which law, since when and until when. What is null has a note."""

    id: Slug
    asked: Code
    asked_by: Sentence
    law: Sentence
    ground: Sentence
    since: ReducedDate | None = None
    until: ReducedDate | None = None
    source: Slug
    at: Place
    printed: Sentence
    what: Sentence
    explanation: Sentence
    covers: Coverage | None = None
    notes: dict[str, Sentence] = Field(default_factory=dict)


ChartFilter = Literal[
    "measure", "statistic", "category", "area", "population", "counting_unit", "period_type", "source", "stated_by",
    "origin", "obs_status", "qualifier", "disagreement",
]  # fmt: skip
"""The filters by which a chart chooses its figures: those of a listing that take codes."""


LinkStatus = Literal[
    "answers", "changed", "moved_permanently", "moved_temporarily", "not_found", "gone", "too_many_requests", "refused",
    "server_error", "too_many_redirects", "timeout", "unreachable", "refused_address",
]  # fmt: skip
"""What came of asking for an address. `changed` answers too, with another body than the one noted before; `refused` is
any other 4xx; `refused_address` was never asked, because it is a private one."""


class LinkCheck(Content):
    """Whether a source's address still answers, and where an archived copy is. `id` is the source's slug."""

    id: Slug
    checked: Day
    address: Address
    status: LinkStatus
    final_address: Address | None = None
    archived: Address | None = None
    body_sha256: Digest | None = None


class Chart(Content):
    """A picture of figures: which ones, by the filters of a listing, drawn how, and what it shows in words.

    `bar` draws a bar for each figure, `column` a column for each year of a series, `line` joins its years. Unlike
    series never share a panel, unless `allow_breaks` is true: then those that differ only in population or counting
    unit do, and the break between them is drawn as one.
    """

    id: Slug
    title: Sentence
    description: Sentence
    dataset: Slug | None = None
    mark: Literal["bar", "column", "line"]
    query: dict[ChartFilter, Annotated[list[Sentence], Field(min_length=1)]]
    allow_breaks: bool = False
    note: Sentence | None = None


KINDS: dict[str, type[Content]] = {
    "caveat": Caveat,
    "chart": Chart,
    "check": Check,
    "code": CodeRecord,
    "correction": Correction,
    "dataset": Dataset,
    "disagreement": Disagreement,
    "link_check": LinkCheck,
    "non_publication": NonPublication,
    "release": ReleaseRecord,
    "source": Source,
}
"""Every kind of record but `observation`, by the name it has in manifests."""


class Record(NamedTuple):
    """One version of one record with the releases that bound it (see `Observation.added_in`)."""

    kind: str
    id: str
    version: int
    content: dict[str, Any]
    sha256: bytes
    added_in: int
    ended_in: int


class ManifestLine(NamedTuple):
    """One line of a release's manifest."""

    release: int
    kind: str
    id: str
    version: int
    action: str
    sha256: str
    reason: str | None
    replaced_by: str | None

    @property
    def is_notable(self) -> bool:
        """Whether it says more than that a first version was added."""
        return self.action != "added" or self.version > 1 or self.reason is not None


class Assessment(NamedTuple):
    """What was computed for one record, a check or a disagreement, from the observations of one release."""

    release: int
    kind: str
    id: str
    content: dict[str, Any]


class Release(NamedTuple):
    """One state of the register. `ordinal` counts from 1 and is the place in the chain; `digest` seals it."""

    ordinal: int
    number: str
    released: date
    summary: str
    digest: str


DRAFT = "draft"
"""The number of the state beyond the last release, which only `serve --drafts` shows."""


def chain_digest(previous: str, manifest: bytes | Iterable[bytes]) -> str:
    """A release's digest: SHA-256 over the previous release's digest, in hexadecimal, and the manifest's bytes."""
    digest = hashlib.sha256(previous.encode("ascii"))
    for part in (manifest,) if isinstance(manifest, bytes) else manifest:
        digest.update(part)
    return digest.hexdigest()
