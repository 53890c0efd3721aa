"""Verify that no release has changed, and that each names the digest of the previous one."""

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from misconduct.releases import folder as files
from misconduct.releases.folder import ListedRelease, digest_of, list_visible, order_of

REMOVALS_COLUMNS = ("day", "release", "before", "after", "law")


def read_removals(data: Path) -> dict[tuple[str, str], str]:
    """Return the digest that each removal by law gave a release, by its number and the digest before."""
    rows = files.read_rows(data / "removals.csv", REMOVALS_COLUMNS)
    return {(one["release"], one["before"]): one["after"] for one in rows}


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
    former = files.list_former_releases(data)
    last = former[-1] if former else None
    for before, release in zip([last, *listed], listed, strict=False):
        problems += _verify_release(
            data / "releases" / release.number, release, before, removals
        )
    return problems


def _verify_release(
    folder: Path,
    listed: ListedRelease,
    before: ListedRelease | None,
    removals: Mapping[tuple[str, str], str],
) -> list[str]:
    if not folder.is_dir():
        return [f"{folder}: This release is missing."]
    if differences := files.find_differences(folder, files.list_files(folder)):
        return differences
    digest = digest_of(folder / files.SUMS)
    if digest != listed.digest:
        return [
            f"{folder / files.SUMS}: The digest of this file is {digest}, but releases.csv has {listed.digest}."
        ]
    return _verify_package(folder / files.PACKAGE, listed, before, removals)


def _verify_package(
    path: Path,
    listed: ListedRelease,
    before: ListedRelease | None,
    removals: Mapping[tuple[str, str], str],
) -> list[str]:
    """Return a sentence for each mistake in what a release says of itself and of the one before it."""
    package, problems = json.loads(path.read_bytes()), []
    stated = package["version"], package["created"][:10], package["description"]
    if stated != (listed.number, listed.day, listed.summary):
        problems.append(f"{path}: releases.csv has another number, day or summary.")
    previous, expected = package.get("previous", ""), before.digest if before else ""
    for (number, digest_before), after in removals.items():
        if before and (number, digest_before) == (before.number, previous):
            previous = after
    if previous != expected:
        problems.append(
            f"{path}: previous is {previous or 'missing'}, "
            f"but the digest of the previous release is {expected or 'none, as this is the first'}."
        )
    return problems
