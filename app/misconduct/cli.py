"""The command `misconduct`."""

import errno
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Annotated

import typer

from misconduct.errors import DatabaseError, MisconductError, ReleaseError
from misconduct.settings import SET_CONTACT, Settings
from misconduct.terminal import DataFolder, console, read_settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # which would draw a box around each mistake
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"misconduct {version('misconduct')}")
        raise typer.Exit


@app.callback()
def common(
    _: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Show the version.",
        ),
    ] = False,
) -> None:
    """Keep and serve a register of published police misconduct statistics."""


DESK = {entry.name: entry for entry in entry_points(group="misconduct.commands")}
"""What the editor's desk adds: its commands, and the application that shows drafts."""

HOSTS = "Name an address of this machine, as 127.0.0.1, or :: for all."
GONE_SECONDS = 10  # that the embedded Postgres may be gone before the service stops


@app.command()
def serve(
    port: Annotated[
        int, typer.Option(help="Port to listen on.", envvar="PORT", min=1, max=65_535)
    ] = 8000,
    host: Annotated[
        str, typer.Option(help="Address to listen on; :: for all, of IPv6 and IPv4.")
    ] = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="Number of processes.", min=1)] = 1,
    drafts: Annotated[
        bool,
        typer.Option(
            "--drafts",
            help="Also show unreleased changes, updated on every save. For editors.",
        ),
    ] = False,
    data: DataFolder = None,
) -> None:
    """Load the releases and answer requests. Example: misconduct serve --port 8080"""
    program = "misconduct.main:create_app"
    if drafts:
        DESK["drafts"].load()  # before Postgres starts: its libraries may be missing
        program, workers = DESK["drafts"].value, 1
    from misconduct.api.turns import CONNECTIONS

    settings = read_settings(data)
    if settings.contact is None:
        console.print(SET_CONTACT)
    # For ::, one process would take IPv6 only.
    address = "" if host == "::" and workers == 1 else host
    _check_address(address, port)
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(0)
    )  # uvicorn raises it again; we must still stop our Postgres
    _pass_on(settings, port)
    run = partial(_listen, program, address, port, workers)
    load_all = partial(_load, data=settings.data, connections=workers * CONNECTIONS)
    if settings.database_url and not drafts:
        load_all(settings.database_url, may_drop=False)
        run()
    else:
        home = settings.home / "drafts" if drafts else settings.home
        _run_with_postgres(home, partial(load_all, may_drop=True), run)


def _pass_on(settings: Settings, port: int) -> None:
    """Put into the environment, from which each process reads its settings, what options and defaults say."""
    if "public_url" not in settings.model_fields_set:
        os.environ["MISCONDUCT_PUBLIC_URL"] = f"http://localhost:{port}"
    os.environ["MISCONDUCT_DATA"] = str(settings.data)


def _listen(program: str, address: str, port: int, workers: int) -> None:
    import uvicorn

    uvicorn.run(
        program,
        factory=True,
        host=address,
        port=port,
        workers=workers,
        ws="none",
        access_log=False,
        server_header=False,
        # deploy/nginx.conf keeps only the answers of its own version.
        headers=[("Server", f"misconduct/{version('misconduct')}")],
    )


def _check_address(host: str, port: int) -> None:
    """Raise MisconductError if we cannot listen there, before a database starts and releases are loaded for nothing."""
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError) as error:  # UnicodeError: no name has such a form
        reason = getattr(error, "strerror", None) or "this is not the name of a machine"
        raise MisconductError(f"--host {host}: {reason}. {HOSTS}") from None
    for family, _, _, _, address in found:
        try:
            socket.create_server(address, family=family).close()
        except OSError as error:
            if error.errno == errno.EAFNOSUPPORT:
                continue  # the machine has no IPv6 at all, and uvicorn takes IPv4 only
            reason = os.strerror(error.errno or 0)
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise MisconductError(
                    f"Port {port} of {host or '::'}: {reason}. Choose another with --port."
                ) from None
            raise MisconductError(
                f"--host {host or '::'}: {address[0]}: {reason}. {HOSTS}"
            ) from None


def _run_with_postgres(
    home: Path, load_all: Callable[[str], object], run: Callable[[], None]
) -> None:
    from misconduct.db.embedded import EmbeddedPostgres

    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]  # libpq would read it, but it is for other servers
    with EmbeddedPostgres(home) as postgres:
        os.environ["MISCONDUCT_DATABASE_URL"] = postgres.url
        is_gone = threading.Event()

        def watch() -> None:
            """When the database has not answered for a while, interrupt the process as Ctrl-C does."""
            last = time.monotonic()
            while time.monotonic() - last < GONE_SECONDS:
                time.sleep(1)
                last = time.monotonic() if postgres.is_running() else last
            is_gone.set()
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=watch, daemon=True).start()
        load_all(postgres.url)
        run()
        if is_gone.is_set():
            raise DatabaseError(
                f"The database in {home} has been gone for {GONE_SECONDS} seconds."
            )


def _load(url: str, data: Path, *, may_drop: bool, connections: int = 0) -> list[str]:
    from misconduct.db.load import load as load_releases

    with console.status("looking for releases") as status:
        show = (
            status.update if console.is_terminal else console.print
        )  # a log shows lines
        return load_releases(
            url, data, may_drop=may_drop, connections=connections, progress=show
        )


@app.command()
def load(data: DataFolder = None) -> None:
    """Load the releases into Postgres.

    It is the one in MISCONDUCT_DATABASE_URL, or else that of `misconduct serve`. Example: misconduct load
    """
    from misconduct.db.embedded import EmbeddedPostgres

    settings = read_settings(data)
    if settings.database_url:
        loaded = _load(settings.database_url, settings.data, may_drop=False)
    else:
        with EmbeddedPostgres(settings.home) as postgres:
            loaded = _load(postgres.url, settings.data, may_drop=True)
    typer.echo(
        f"Loaded: {', '.join(loaded)}" if loaded else "Every release is already loaded."
    )


@app.command("verify-release")
def verify_release(data: DataFolder = None) -> None:
    """Verify that no release has changed. Lists their digests. Example: misconduct verify-release --data data"""
    from misconduct.releases.folder import list_releases
    from misconduct.releases.verify import verify_releases

    folder = read_settings(data).data
    if problems := verify_releases(folder):
        raise ReleaseError("\n".join(problems))
    for one in list_releases(folder):
        typer.echo(f"{one.number}  {one.day}  {one.digest}")


app.add_typer(DESK["commands"].load())


def main() -> None:
    try:
        app()
    except (MisconductError, OSError, ModuleNotFoundError) as error:
        message = str(error)
        if isinstance(error, ModuleNotFoundError):
            remedy = "run `make desk`, or install the wheel with --extra editor"
            message = f"Editors need {error.name}, which is missing: {remedy}"
        elif isinstance(error, OSError) and error.filename:
            message = f"{error.filename}: {error.strerror}"
        console.print(message, markup=False)
        sys.exit(1)
