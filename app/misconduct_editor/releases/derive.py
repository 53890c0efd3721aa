"""Derive what a release has beside its figures and records: the table, what is not in it, and what has changed."""

from dataclasses import replace

from misconduct.releases.folder import Release

from ..series.choose import Choice, choose
from .versions import add_versions


def derive(last: Release | None, release: Release) -> tuple[Release, Choice]:
    """Return a release that has a number with all that is derived, and the choice of its series."""
    choice = choose(release)
    derived = replace(
        release,
        table=choice.table,
        others=choice.others,
        versions=add_versions(last, release),
    )
    return derived, choice
