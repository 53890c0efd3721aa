"""The environment, read once into one frozen object."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

import platformdirs
from limits import RateLimitItem, parse
from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_ADDRESS = re.compile(r"https?://([\w.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?(/[\w./~-]*)?", re.IGNORECASE | re.ASCII)
"""What links may begin with. Below a path only the API stands: pages link from the root."""


def default_home() -> Path:
    """Where the embedded database lives: for root a system folder, because postgres runs as another user there."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/misconduct")
    return Path(platformdirs.user_data_dir("misconduct"))


class Settings(BaseSettings):
    """What can be set from outside. Every name is an environment variable with the prefix `MISCONDUCT_`."""

    model_config = SettingsConfigDict(
        env_prefix="MISCONDUCT_", frozen=True, extra="ignore", populate_by_name=True, arbitrary_types_allowed=True
    )

    database_url: str | None = Field(None, description="Postgres as the reader; unset: the embedded server.")
    owner_url: str | None = Field(None, description="Postgres as the owner, who migrates and loads.")
    home: Path = Field(default_factory=default_home, description="Where the embedded server keeps its data.")
    base_url: str | None = Field(None, description="The address people use; links are built from it.")
    contact: str | None = Field(None, description="Who to write to for a correction or a right of reply.")
    pool_size: int = Field(8, ge=1, le=100, description="Database connections per worker.")
    query_seconds: float = Field(2.5, gt=0, description="How long one query may take, in seconds.")
    pool_seconds: float = Field(1.5, gt=0, description="How long a request waits for a connection, in seconds.")
    requests_at_work: int = Field(
        64, ge=1, description="How many requests are worked on at once, per worker; answers from memory do not count."
    )
    rate_limit: Annotated[RateLimitItem | None, NoDecode] = Field(
        None, description="What one client may ask per worker, such as 600/minute, memory not counted; unset: no limit."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="How many proxies of ours stand in front and each add to X-Forwarded-For."
    )
    show_drafts: bool = Field(False, description="Whether the draft state, where it was loaded, is the latest release.")
    look_seconds: float = Field(1.0, gt=0, description="Time between two looks for a newer release, in seconds.")
    cache_bytes: int = Field(32_000_000, ge=0, description="Memory for answers that are kept, per worker; 0: none.")
    log_requests: bool = Field(True, description="Whether every request has a line in the log.")
    metrics: bool = Field(True, description="Whether /metrics answers; it names no client.")
    export_rows: int = Field(200_000, ge=1, description="The most rows of one export.")

    port: int = Field(8000, ge=0, le=65535, validation_alias=AliasChoices("PORT", "MISCONDUCT_PORT"))

    @field_validator("rate_limit", mode="before")
    @classmethod
    def _read_rate_limit(cls, text: object) -> object:
        return (parse(text) if text else None) if isinstance(text, str) else text

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, url: str | None) -> str | None:
        if url is not None and not _ADDRESS.fullmatch(url):
            raise ValueError("an address is needed, such as https://figures.example.org")
        return url

    @property
    def public_url(self) -> str:
        """The address that links begin with, without a final slash."""
        return (self.base_url or f"http://localhost:{self.port}").rstrip("/")
