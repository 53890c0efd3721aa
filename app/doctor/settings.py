"""Settings that a public service should have."""

from __future__ import annotations

from collections.abc import Iterator

from app.doctor.finding import Finding, judge
from app.settings import Settings


def examine_settings(settings: Settings) -> Iterator[Finding]:
    """Whether links lead to where people are, and whether there is someone to write to."""
    found = f"links begin with {settings.public_url}"
    to_do = "Set MISCONDUCT_BASE_URL to the address that people use, before the first load."
    yield judge("address", found, warn=settings.base_url is None, to_do=to_do)
    found = "corrections and reports reach someone" if settings.contact else "nobody to write to is named"
    to_do = "Set MISCONDUCT_CONTACT; /.well-known/security.txt shows it."
    yield judge("contact", found, warn=settings.contact is None, to_do=to_do)
