"""What browsers and shared caches (nginx, Varnish, a CDN) are told: how long an answer stays, and its tags.

A shared cache can be purged, by the tags; a browser cannot, so it is told less (docs/decisions/0026).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

LATEST = "public, max-age=10, s-maxage=5, stale-while-revalidate=3, stale-if-error=604800"
"""Of answers that the next release may change: with MISCONDUCT_LOOK_SECONDS, it is seen everywhere within ten seconds.

If the service does not answer, an older answer is better than none, for a week.
"""

PINNED = "public, max-age=3600, s-maxage=86400, stale-if-error=604800"
"""Of answers that name their release. They change by a removal by law, or an upgrade of the program; then purge."""

PINNED_FOR_NOW = "public, max-age=3600, s-maxage=5"
"""Of the same from a process that may not know the newest release: shared caches may have been purged already."""

HASHED = "public, max-age=31536000, immutable"
"""Of addresses that hold the hash of their bytes: nothing else is immutable."""

GONE = "public, max-age=10, s-maxage=5"
"""Of 410: a cache may keep it, because it then replaces what it has of the record that the law removed."""

EVERYTHING, OF_LATEST = "register", "latest"
"""The tags of all answers, and of those that the next release may change."""

TAGGED = {"dataset": "dataset", "dataset_id": "dataset", "observation_id": "figure", "source_id": "source"}
"""The parts of paths that are tags, with the kind of thing that the tag names."""

TAG_HEADERS = ("Surrogate-Key", "Cache-Tag")
"""Fastly and Varnish read the one, separated by spaces; Cloudflare and others the other, separated by commas."""

CACHING_HEADERS = ("Cache-Control", "Vary", *TAG_HEADERS)

MOST_TAG_BYTES = 1_000
"""Of all tags of an answer; what is longer has fewer tags. The general ones come first."""


def caching_headers(lifetime: str, tags: Iterable[str] = ()) -> dict[str, str]:
    """Return `Cache-Control` and the tags of an answer: the given ones, and those that its lifetime decides."""
    found: list[str] = []
    length = 0
    for tag in dict.fromkeys((EVERYTHING, *((OF_LATEST,) if lifetime != PINNED else ()), *tags)):
        length += len(tag) + 1
        if length > MOST_TAG_BYTES:
            break
        found.append(tag)
    return {"Cache-Control": lifetime, "Surrogate-Key": " ".join(found), "Cache-Tag": ",".join(found)}


def caching_of_error(vary: str, *, is_kept: bool) -> dict[str, str]:
    """Return what caches are told of an error: nobody keeps it, but for what replaces an answer with what was removed.

    That is the removal itself, a filter that names what is not there, and a chart that cannot be drawn. Others
    would only fill them. `vary` are the headers that decide its bytes.
    """
    return {**caching_headers(GONE), "Vary": vary} if is_kept else {"Cache-Control": "no-store"}


def find_tags(release: str, path_params: Mapping[str, str], figures: Iterable[str] = ()) -> list[str]:
    """Return the tags of an answer: its release, what its path names, and the figures it compares."""
    named = [f"{TAGGED[name]}-{value}" for name, value in path_params.items() if name in TAGGED]
    return [f"release-{release}", *filter(_is_tag, named), *filter(_is_tag, (f"figure-{one}" for one in figures))]


def can_have(tag: str) -> bool:
    """Return whether an answer can have this tag."""
    kind, _, value = tag.partition("-")
    return tag in (EVERYTHING, OF_LATEST) or bool(kind in ("release", *TAGGED.values()) and value and _is_tag(tag))


def _is_tag(text: str) -> bool:
    """Return whether a header can carry the text as one tag: a path can hold anything."""
    return text.isascii() and text.replace("-", "").replace("_", "").replace(".", "").isalnum()
