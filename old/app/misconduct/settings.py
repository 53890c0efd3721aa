"""The environment, read once into one frozen object."""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from functools import cached_property
from ipaddress import IPv6Address
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from limits import RateLimitItem, parse
from pydantic import AliasChoices, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_ADDRESS = re.compile(r"https?://([\w.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?(/[\w./~-]*)?", re.IGNORECASE | re.ASCII)
"""What links may begin with. Only the API works below a path: pages link from the root."""

_PLACE = re.compile(r"[^/]*//[^/]*")  # in either case, as its parts are
_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?", re.ASCII)

_PORT = re.compile(r"(([\w.-]+|\[[0-9a-f:.]+\]):)?\d{1,5}", re.IGNORECASE | re.ASCII)

_RATE = re.compile(
    r"0*[1-9]\d*\s*(/|per)\s*(0*[1-9]\d*\s*)?(second|minute|hour|day|month|year)s?", re.IGNORECASE | re.ASCII
)
_MOST_SECONDS = 86_400  # of a wait: enough for anybody, and a number that clocks and Postgres take
_MOST = 2**53 - 1  # the largest whole number that every reader of JSON takes as it is (RFC 8259)

_EMAIL = re.compile(r"[^@\s:/]+@[^@\s]+")
_CONTACT = re.compile(r"(https://|mailto:|tel:)\S+")


def _is_reachable(text: str) -> bool:
    """Tell whether a host in brackets is an IPv6 address, and the number at its end, or alone, can be a port."""
    number, literal = re.search(r"(?:^|:)(\d+)(?:/.*)?$", text), re.search(r"\[(.*)\]", text)
    with suppress(ValueError):
        return (number is None or int(number[1]) <= 65_535) and (literal is None or bool(IPv6Address(literal[1])))
    return False


def default_home() -> Path:
    """Return the embedded database's folder: for root a system folder, because Postgres then runs as another user."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/misconduct")
    return Path(platformdirs.user_data_dir("misconduct"))


def read_secret(file: Path, errors: str = "strict") -> str:
    """Return what a file has, without white space around it.

    Raises OSError, also if it is no plain file: a pipe may keep its reader waiting, and a device may never end.
    """
    if file.exists() and not file.is_file():
        raise OSError(errno.EINVAL, "It is not a plain file", str(file))
    return file.read_text(encoding="utf-8", errors=errors).strip()


AWAIT_RELEASE = "MISCONDUCT_AWAIT_RELEASE"
"""An environment variable: if set, a worker starts only once it knows a release, because it replaces another one."""


class Settings(BaseSettings):
    """The settings. Each is an environment variable with the prefix `MISCONDUCT_`."""

    model_config = SettingsConfigDict(
        env_prefix="MISCONDUCT_",
        frozen=True,
        extra="ignore",
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,  # which may be a password
    )

    database_url: str | None = Field(None, description="Postgres as the reader role; unset: the embedded server.")
    database_url_file: Path | None = Field(
        None, description="A file that has MISCONDUCT_DATABASE_URL, read again for each new connection."
    )
    owner_url: str | None = Field(None, description="Postgres as the owner role, which migrates and loads.")
    owner_url_file: Path | None = Field(None, description="A file that has MISCONDUCT_OWNER_URL.")
    home: Path = Field(default_factory=default_home, description="Where the embedded server keeps its data.")
    base_url: str | None = Field(None, description="The public address; links begin with it.")
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Further hosts, separated by commas, to whose requests links are answered as they came."
    )
    contact: str | None = Field(None, description="Who to write to for a correction or a right of reply.")
    pool_size: int = Field(8, ge=1, le=100, description="Database connections per worker.")
    query_seconds: float = Field(2.5, gt=0, le=_MOST_SECONDS, description="How long a query may take, in seconds.")
    pool_seconds: float = Field(
        1.5, gt=0, le=_MOST_SECONDS, description="How long a request waits for a connection, in seconds."
    )
    requests_at_work: int = Field(
        64, ge=1, le=_MOST, description="How many requests a worker handles at once; cached answers do not count."
    )
    rate_limit: Annotated[RateLimitItem | None, NoDecode] = Field(
        None, description="Limit per client and worker, such as 600/minute; cached answers do not count."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="How many of our own proxies are in front, each of which adds to X-Forwarded-For."
    )
    show_drafts: bool = Field(False, description="Whether a loaded draft is the latest release.")
    look_seconds: float = Field(
        1.0, gt=0, le=_MOST_SECONDS, description="How often to check for a newer release, in seconds."
    )
    cache_bytes: int = Field(
        32_000_000, ge=0, le=_MOST, description="Memory for cached answers, per worker; 0: no cache."
    )
    log_requests: bool = Field(True, description="Whether to log every request.")
    metrics: bool = Field(True, description="Whether /metrics answers; it names no client.")
    metrics_port: str | None = Field(
        None, description="Another port for /metrics, /healthz and /readyz, such as 9100 or 0.0.0.0:9100."
    )
    keep_alive_seconds: int = Field(75, ge=1, le=_MOST_SECONDS, description="How long an idle connection stays open.")
    purge: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Shared caches to purge after a load, separated by commas."
    )
    export_rows: int = Field(200_000, ge=1, le=_MOST, description="Maximum rows of an export.")

    # The variable has no prefix: Kubernetes puts the address of a Service `misconduct` into MISCONDUCT_PORT.
    port: int = Field(8000, ge=0, le=65535, validation_alias=AliasChoices("PORT", "port"))

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Read each secret, which is a setting `name` beside which there is a `name_file`, from its file."""
        for file in (name for name in cls.model_fields if name.endswith("_file") and values.get(name) is not None):
            name = file.removesuffix("_file")
            variable = f"MISCONDUCT_{name.upper()}"
            if values.get(name) is not None:
                raise ValueError(f"{variable} and {variable}_FILE cannot both be set")
            if "://" in str(values[file]):
                raise ValueError(f"{variable}_FILE must be the path of a file that has the address")
            try:
                values = {**values, name: read_secret(Path(values[file]))}
            except (OSError, UnicodeDecodeError) as error:
                raise ValueError(f"the file of {variable}_FILE cannot be read: {error}") from error
        return values

    @field_validator("home", mode="before")
    @classmethod
    def _is_folder(cls, path: object) -> object:
        if path == "":  # as a variable that is set to nothing: otherwise the folder in which one stands
            raise ValueError("must name a folder")
        return path

    def read_database_url(self) -> str:
        """Return the reader's address as it is now, because its file may have another password since the start."""
        if self.database_url_file is None:
            return self.database_url or ""
        return read_secret(self.database_url_file)

    @field_validator("rate_limit", mode="before")
    @classmethod
    def _read_rate_limit(cls, text: object) -> object:
        if not isinstance(text, str) or not text:
            return text or None
        if not _RATE.fullmatch(text.strip()):  # `parse` takes the first of several, and 0 for 1
            raise ValueError("must be one limit such as 600/minute or 10 per second")
        return parse(text)

    @field_validator("metrics_port")
    @classmethod
    def _is_port(cls, text: str | None) -> str | None:
        if text is not None and not (_PORT.fullmatch(text) and _is_reachable(text)):
            raise ValueError("must be a port such as 9100, which listens on 127.0.0.1, or an address and a port")
        return text

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        """The address and port for operators; None: they are on the port of the service."""
        if self.metrics_port is None:
            return None
        host, _, port = self.metrics_port.rpartition(":")
        return host.strip("[]") or "127.0.0.1", int(port)

    @field_validator("purge", mode="before")
    @classmethod
    def _split_purge(cls, text: object) -> object:
        return tuple(one.strip() for one in text.split(",") if one.strip()) if isinstance(text, str) else text

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if not (_ADDRESS.fullmatch(url) and _is_reachable(url)):
            raise ValueError("must be an address such as https://figures.example.org")
        return _PLACE.sub(lambda place: place[0].lower(), url)

    @field_validator("hosts", mode="before")
    @classmethod
    def _are_hosts(cls, text: object) -> object:
        if not isinstance(text, str):
            return text
        hosts = tuple(host.strip().lower() for host in text.split(",") if host.strip())
        if wrong := [
            host
            for host in hosts
            if not (_ORIGIN.fullmatch(host if "://" in host else f"http://{host}") and _is_reachable(host))
        ]:
            allowed = "hosts such as www.example.org, 10.0.0.5:8000 or https://www.example.org"
            raise ValueError(f"must be {allowed}, separated by commas, and {', '.join(wrong)} is none")
        return hosts

    @property
    def public_url(self) -> str:
        """The address that links begin with, without a trailing slash."""
        return (self.base_url or f"http://localhost:{self.port}").rstrip("/")

    @cached_property
    def addresses(self) -> dict[str, str]:
        """What links begin with, by the `Host` of a request; for any other host it is the public address.

        A host without a scheme has that of the public address. Where no public address is set, the service is on a
        developer's machine, and every name of that machine is allowed.
        """
        scheme = self.public_url.partition("://")[0]
        hosts = self.hosts
        if self.base_url is None:
            hosts += tuple(f"{host}:{self.port}" for host in ("localhost", "127.0.0.1", "[::1]"))
        urls = (host if "://" in host else f"{scheme}://{host}" for host in hosts)
        return {url.partition("://")[2]: url for url in urls}

    @property
    def contact_address(self) -> str | None:
        """The contact as a URI; None if it is neither a URI nor an email address."""
        if self.contact is None or _CONTACT.fullmatch(self.contact):
            return self.contact
        return f"mailto:{self.contact}" if _EMAIL.fullmatch(self.contact) else None
