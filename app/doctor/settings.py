"""Settings that a public service should have, and those that are none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import AliasChoices

from app.doctor.finding import Finding, judge
from app.register.mistakes import suggest
from app.settings import Settings

PREFIX = "MISCONDUCT_"
ELSEWHERE = {"REGISTER_PATH", "OWNER_PASSWORD", "READER_PASSWORD", "CHROMIUM"}
"""What others read than `Settings`: the command, roles.sql, compose.yaml, and the tests of the pages."""


def examine_settings(settings: Settings) -> Iterator[Finding]:
    """Whether links lead to where people are, and whether there is someone to write to."""
    found = f"links begin with {settings.public_url}"
    to_do = "Set MISCONDUCT_BASE_URL to the address that people use."
    yield judge("address", found, warn=settings.base_url is None, to_do=to_do)
    found = "corrections and reports reach someone" if settings.contact else "nobody to write to is named"
    to_do = "Set MISCONDUCT_CONTACT; /.well-known/security.txt shows it."
    yield judge("contact", found, warn=settings.contact is None, to_do=to_do)


def examine_names(environment: Iterable[str]) -> Finding:
    """Whether every variable with our prefix is a setting: one that is none is read by nobody."""
    known = _names_of_settings() | ELSEWHERE
    ours = sorted(name for name in environment if name.upper().startswith(PREFIX))
    unknown = [_with_suggestion(name, known) for name in ours if name.upper().removeprefix(PREFIX) not in known]
    found = f"nothing reads {', '.join(unknown)}" if unknown else f"all that begin with {PREFIX} are read"
    to_do = "Correct or remove them; docs/operations.md lists the settings."
    return judge("settings", found, warn=bool(unknown), to_do=to_do)


def _names_of_settings() -> set[str]:
    """The names behind the prefix, the aliases among them."""
    names = set()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [PREFIX + name]
        names |= {str(choice).upper().removeprefix(PREFIX) for choice in choices}
    return names


def _with_suggestion(name: str, known: set[str]) -> str:
    """The name and what was probably meant. The prefix, in which all are alike, is not compared."""
    meant = suggest((name.upper().removeprefix(PREFIX), sorted(known)))
    return f"{name} (did you mean {PREFIX}{meant}?)" if meant else name
