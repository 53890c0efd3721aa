"""Is this the release that it claims to be? From the bundle alone: its manifests, its records, its figures.

The register's rows and records are hashed and compared with the manifests, the manifests with the digest; then every
table is built again from them and compared.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from misconduct.bundles.archive import SUMS, check_sums, find_file, open_bundle
from misconduct.bundles.chain import Chain, Claims, read_chain
from misconduct.bundles.earlier_results import EARLIER_DERIVED, LACKED, LATER_KINDS, SINCE, compute_as_earlier
from misconduct.bundles.sealed import Observer, SealedRow, read_records, read_sealed_rows, recover_rows
from misconduct.bundles.tables import OTHERWISE, compare_in_order, compare_table, read_header, read_rows
from misconduct.errors import MisconductError
from misconduct.model.catalogue import Catalogue, relate_codes
from misconduct.model.observation import Observation
from misconduct.model.record_tables import all_tables, release_url, releases_table
from misconduct.model.records import Assessment, Record, Release
from misconduct.register.assessments import compute, observations_of
from misconduct.register.bundle_manifest import MANIFESTS, SEALED_OBSERVATIONS, SEALED_RECORDS
from misconduct.register.files import RegisterFile, read_text
from misconduct.register.mistakes import Mistakes, Place, Refused
from misconduct.register.references import MOST_MENTIONS, SHOWN_WITH_FIGURES
from misconduct.register.rules import DERIVED, Derived

FIGURES, PACKAGE = "observations.csv", "datapackage.json"
TEXTS = ("README.md", "csv-metadata.json", PACKAGE)
"""What a bundle says about its tables. It is not sealed: nothing but the sender's own SHA256SUMS covers it."""

ADDED_WITH_ROWS = ("charts",)
"""Tables that bundles without the register's rows lack, even if the release has records for them."""

ALONE = (
    "The bundle is consistent. But someone who can change a bundle can change all of it consistently: only a digest "
    "that you have from elsewhere (a newspaper, an archive, an older copy) rules that out. Give it with --digest."
)
BY_OTHER_CODE = (
    ": all that is sealed is as it was released, and this program computes other results from it. If another version "
    "of the program built the bundle, verify it with that one; else somebody changed these cells"
)
MOST_MISTAKES = 100_000  # of a bundle, which may be small and unpack to millions
_CITED = re.compile(r"(Misconduct Register \d+\.\d+\.\d+ )?(sha256:)?([0-9a-f]{64})", re.ASCII | re.IGNORECASE)
_ORIGIN = re.compile(r"https?://[^\s?#]+")


@dataclass(frozen=True)
class Verified:
    """What was verified: the release, the digests of the whole chain, and how many records the release has.

    `number` is None for manifests without a bundle. `removed` has each record that the law removed, and the release
    that says so. `is_earlier` says that its results are by the rules of programs before 2.0.0, `has_earlier_bounds`
    that the bounds of its figures are by earlier rules. `base_url` is what the addresses in an old bundle begin with.
    """

    number: str | None
    digests: dict[str, str]
    figures: int = 0
    records: int = 0
    removed: dict[str, str] = field(default_factory=dict)
    is_earlier: bool = False
    has_earlier_bounds: bool = False
    base_url: str = field(default="", compare=False)


def verify_release(path: Path, cited: Collection[str] = (), *, is_of_other_code: bool = False) -> Verified:
    """Verify a bundle.zip, the folder of one, or a folder of manifests; `cited` are digests from elsewhere.

    `is_of_other_code`: another version of the program built it, which may have computed results otherwise; all else is
    verified. Raises RegisterRefused with every difference, or MisconductError if it cannot be verified at all.
    """
    mistakes = Mistakes(MOST_MISTAKES, but={OTHERWISE} if is_of_other_code else ())
    with open_bundle(path) as folder:
        package = find_file(folder, PACKAGE)
        found = _verify_bundle(folder, package, mistakes) if package else _verify_manifests(folder, mistakes)
    if cited:
        _compare_digests(found, [digest.lower() for digest in cited], mistakes)
    mistakes.raise_if_any()
    return found


def _verify_manifests(folder: Path, mistakes: Mistakes) -> Verified:
    chain = read_chain(folder, mistakes, f"{MANIFESTS}/" if (folder / MANIFESTS).is_dir() else "")
    return Verified(None, dict(chain.digests))


def _verify_bundle(folder: Path, package: RegisterFile, mistakes: Mistakes) -> Verified:
    chain = read_chain(folder, mistakes)
    number = _claimed_number(package, chain, mistakes)
    _report_strangers(check_sums(folder, mistakes), chain, mistakes)
    release = chain.ordinal(number)
    claims, observer = Claims(chain, release, mistakes), Observer(chain)
    sealed = find_file(folder, SEALED_OBSERVATIONS)

    def rows() -> Iterator[SealedRow]:
        return read_sealed_rows(sealed, mistakes) if sealed else recover_rows(figures, chain, mistakes)

    figures = _require_file(folder, FIGURES)
    records = list(read_records(_require_file(folder, SEALED_RECORDS), claims, mistakes))
    releases = _check_links(records, chain, release, mistakes)
    named = _check_mentions(records, mistakes)
    count, kept, is_earlier, has_earlier_bounds = 0, dict[str, Observation](), False, False
    base_url = "" if sealed else _base_url(_require_file(folder, "releases.csv"), number)
    for observation in observer.claim(rows(), claims, mistakes):
        count += 1
        if observation.id in named:
            kept[observation.id] = observation
    claims.report_absent()
    if not mistakes.total:  # else the tables, rebuilt from incomplete records, would only repeat the same mistakes
        is_earlier = _is_earlier(folder, records)
        computed = list(_compute(release, records, kept, is_earlier=is_earlier))
        lacked = LACKED if is_earlier else ()
        numbers = {one.ordinal: one.number for one in releases}
        catalogue = Catalogue.assemble(releases[-1], records, computed, numbers)
        for name, table in {**all_tables(catalogue), "releases": releases_table(releases)}.items():
            file = find_file(folder, f"{name}.csv")
            # A program that did not know a kind of record released none of it, and wrote no table.
            if file or (any(table.rows) and (sealed or name not in ADDED_WITH_ROWS)):
                compare_table(file or _require_file(folder, f"{name}.csv"), table, base_url, mistakes, lacked)

        def compare_figures(rules: Iterable[Derived]) -> Mistakes:
            found = mistakes.like()
            compare_in_order(figures, observer.rebuild(rows(), catalogue, base_url, found, rules), found, lacked)
            return found

        found = compare_figures(DERIVED)
        has_earlier_bounds = bool(found.total) and not compare_figures(EARLIER_DERIVED).total
        mistakes.take(Mistakes() if has_earlier_bounds else found)
    ledgers = chain.manifests.ledgers.items()
    order = [*chain.digests]
    removed = {
        f"{kind} {key}": order[since - 1] for kind, ledger in ledgers for key, since in sorted(ledger.removed.items())
    }
    return Verified(number, dict(chain.digests), count, len(records), removed, is_earlier, has_earlier_bounds, base_url)


def _check_mentions(records: Iterable[Record], mistakes: Mistakes) -> set[str]:
    """Return the figures that records mention; report more mentions than a register has: each result is kept."""
    named = Counter(
        mention
        for record in records
        for mention in {(record.kind, name) for _, name in observations_of(record.kind, record.content)}
    )
    for (kind, name), number in named.most_common():
        if kind in SHOWN_WITH_FIGURES and number > MOST_MENTIONS:
            found = f"{number:,} mentions of {name} by records of the kind {kind}"
            mistakes.report_at(Place(SEALED_RECORDS), Refused("too_many", found, f"at most {MOST_MENTIONS}"))
    return {name for _, name in named}


def _claimed_number(package: RegisterFile, chain: Chain, mistakes: Mistakes) -> str:
    number = None
    with suppress(ValueError, AttributeError, RecursionError):
        number = json.loads(read_text(package, mistakes)).get("version")
    if not isinstance(number, str) or number not in chain.digests:
        raise MisconductError(
            f"{package.name} says that this is release {str(number)[:40]!r}, which has no manifest.",
            hint="Drafts have no manifest and cannot be verified.",
        )
    return number


def _report_strangers(listed: set[str], chain: Chain, mistakes: Mistakes) -> None:
    """Report files that no release has: whoever makes a bundle can put them into it, and into its sums."""
    tables = {"releases", *all_tables(Catalogue.assemble(Release(1, "", date.min, "", ""), [], [], {}))}
    known = {SUMS, FIGURES, SEALED_OBSERVATIONS, SEALED_RECORDS, *TEXTS, *(f"{name}.csv" for name in tables)}
    known |= {f"{MANIFESTS}/{number}.csv" for number in chain.digests}
    for name in sorted(listed - known):
        mistakes.report_at(Place(name), Refused("unexpected_file", "no release has this file: nothing vouches for it"))


def _require_file(folder: Path, name: str) -> RegisterFile:
    file = find_file(folder, name)
    if file is None:
        raise MisconductError(f"The bundle has no file {name}.", hint="Download it again.")
    return file


def _check_links(records: list[Record], chain: Chain, last: int, mistakes: Mistakes) -> list[Release]:
    """Return the releases up to the last, by their own sealed records; a broken link between two is reported."""
    own = {record.id: record for record in records if record.kind == "release"}
    releases, before = list[Release](), ""
    for ordinal, (number, digest) in enumerate(list(chain.digests.items())[:last], 1):
        content = own[number].content if number in own else {}
        if content and (content["previous"] or "") != before:
            found = f"release {number} gives the digest before it as {content['previous']}; the manifests give {before}"
            mistakes.report_at(Place(SEALED_RECORDS), Refused("broken_chain", found))
        released = date.fromisoformat(content.get("released", "0001-01-01"))
        releases.append(Release(ordinal, number, released, content.get("summary", ""), digest))
        before = digest
    return releases


def _is_earlier(folder: Path, records: Iterable[Record]) -> bool:
    """Tell whether the bundle is of a program that computed results in another way (see `earlier_results`).

    Nothing seals a header, so records that such a program could not have released show that it is not.
    """
    checks = find_file(folder, "checks.csv")
    is_later = any(record.kind in LATER_KINDS or record.content.get(SINCE) for record in records)
    return checks is not None and SINCE not in read_header(checks) and not is_later


def _compute(
    release: int, records: list[Record], observations: dict[str, Observation], *, is_earlier: bool
) -> Iterator[Assessment]:
    """Yield what checks and disagreements result in; nothing for one that names a figure that is not there."""
    codes = relate_codes(record.content for record in records if record.kind == "code")
    for record in records:
        with suppress(KeyError, Refused):
            content = (
                compute_as_earlier(record.kind, record.content, observations)
                if is_earlier
                else compute(record.kind, record.content, observations, codes)
            )
            if content is not None:
                yield Assessment(release, record.kind, record.id, content)


def _base_url(releases: RegisterFile, number: str) -> str:
    """Return the start of addresses, which is not hashed: the service, in bundles without the register's rows."""
    addresses = {row.cells.get("number"): row.cells.get("cite_as", "") for row in read_rows(releases, Mistakes())}
    base_url = addresses.get(number, "").removesuffix(release_url("", number))
    return base_url if _ORIGIN.fullmatch(base_url) else ""


def _compare_digests(found: Verified, cited: Collection[str], mistakes: Mistakes) -> None:
    """Report where none of the cited digests is the release's own, or none vouches for a later removal by law.

    The digest of a release vouches for those before it. Anybody can write a later manifest that removes figures.
    """
    own = [found.digests[found.number]] if found.number else list(found.digests.values())
    numbers = {digest: number for number, digest in found.digests.items()}
    for digest in cited:
        if digest not in numbers or not {*own} & {*cited}:
            other = f"; it is that of {numbers[digest]}" if digest in numbers else ""
            of = f"release {found.number}, whose digest is {own[0]}" if found.number else "any of these releases"
            mistakes.report_at(Place(MANIFESTS), Refused("other_digest", f"{digest} is not the digest of {of}{other}"))
            return
    order = [*found.digests]
    vouched = max(order.index(numbers[digest]) for digest in cited)
    for number in order[vouched + 1 :]:
        if records := [record for record, since in found.removed.items() if since == number]:
            said = f"it says that the law removed {', '.join(records)}, and no digest that was given vouches for it"
            refused = Refused("unvouched_removal", said, f"--digest with that of {number} from its page, too")
            mistakes.report_at(Place(f"{MANIFESTS}/{number}.csv"), refused)


def read_digest(text: str) -> str:
    """Return the digest from the whole line that a release's page offers, or from its end.

    The release that the line names is ignored: the digest is of one release alone. Raises ValueError for other text.
    """
    cited = _CITED.fullmatch(" ".join(text.split()))
    if cited is None:
        raise ValueError("not a digest: give its 64 hexadecimal digits, or the whole line from the release's page")
    return cited[3].lower()


def describe(found: Verified, cited: Collection[str]) -> Iterator[str]:
    """Yield what `misconduct verify-release` tells a person of something that is in order."""
    if found.number is None:
        yield from (f"{number:10} {digest}" for number, digest in found.digests.items())
        yield "These digests are computed from the manifests. The records that they list were not checked."
    else:
        sealed = f"{found.figures:,} figures and {found.records:,} other records"
        yield f"This is release {found.number}: {sealed}, as they were released."
        yield f"Its digest: {found.digests[found.number]}"
        yield f"Not checked, because not sealed: {', '.join(TEXTS)}."
        if found.base_url:
            yield f"Nor is the service that its addresses name: {found.base_url[:200]!r}."
        if found.is_earlier:
            yield "Made by a program before 2.0.0: the results of checks and disagreements are by its rules."
        if found.has_earlier_bounds:
            yield "Made by an earlier program: the bounds of falls and of ranges are by its rules."
        if found.removed:
            removed = (f"{record} (says {number})" for record, number in found.removed.items())
            yield f"Removed by law, so not in it: {', '.join(removed)}."
    if not cited:
        yield ALONE
    else:
        yield "The digest that you gave is among them." if found.number is None else "That is the digest that you gave."
