"""Is this the release that it claims to be? From the bundle alone: its manifests, its records, its figures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from app.bundles.chain import Chain, read_chain
from app.bundles.claims import Claims
from app.bundles.figures import compare_figures, read_figures
from app.bundles.opened import find_file, open_bundle
from app.bundles.records import compare_table, read_records
from app.bundles.rows import read_rows
from app.bundles.sums import check_sums
from app.domain.catalogue import Catalogue
from app.domain.listing import all_tables, release_url, releases_table
from app.domain.observation import Observation
from app.domain.records import Assessment, Record, Release
from app.errors import MisconductError
from app.register.assessments import compute, observations_of
from app.register.files import RegisterFile, read_text
from app.register.mistakes import Mistakes, Place, Refused
from app.register.sealed import MANIFESTS, SEALED_RECORDS

FIGURES, PACKAGE = "observations.csv", "datapackage.json"
_ORIGIN = re.compile(r"https?://[^\s?#]+")


@dataclass(frozen=True)
class Verified:
    """What was found in order: the release, the digests of the chain up to it and beyond, and how much it seals.

    `number` is None for manifests without a bundle.
    """

    number: str | None
    digests: dict[str, str]
    figures: int = 0
    records: int = 0
    removed: list[str] = field(default_factory=list)


def verify_release(path: Path, digest: str | None = None) -> Verified:
    """Verifies a bundle.zip, the folder of one, or a folder of manifests; `digest` is one that was cited elsewhere.

    Raises RegisterRefused with everything that is not as it was sealed, or MisconductError where nothing can be said.
    """
    mistakes = Mistakes()
    with open_bundle(path) as folder:
        package = find_file(folder, PACKAGE)
        found = _verify_bundle(folder, package, mistakes) if package else _verify_manifests(folder, mistakes)
    if digest is not None:
        _compare_digest(found, digest.lower(), mistakes)
    mistakes.raise_if_any()
    return found


def _verify_manifests(folder: Path, mistakes: Mistakes) -> Verified:
    chain = read_chain(folder, mistakes, f"{MANIFESTS}/" if (folder / MANIFESTS).is_dir() else "")
    return Verified(None, dict(chain.digests))


def _verify_bundle(folder: Path, package: RegisterFile, mistakes: Mistakes) -> Verified:
    chain = read_chain(folder, mistakes)
    number = _claimed_number(package, chain, mistakes)
    check_sums(folder, mistakes)
    bundle = _Bundle(folder, chain, number, mistakes)
    bundle.verify()
    ledgers = chain.manifests.ledgers.items()
    removed = [f"{kind} {key}" for kind, ledger in ledgers for key in sorted(ledger.removed)]
    return Verified(number, dict(chain.digests), bundle.figures, len(bundle.records), removed)


def _claimed_number(package: RegisterFile, chain: Chain, mistakes: Mistakes) -> str:
    number = None
    with suppress(ValueError, AttributeError, RecursionError):
        number = json.loads(read_text(package, mistakes)).get("version")
    if not isinstance(number, str) or number not in chain.digests:
        raise MisconductError(
            f"{package.name} says that this is release {str(number)[:40]!r}, of which there is no manifest.",
            hint="A draft has none, and nobody can verify it.",
        )
    return number


class _Bundle:
    """One bundle while it is verified."""

    def __init__(self, folder: Path, chain: Chain, number: str, mistakes: Mistakes) -> None:
        self._folder, self._chain, self._number, self._mistakes = folder, chain, number, mistakes
        self._ordinal = chain.ordinal(number)
        self._claims = Claims(chain, self._ordinal, mistakes)
        self.records: list[Record] = []
        self.figures = 0

    def verify(self) -> None:
        """Reports everything that is not what the manifests sealed."""
        self.records = list(read_records(self._file(SEALED_RECORDS), self._claims, self._mistakes))
        releases = self._releases()
        computed = self._compute(self._read_named())
        self._claims.report_absent()
        if self._mistakes.total:
            return  # what is made of records that are not all there would only say the same again
        numbers = {release.ordinal: release.number for release in releases}
        catalogue = Catalogue.assemble(releases[-1], self.records, computed, numbers)
        base_url = self._base_url()
        tables = {**all_tables(catalogue), "releases": releases_table(releases)}
        for name, table in tables.items():
            compare_table(self._file(f"{name}.csv"), table, base_url, self._mistakes)
        again = Claims(read_chain(self._folder, Mistakes()), self._ordinal, self._mistakes)
        figures = read_figures(self._file(FIGURES), again, self._mistakes)
        compare_figures(figures, catalogue, base_url, self._mistakes)

    def _file(self, name: str) -> RegisterFile:
        file = find_file(self._folder, name)
        if file is None:
            raise MisconductError(f"The bundle has no file {name}.", hint="Download it again.")
        return file

    def _releases(self) -> list[Release]:
        """The releases up to this one, by their own sealed records; a broken link between two is reported."""
        own = {record.id: record for record in self.records if record.kind == "release"}
        releases, before = list[Release](), ""
        for ordinal, (number, digest) in enumerate(list(self._chain.digests.items())[: self._ordinal], 1):
            content = own[number].content if number in own else {}
            if content and (content["previous"] or "") != before:
                place = Place(SEALED_RECORDS)
                found = (
                    f"release {number} says that {content['previous']} came before it; the manifests come to {before}"
                )
                self._mistakes.report_at(place, Refused("broken_chain", found))
            released = date.fromisoformat(content.get("released", "0001-01-01"))
            releases.append(Release(ordinal, number, released, content.get("summary", ""), digest))
            before = digest
        return releases

    def _read_named(self) -> dict[str, Observation]:
        """Enters every figure; keeps those that checks and disagreements name."""
        named = {name for record in self.records for _, name in observations_of(record.kind, record.content)}
        kept = {}
        for _, observation in read_figures(self._file(FIGURES), self._claims, self._mistakes):
            self.figures += 1
            if observation.id in named:
                kept[observation.id] = observation
        return kept

    def _compute(self, observations: dict[str, Observation]) -> Iterable[Assessment]:
        """What the records come to; what names a figure that is not there comes to nothing."""
        for record in self.records:
            with suppress(KeyError, Refused):
                content = compute(record.kind, record.content, observations)
                if content is not None:
                    yield Assessment(self._ordinal, record.kind, record.id, content)

    def _base_url(self) -> str:
        """What addresses begin with, which nothing seals: the service's own in old bundles, nothing since."""
        rows = read_rows(self._file("releases.csv"), Mistakes())
        addresses = {row.cells.get("number"): row.cells.get("cite_as", "") for row in rows}
        base_url = addresses.get(self._number, "").removesuffix(release_url("", self._number))
        return base_url if _ORIGIN.fullmatch(base_url) else ""


def _compare_digest(found: Verified, cited: str, mistakes: Mistakes) -> None:
    """Reports a digest that is not the release's own."""
    own = [found.digests[found.number]] if found.number else list(found.digests.values())
    if cited in own:
        return
    number = next((number for number, digest in found.digests.items() if digest == cited), None)
    other = f"; it is that of {number}" if number else ""
    of = f"release {found.number}, whose digest is {own[0]}" if found.number else "any of these releases"
    mistakes.report_at(Place(MANIFESTS), Refused("other_digest", f"{cited} is not the digest of {of}{other}"))
