"""The addresses of the database: the reader's and the owner's, and what libpq's forms of them mean to both drivers."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

from misconduct.errors import MisconductError

if TYPE_CHECKING:
    from misconduct.settings import Settings  # with pydantic, which a load can do without for longer

EXAMPLE = "postgresql://user:password@host:5432/misconduct"

BOTH = "given to both drivers as it is"
SESSION = "a setting of the session, which asyncpg calls a server setting"
SOCKET = "an option of the socket, which asyncpg leaves to us"
ANYWAY = "what asyncpg does in any case may be asked for, and nothing else (see ALLOWED)"
HOSTS = "which host is connected to, and how long that may take: misconduct.db.engine.Hosts"

PARAMETERS: dict[str, str] = {
    "host": HOSTS,
    "port": HOSTS,
    "target_session_attrs": HOSTS,
    "load_balance_hosts": HOSTS,
    "connect_timeout": HOSTS,
    "user": BOTH,
    "password": BOTH,
    "dbname": BOTH,
    "passfile": BOTH,
    "sslmode": BOTH,
    "sslrootcert": BOTH,
    "sslcert": BOTH,
    "sslkey": BOTH,
    "sslpassword": BOTH,
    "sslcrl": BOTH,
    "ssl_min_protocol_version": BOTH,
    "ssl_max_protocol_version": BOTH,
    "krbsrvname": BOTH,
    "application_name": SESSION,
    "options": SESSION,
    "keepalives": SOCKET,
    "keepalives_idle": SOCKET,
    "keepalives_interval": SOCKET,
    "keepalives_count": SOCKET,
    "tcp_user_timeout": SOCKET,
    "channel_binding": ANYWAY,
    "gssencmode": ANYWAY,
    "sslnegotiation": ANYWAY,
    "client_encoding": ANYWAY,
}
"""Each parameter of libpq that an address may have, and who honours it when serving. psycopg, for loading, has all."""

ALLOWED: dict[str, tuple[str, ...]] = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "target_session_attrs": ("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
    "load_balance_hosts": ("disable", "random"),
    "keepalives": ("0", "1"),
    "channel_binding": ("prefer", "disable"),
    "gssencmode": ("prefer", "disable"),
    "sslnegotiation": ("postgres",),
    "client_encoding": ("utf8", "UTF8", "auto"),
}
"""The values of the parameters that have few."""

NUMBERS = (
    "connect_timeout",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
)
_IDENTITY = ("user", "password", "dbname", "passfile")
FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")


class Urls(NamedTuple):
    """Postgres as the reader, which may only select, and as the owner, which migrates and loads (None: not set)."""

    reader: str
    owner: str | None


class Place(NamedTuple):
    """A host, or the folder of a socket, and a port; empty: the driver's default."""

    host: str
    port: str

    def __str__(self) -> str:
        return f"{self.host or 'localhost'}:{self.port or 5432}"


class Address(NamedTuple):
    """The address of a database: its hosts, and the other parameters by libpq's names."""

    places: tuple[Place, ...]
    parameters: dict[str, str]

    def each_host(self) -> list[Address]:
        """Return an address for each of the hosts, whatever that host is."""
        parameters = {name: value for name, value in self.parameters.items() if name != "target_session_attrs"}
        return [Address((place,), parameters) for place in self.places]

    def for_libpq(self, **more: Any) -> str:
        """Return the address as psycopg takes it, with further parameters."""
        from psycopg.conninfo import make_conninfo  # 9 MB, which a worker does not need

        several = {
            "host": ",".join(place.host for place in self.places),
            "port": ",".join(place.port for place in self.places),
        }
        places = {name: value for name, value in several.items() if value.strip(",")}
        return make_conninfo("", **places | self.parameters | more)

    def for_asyncpg(self, place: Place) -> dict[str, Any]:
        """Return the arguments with which asyncpg connects to one of the hosts. The session's settings are separate."""
        arguments: dict[str, Any] = {"host": place.host, "port": int(place.port or 0)}
        given = self.of(BOTH)
        if place.host.startswith("/"):
            given = {"sslmode": "disable", **given}  # no socket has TLS, and asyncpg goes by the environment
        arguments |= {"database" if name == "dbname" else name: given.pop(name, None) for name in _IDENTITY}
        arguments["dsn"] = f"postgresql://?{urlencode(given, quote_via=quote)}"  # it has no other way for certificates
        return {name: value for name, value in arguments.items() if value}

    def of(self, kind: str) -> dict[str, str]:
        """Return the parameters that are of one kind (BOTH, SESSION, SOCKET)."""
        return {name: value for name, value in self.parameters.items() if PARAMETERS[name] == kind}


@contextmanager
def database_urls(settings: Settings) -> Iterator[Urls]:
    """Provide the configured addresses, or those of the embedded server, which then runs for the block.

    Raises MisconductError if an address is malformed.
    """
    for name in ("database_url", "owner_url"):
        if (url := getattr(settings, name)) is not None:
            read_address(url, f"MISCONDUCT_{name.upper()}")
    if settings.database_url is not None:
        yield Urls(settings.database_url, settings.owner_url)
    elif settings.owner_url is not None:
        yield Urls(settings.owner_url, settings.owner_url)
    else:
        from misconduct.db.embedded import EmbeddedPostgres

        with EmbeddedPostgres(settings.home) as server:
            yield Urls(server.reader_url, server.owner_url)


def read_address(url: str, name: str = "The address") -> Address:
    """Read an address in any of libpq's forms: `h1:5481,h2:5482`, `?host=h1,h2&port=1,2`, a socket's folder.

    Raises MisconductError, without quoting the address: it may hold a password.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise MisconductError(f"{name} is not a database address such as {EXAMPLE}.")
    before, _, query = rest.partition("?")
    authority, _, database = before.partition("/")
    login, _, hosts = authority.rpartition("@")
    pairs = (pair.partition("=") for pair in query.split("&"))
    if "@" in login or any("@" in key or ("@" in value and key not in PARAMETERS) for key, _, value in pairs):
        what = "has more than one @" if "@" in login else "has an @ behind its first ?"
        raise MisconductError(
            f"{name} {what}.", hint="In a password, write @ as %40, : as %3A, / as %2F and ? as %3F (RFC 3986)."
        )
    user, _, password = login.partition(":")
    parameters = {"user": unquote(user), "password": unquote(password), "dbname": unquote(database)}
    listed = [hosts] if hosts else []
    ports = ""
    for key, value in parse_qsl(query.replace("+", "%2B"), keep_blank_values=True):
        if key == "host":
            listed.append(value)
        elif key == "port":
            ports = value
        else:
            parameters[key] = value
    parameters = {key: value for key, value in parameters.items() if value}
    _require_honoured(name, parameters)
    return Address(_read_places(name, ",".join(listed), ports), parameters)


def _read_places(name: str, hosts: str, ports: str) -> tuple[Place, ...]:
    """Return the hosts, each with its port: its own, or that of the same position, or the only one."""
    numbers = ports.split(",")
    written = [unquote(host) for host in hosts.split(",")]
    if len(numbers) not in (1, len(written)):
        raise MisconductError(f"{name} has {len(written)} hosts and {len(numbers)} ports.")
    places = []
    for position, one in enumerate(written):
        host, port = one, numbers[position if len(numbers) > 1 else 0]
        if one.startswith("["):
            if "]" not in one:
                raise MisconductError(f"{name}: a host begins with [ and does not end with ].")
            host, _, own = one.removeprefix("[").partition("]")
            port = own.removeprefix(":") or port
        elif one.count(":") == 1 and not one.startswith("/"):
            host, _, own = one.partition(":")
            port = own or port
        if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise MisconductError(f"{name}: a port must be a number from 1 to 65535.")
        places.append(Place(host, port))
    return tuple(places)


def _require_honoured(name: str, parameters: dict[str, str]) -> None:
    """Raise MisconductError for a parameter, or a value of it, that serving or loading would not honour."""
    for key, value in parameters.items():
        if key not in PARAMETERS:
            near = difflib.get_close_matches(key, PARAMETERS, 1)
            raise MisconductError(
                f"{name}: the parameter {key[:40]} cannot be used here.",
                hint=f"Did you mean {near[0]}?" if near else f"Parameters: {', '.join(sorted(PARAMETERS))}.",
            )
        if key in ALLOWED and value not in ALLOWED[key]:
            raise MisconductError(f"{name}: {key} may be {', '.join(ALLOWED[key])}.")
        if key in NUMBERS and not (value.isascii() and value.isdigit() and len(value) < 10):
            raise MisconductError(f"{name}: {key} must be a whole number.")
        if key in FILES and not Path(value).is_file():
            hint = "On Debian, /etc/ssl/certs/ca-certificates.crt has those of the system." if value == "system" else ""
            shown = f": {value}" if "@" not in value else ""  # which may be the end of a password with a ?
            raise MisconductError(f"{name}: the file of {key} does not exist{shown}.", hint=hint or None)
    mode = parameters.get("sslmode", "")
    has_root = "sslrootcert" in parameters or "PGSSLROOTCERT" in os.environ
    if mode.startswith("verify-") and not (has_root or Path("~/.postgresql/root.crt").expanduser().is_file()):
        raise MisconductError(f"{name}: sslmode={mode} needs sslrootcert, the file with the authority's certificate.")
