"""Settings, each an environment variable that begins with MISCONDUCT_."""

import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

import psycopg
from platformdirs import user_data_path
from psycopg.conninfo import conninfo_to_dict
from pydantic import AfterValidator, AnyHttpUrl, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _has_no_path(url: AnyHttpUrl) -> AnyHttpUrl:
    more = (url.username, url.password, url.query, url.fragment)
    if url.path not in (None, "/") or any(more):
        raise ValueError(
            "give scheme, host and port only; the service answers at the root of its host"
        )
    return url


def _is_address(contact: str | None) -> str | None:
    if contact and not re.fullmatch(r"(mailto:|https://)\S+", contact):
        raise ValueError("write it as mailto:name@example.org, or as https://…")
    return contact


def _is_of_postgres(address: str | None) -> str | None:
    try:
        host = conninfo_to_dict(address or "").get("host") or ""
    except psycopg.ProgrammingError:
        host = "@"
    if "@" in str(host):  # a piece of a password, which libpq's own message would show
        raise ValueError(
            "write it as postgresql://user:password@host/database, and in the password %40 for @, %3A for :, %2F for / "
            "and %25 for %; or leave the password out, and set PGPASSWORD"
        )
    return address


def _default_home() -> Path:
    """Return a folder for Postgres. If we are root, Postgres runs as another user, who cannot enter /root."""
    return (
        Path("/var/lib/misconduct-2")
        if os.geteuid() == 0
        else user_data_path("misconduct-2", appauthor=False)
    )


def _default_data() -> Path:
    return (
        Path("data")
        if os.access("data/releases.csv", os.R_OK)
        else Path(__file__).parent / "data"
    )


OF_KUBERNETES = re.compile(r"MISCONDUCT_(SERVICE|PORT)(_|$)")
"""Variables that Kubernetes sets beside a service that is called misconduct."""

ALIKE = 0.9  # two letters of MISCONDUCT_HOME changed places, or one is missing

NO_CONTACT = "This copy has no contact."
SET_CONTACT = f"{NO_CONTACT} Set MISCONDUCT_CONTACT, so that readers can report errors."


class Settings(BaseSettings):
    """The settings, as docs/operations.md describes them."""

    model_config = SettingsConfigDict(
        env_prefix="MISCONDUCT_", env_ignore_empty=True, extra="ignore"
    )

    public_url: Annotated[AnyHttpUrl, AfterValidator(_has_no_path)] = AnyHttpUrl(
        "http://localhost:8000"
    )
    database_url: Annotated[str | None, AfterValidator(_is_of_postgres)] = (
        None  # without one, we start our own Postgres
    )
    home: Path = Field(default_factory=_default_home)
    data: Path = Field(default_factory=_default_data)
    home_area: str = "United Kingdom"  # of readers: first where they name no place
    contact: Annotated[str | None, AfterValidator(_is_address)] = None
    mcp: Literal["on", "off"] = "off"
    watch_host: str | None = None

    @classmethod
    def find_misspelt(cls) -> list[str]:
        """Return a sentence for each variable that looks like a setting, but is none."""
        known = [f"MISCONDUCT_{name.upper()}" for name in cls.model_fields]
        sentences = []
        for name in sorted({name.upper() for name in os.environ}.difference(known)):
            is_ours = name.startswith("MISCONDUCT_") and not OF_KUBERNETES.match(name)
            if is_ours or get_close_matches(name, known, 1, ALIKE):
                [nearest] = get_close_matches(name, known, 1, cutoff=0)
                sentences.append(
                    f"{name} is not a setting; the nearest is {nearest}. The settings are {', '.join(known)}."
                )
        return sentences

    @property
    def base_url(self) -> str:
        return str(self.public_url).rstrip("/")
