"""What another process must know to connect: kept in one private file of the home."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import quote

SUPERUSER, OWNER, READER = "postgres", "misconduct_owner", "misconduct_reader"
DATABASE = "misconduct"


def invent_passwords() -> dict[str, str]:
    """A new random password for every role."""
    return {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, READER)}


@dataclass(frozen=True, slots=True)
class Facts:
    """Passwords by role, the socket's folder, and the digest of the roles.sql last run (None: never)."""

    socket_folder: str
    passwords: dict[str, str] = field(default_factory=invent_passwords)
    roles_digest: str | None = None

    def url(self, role: str, database: str, *, with_password: bool = True) -> str:
        """`postgresql://role:password@/database?host=/folder&port=5432`."""
        host = quote(self.socket_folder, safe="/")
        who = f"{role}:{quote(self.passwords[role])}" if with_password else role
        return f"postgresql://{who}@/{quote(database)}?host={host}&port=5432"


def read_facts(path: Path) -> Facts | None:
    """What is kept in `path`; None if there is nothing, or nothing whole."""
    try:
        return Facts(**json.loads(path.read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_facts(path: Path, facts: Facts) -> None:
    """Keep `facts` in `path`, readable by us alone, whole or not at all, even if the power fails."""
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(facts), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
