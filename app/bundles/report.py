"""What `misconduct verify-release` tells a person."""

from __future__ import annotations

from collections.abc import Iterator

from app.bundles.verify import Verified

ALONE = (
    "All of it fits together. But whoever can change a bundle can change all of it alike: only a digest that you have "
    "from elsewhere (a newspaper, an archive, somebody's older copy) rules that out. Give it with --digest."
)


def describe(found: Verified, cited: str | None) -> Iterator[str]:
    """The lines for something that is in order."""
    if found.number is None:
        yield from (f"{number:10} {digest}" for number, digest in found.digests.items())
        yield "These are the digests that the manifests come to. The records that they seal were not looked at."
    else:
        sealed = f"{found.figures:,} figures and {found.records:,} other records"
        yield f"This is release {found.number}: {sealed}, as they were sealed."
        yield f"Its digest: {found.digests[found.number]}"
        if found.removed:
            yield f"Removed by law, so not in it: {', '.join(found.removed)}."
    if cited is None:
        yield ALONE
    else:
        yield "The digest that you gave is among them." if found.number is None else "That is the digest that you gave."
