"""The command `misconduct`."""

import errno
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from misconduct.errors import DatabaseError, MisconductError, ReleaseError
from misconduct.settings import SET_CONTACT
from misconduct.terminal import DataFolder, console, read_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"misconduct {version('misconduct')}")
        raise typer.Exit


@app.callback()
def common(
    _: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Keep and serve a register of published police misconduct statistics."""


DESK = {entry.name: entry for entry in entry_points(group="misconduct.commands")}
"""What the editor's desk adds: its commands, and the application that shows drafts."""

GONE_SECONDS = 10  # that the embedded Postgres may be gone before the service stops


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port to listen on.", envvar="PORT", min=1, max=65_535)] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; :: for all, of IPv6 and IPv4.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="Number of processes.", min=1)] = 1,
    drafts: Annotated[
        bool, typer.Option("--drafts", help="Also show unreleased changes, updated on every save. For editors.")
    ] = False,
    data: DataFolder = None,
) -> None:
    """Load the releases and answer requests. Example: misconduct serve --port 8080"""
    import uvicorn

    program = "misconduct.main:create_app"
    if drafts:
        DESK["drafts"].load()  # before Postgres starts: its libraries may be missing
        program, workers = DESK["drafts"].value, 1
    settings = read_settings(data)
    if settings.contact is None:
        console.print(SET_CONTACT)
    _check_port(host, port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises it again; we must still stop our Postgres
    if "public_url" not in settings.model_fields_set:
        os.environ["MISCONDUCT_PUBLIC_URL"] = f"http://localhost:{port}"
    os.environ["MISCONDUCT_DATA"] = str(settings.data)  # each process reads its settings from the environment
    run = partial(
        uvicorn.run,
        program,
        factory=True,
        host="" if host == "::" and workers == 1 else host,  # for :: one process would take IPv6 only
        port=port,
        workers=workers,
        ws="none",
        access_log=False,
        limit_concurrency=200,
        server_header=False,
    )
    if settings.database_url and not drafts:
        _load(settings.database_url, settings.data, may_drop=False)
        run()
    else:
        _run_with_postgres(settings.home / "drafts" if drafts else settings.home, settings.data, run)


def _check_port(host: str, port: int) -> None:
    """Raise MisconductError if the port cannot be had, before a database starts and releases are loaded for nothing."""
    for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            socket.create_server(address[:2], family=family).close()
        except PermissionError:
            raise MisconductError(f"Port {port} is for root only. Choose another: --port 8000.") from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise MisconductError(
                    f"Port {port} of {host} is in use. Stop the program that uses it, or choose another with --port."
                ) from None


def _run_with_postgres(home: Path, data: Path, run: Callable[[], None]) -> None:
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
        _load(postgres.url, data, may_drop=True)
        run()
        if is_gone.is_set():
            raise DatabaseError(f"The database in {home} has been gone for {GONE_SECONDS} seconds.")


def _load(url: str, data: Path, *, may_drop: bool) -> list[str]:
    from misconduct.db.load import load as load_releases

    with console.status("looking for releases") as status:
        show = status.update if console.is_terminal else console.print  # a log shows lines
        return load_releases(url, data, may_drop=may_drop, progress=show)


@app.command()
def load(data: DataFolder = None) -> None:
    """Load the releases into the Postgres in MISCONDUCT_DATABASE_URL, or else into the one of `misconduct serve`.

    Example: misconduct load
    """
    from misconduct.db.embedded import EmbeddedPostgres

    settings = read_settings(data)
    if settings.database_url:
        loaded = _load(settings.database_url, settings.data, may_drop=False)
    else:
        with EmbeddedPostgres(settings.home) as postgres:
            loaded = _load(postgres.url, settings.data, may_drop=True)
    typer.echo(f"Loaded: {', '.join(loaded)}" if loaded else "Every release is already loaded.")


@app.command("verify-release")
def verify_release(data: DataFolder = None) -> None:
    """Verify that no release has changed, and list their digests. Example: misconduct verify-release --data data"""
    from misconduct.releases.folder import list_releases
    from misconduct.releases.verify import verify_releases

    folder = read_settings(data).data
    if problems := verify_releases(folder):
        raise ReleaseError("\n".join(problems))
    for one in list_releases(folder):
        typer.echo(f"{one.number}  {one.day}  {one.digest}")


@app.command()
def audit(
    folder: Annotated[
        Path, typer.Argument(help="Folder of texts with a date in name or first lines.", exists=True, file_okay=False)
    ],
    url: Annotated[str | None, typer.Option(help="A copy of the register. Default: MISCONDUCT_PUBLIC_URL.")] = None,
    out: Annotated[Path | None, typer.Option("--csv", help="A CSV file for what is found.", dir_okay=False)] = None,
) -> None:
    """List the articles that print a number which was revised, corrected or continued since. Nothing of a text is kept.

    Reads .txt, .md and .html. Ends with status 1 if there are any, and 2 if no text could be compared.
    Example: misconduct audit archive --csv found.csv
    """
    from rich.console import Console
    from rich.table import Table

    from misconduct.audit import COLUMNS, find_texts, gravest_first
    from misconduct.audit import audit as audit_texts
    from misconduct.formats.csv import encode_csv

    paths = find_texts(folder)
    audited = [*_with_progress(audit_texts(folder, paths, url or read_settings(None).base_url), len(paths))]
    for one in audited:
        if one.problem:
            console.print(f"{one.name} was not compared: {one.problem}", markup=False)
    rows = gravest_first(row for one in audited for row in one.rows)
    if out:
        out.write_bytes(encode_csv([COLUMNS, *([row[name] for name in COLUMNS] for row in rows)]))
    table = Table()
    for name in (shown := ("change", "text", "published", "printed", "print_now", "figure")):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(row[name] for name in shown))
    if rows:
        Console(markup=False, highlight=False, emoji=False).print(table)
    changed, left_out = len({row["text"] for row in rows}), sum(bool(one.problem) for one in audited)
    typer.echo(f"Texts: {len(paths)}, not compared: {left_out}, with a number that has changed since: {changed}.")
    if rows or left_out == len(paths):
        raise typer.Exit(1 if rows else 2)


Step = TypeVar("Step")


def _with_progress(steps: Iterable[Step], total: int) -> Iterator[Step]:
    """Show how many steps are done: as a bar or, in a log, ten times."""
    from rich.progress import track

    for done, step in enumerate(track(steps, "comparing", total, console=console, disable=not console.is_terminal), 1):
        yield step
        if not console.is_terminal and done * 10 // total > (done - 1) * 10 // total:
            console.print(f"{done} of {total}")


@app.command()
def openapi(
    path: Annotated[Path, typer.Option("--out", help="File to write.")] = Path("openapi/openapi.json"),
) -> None:
    """Write the OpenAPI document. Example: misconduct openapi --out openapi.json"""
    from misconduct.main import create_api

    path.write_text(json.dumps(create_api().openapi(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


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
        sys.exit(error.status if isinstance(error, MisconductError) else 1)
