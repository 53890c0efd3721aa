"""The register's records other than observations, and releases: small, few, read whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.domain.period import bounds

CODE = r"^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*$"
SLUG = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
DIGEST = r"^[0-9a-f]{64}$"
NUMBER = r"^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$"
DAY = r"^\d{4}-\d{2}-\d{2}$"
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


def _is_day(text: str) -> str:
    date.fromisoformat(text)
    return text


Code = Annotated[str, StringConstraints(pattern=CODE)]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]
ReducedDate = Annotated[str, AfterValidator(_is_date)]
Day = Annotated[str, StringConstraints(pattern=DAY), AfterValidator(_is_day)]
Sentence = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Digest = Annotated[str, StringConstraints(pattern=DIGEST)]


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
    url: Annotated[str, StringConstraints(pattern=ADDRESS)] | None = None
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


KINDS: dict[str, type[Content]] = {
    "caveat": Caveat,
    "code": CodeRecord,
    "dataset": Dataset,
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
