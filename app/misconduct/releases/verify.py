"""Verify that no release has changed, and that each names the digest of the previous one."""

import json
from itertools import pairwise
from pathlib import Path

from misconduct.releases import folder as files
from misconduct.releases.folder import ListedRelease, digest_of, list_visible, order_of

REMOVALS_COLUMNS = ("day", "release", "before", "after", "law")


def read_removals(data: Path) -> list[dict[str, str]]:
    """Return the removals by law: day, release, digest before and after, and law."""
    return files.read_rows(data / "removals.csv", REMOVALS_COLUMNS)


def verify_releases(data: Path) -> list[str]:
    """Return a sentence for each mistake in the releases. Raises ReleaseError if a list of them cannot be read.

    A removal that `removals.csv` explains changes the digest of a release; later ones may name the digest before it.
    """
    listed = files.list_releases(data)
    removals = read_removals(data)
    numbers = [one.number for one in listed]
    problems = [
        f"{data / 'releases.csv'}: {number} must have a greater number than {before}, and the same day or a later one."
        for (before, day_before, *_), (number, day, *_) in pairwise(listed)
        if order_of(number) <= order_of(before) or day < day_before
    ]
    problems += [
        f"{folder}: releases.csv does not list this release."
        for folder in list_visible(data / "releases")
        if folder.is_dir() and folder.name not in numbers
    ]
    for before, release in zip([None, *listed], listed, strict=False):
        problems += _verify_release(data / "releases" / release.number, release, before, removals)
    return problems


def _verify_release(
    folder: Path, listed: ListedRelease, before: ListedRelease | None, removals: list[dict[str, str]]
) -> list[str]:
    if not folder.is_dir():
        return [f"{folder}: This release is missing."]
    if differences := files.find_differences(folder, (path.name for path in list_visible(folder))):
        return differences
    digest = digest_of(folder / files.SUMS)
    if digest != listed.digest:
        return [f"{folder / files.SUMS}: The digest of this file is {digest}, but releases.csv has {listed.digest}."]
    package = json.loads((folder / files.PACKAGE).read_bytes())
    stated = (package["version"], package["created"][:10], package["description"], package.get("earlier_digest", ""))
    problems = []
    if stated != (listed.number, listed.day, listed.summary, listed.earlier_digest):
        problems.append(f"{folder / files.PACKAGE}: releases.csv has another number, day, summary or earlier digest.")
    previous = _after_removals(package.get("previous", ""), before, removals)
    expected = before.digest if before else ""
    if previous != expected:
        problems.append(
            f"{folder / files.PACKAGE}: previous is {previous or 'missing'}, "
            f"but the digest of the previous release is {expected or 'none, as this is the first'}."
        )
    return problems


def _after_removals(digest: str, release: ListedRelease | None, removals: list[dict[str, str]]) -> str:
    """Return the digest that a release has now, for one that it had before a removal."""
    for removal in removals:
        if release and (removal["release"], removal["before"]) == (release.number, digest):
            digest = removal["after"]
    return digest
