"""The command `misconduct`."""

import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rich.console import Console

from misconduct.errors import DatabaseError, MisconductError, RegisterError, ReleaseError
from misconduct.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


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


DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Folder of the register. Default: MISCONDUCT_DATA, or data.")
]
GONE_SECONDS = 10  # that the embedded Postgres may be gone before the service stops


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port to listen on.", envvar="PORT", min=1, max=65_535)] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="Number of processes.", min=1)] = 1,
    drafts: Annotated[
        bool, typer.Option("--drafts", help="Also show unreleased changes, updated on every save. For editors.")
    ] = False,
    data: DataFolder = None,
) -> None:
    """Load the releases and answer requests. Example: misconduct serve --port 8080"""
    settings = _settings(data)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises it again; we must still stop our Postgres
    if "public_url" not in settings.model_fields_set:
        os.environ["MISCONDUCT_PUBLIC_URL"] = f"http://localhost:{port}"
    os.environ["MISCONDUCT_DATA"] = str(settings.data)
    if settings.database_url and not drafts:
        _load(settings.database_url, settings.data, may_drop=False)
        _run("create_app", host, port, workers)
        return
    from misconduct.db.embedded import EmbeddedPostgres

    home = settings.home / "drafts" if drafts else settings.home
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]  # libpq would read it, but it is for other servers
    with EmbeddedPostgres(home) as postgres:
        os.environ["MISCONDUCT_DATABASE_URL"] = postgres.url
        _load(postgres.url, settings.data, may_drop=True)
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
        _run("create_draft_app" if drafts else "create_app", host, port, 1 if drafts else workers)
        if is_gone.is_set():
            raise DatabaseError(f"The database in {home} has been gone for {GONE_SECONDS} seconds.")


def _run(app: str, host: str, port: int, workers: int) -> None:
    import uvicorn

    uvicorn.run(
        f"misconduct.main:{app}",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        ws="none",
        access_log=False,
        log_level="info",
        limit_concurrency=200,
        server_header=False,
    )


def _load(url: str, data: Path, *, may_drop: bool) -> list[str]:
    from misconduct.db.load import load as load_releases

    with console.status("looking for releases") as status:
        show = status.update if console.is_terminal else console.print  # a log shows lines
        return load_releases(url, data, may_drop=may_drop, progress=show)


@app.command()
def load(data: DataFolder = None) -> None:
    """Load the releases into the Postgres in MISCONDUCT_DATABASE_URL. Example: misconduct load"""
    settings = _settings(data)
    if settings.database_url is None:
        raise DatabaseError(
            "Set MISCONDUCT_DATABASE_URL to a database. Or run `misconduct serve`, which starts and loads one for you."
        )
    loaded = _load(settings.database_url, settings.data, may_drop=False)
    typer.echo(f"Loaded: {', '.join(loaded)}" if loaded else "Every release is already loaded.")


@app.command()
def check(
    data: DataFolder = None,
    installation: Annotated[
        bool, typer.Option("--installation", help="Check settings, releases and database.")
    ] = False,
) -> None:
    """Check the register and list mistakes with their places. Example: misconduct check --data data"""
    settings = _settings(data)
    if installation:
        from misconduct.installation import examine

        if found := list(examine(settings)):
            raise MisconductError("\n".join(found))
        typer.echo("No problems found.")
        return
    from misconduct.register.check import read_register

    register = read_register(settings.data)
    records = sum(map(len, register.records.values()))
    typer.echo(f"No mistakes in {len(register.figures)} figures and {records} other records.")


@app.command()
def verify(
    documents: Annotated[
        list[Path], typer.Option(help="A folder of documents. File names don't matter.", exists=True, file_okay=False)
    ],
    data: DataFolder = None,
) -> None:
    """Compare the register with the documents it quotes. Example: misconduct verify --documents documents"""
    from misconduct.register.check import read_register
    from misconduct.register.tables.verify import verify_tables
    from misconduct.register.verify import find_documents
    from misconduct.register.verify import verify as compare_documents

    folder = _settings(data).data
    register, by_digest = read_register(folder), find_documents(*documents)
    with console.status("reading the tables again"):
        found = [*compare_documents(register, by_digest), *verify_tables(folder, register, by_digest)]
    if found:
        raise RegisterError("\n".join(found))
    typer.echo(f"{len(register.figures)} figures: all words are at their places, and no number is left out.")


@app.command()
def add(
    table: Annotated[Path, typer.Argument(help="An ODS, XLSX, CSV or TSV file.", exists=True, dir_okay=False)],
    sheet: Annotated[str | None, typer.Option(help="The sheet that has the table.")] = None,
    slug: Annotated[
        str | None, typer.Option(help="Name of the table in the register. Use the same name for later editions.")
    ] = None,
    summary: Annotated[
        str | None, typer.Option("--release", help="Also check, verify and release, with this summary.")
    ] = None,
    data: DataFolder = None,
) -> None:
    """Add a published table. The first run writes data/tables/<slug>.yaml for you to complete; later runs read it.

    Example: misconduct add deaths-2019-20.ods --sheet Custody_By_Force
    """
    from misconduct.register.tables.add import add_table

    folder = _register(data)
    if summary is not None and not summary.strip():
        raise ReleaseError("The summary is empty. Say in a sentence what is new.")
    with console.status(f"reading {table.name}"):
        outcome = add_table(folder, table, sheet, slug)
    for heading, lines in outcome.sections.items():
        typer.echo("\n  ".join([heading, *lines]))
    if outcome.mistakes:
        raise RegisterError("\n".join([*outcome.mistakes, f"Mistakes: {len(outcome.mistakes)}. Nothing was written."]))
    typer.echo(f"Wrote {outcome.written}")
    if summary and outcome.written and outcome.written.suffix == ".csv":
        _release_table(folder, table, outcome.written.stem, summary)


def _release_table(folder: Path, table: Path, slug: str, summary: str) -> None:
    """Check the register, verify the table, and release."""
    from misconduct.register.check import read_register
    from misconduct.register.reading import digest_of
    from misconduct.register.tables.verify import verify_tables
    from misconduct.releases.make import explain_edition

    if found := [*verify_tables(folder, read_register(folder), {digest_of(table): table})]:
        raise RegisterError("\n".join(found))
    explain_edition(folder, slug)
    release(summary, data=folder)


@app.command()
def draft(
    document: Annotated[Path, typer.Argument(help="Text of an article.", exists=True, dir_okay=False)],
    source: Annotated[
        str | None, typer.Option(help="Id of the source. Drafts its files, or only the missing rows if it has files.")
    ] = None,
    data: DataFolder = None,
) -> None:
    """List the numbers in an article, and draft its rows. Example: misconduct draft a.txt --source paper-2026-title"""
    from misconduct.register.article import draft_article, write_draft

    folder = _register(data)
    found = draft_article(document, folder, source)
    typer.echo("\n".join(write_draft(found, folder, source, document.name) if source else found.lines))


@app.command()
def remove(
    what: Annotated[list[str], typer.Argument(help="Ids of figures, or numbers as printed.")],
    law: Annotated[str, typer.Option(help="The law that requires the removal, for removals.csv.")],
    keep: Annotated[list[str] | None, typer.Option(help="FILE:LINE of an unrelated line to keep.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list the lines.")] = False,
    data: DataFolder = None,
) -> None:
    """Remove figures from every release by law. Example: misconduct remove k7m3q --law "Section 4 …" --dry-run"""
    from misconduct.releases.remove import find_lines, find_target, finish_removal
    from misconduct.releases.remove import remove as remove_lines

    folder = _settings(data).data
    if not dry_run and finish_removal(folder):
        typer.echo("Finished an interrupted removal. Now run `misconduct load`.")
        return
    target = find_target(folder, what)
    lines = find_lines(folder, target, keep or [])
    if not lines:
        raise ReleaseError(f"Did not find {', '.join(what)} in {folder}.")
    if not dry_run:
        remove_lines(folder, target, lines, law, datetime.now(UTC).date().isoformat())
    for line in lines:
        typer.echo(f"{line.fate:9} {line.place}: {line.text}")
    typer.echo(f"Lines: {len(lines)}. " + ("Nothing was changed." if dry_run else "Now run `misconduct load`."))


@app.command()
def release(
    summary: Annotated[str, typer.Option(help="What is new, in a sentence or two.")],
    number: Annotated[str | None, typer.Option(help="A release number higher than the changes need.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the number and the changes.")] = False,
    data: DataFolder = None,
) -> None:
    """Freeze the register as a release. Example: misconduct release --summary "The figures of 2026." --dry-run"""
    from misconduct.releases.make import make_release, prepare_release

    today = datetime.now(UTC).date().isoformat()
    made = (prepare_release if dry_run else make_release)(_settings(data).data, summary, today, number)
    typer.echo(f"{made.number}  {made.day}  {made.digest or 'not written'}")
    for (kind, action), count in sorted(Counter((one["kind"], one["action"]) for one in made.changes).items()):
        typer.echo(f"{kind:14} {action:9} {count:7,}")


@app.command("id")
def make_id(
    count: Annotated[int, typer.Argument(help="How many.", min=1, max=10_000)] = 1, data: DataFolder = None
) -> None:
    """Print new ids for figures, not used in any release. Example: misconduct id 5"""
    from misconduct.register.ids import make_ids

    typer.echo("\n".join(make_ids(_register(data), count)))


@app.command("verify-release")
def verify_release(data: DataFolder = None) -> None:
    """Verify that no release has changed, and list their digests. Example: misconduct verify-release --data data"""
    from misconduct.releases.folder import list_releases
    from misconduct.releases.verify import verify_releases

    folder = _settings(data).data
    if problems := verify_releases(folder):
        raise ReleaseError("\n".join(problems))
    for one in list_releases(folder):
        typer.echo(f"{one.number}  {one.day}  {one.digest}")


@app.command()
def openapi(
    path: Annotated[Path, typer.Option("--out", help="File to write.")] = Path("openapi/openapi.json"),
) -> None:
    """Write the OpenAPI document. Example: misconduct openapi --out openapi.json"""
    from misconduct.main import create_api

    path.write_text(json.dumps(create_api().openapi(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _settings(data: Path | None) -> Settings:
    """Read the settings. Raises MisconductError that names every wrong setting."""
    for sentence in Settings.find_unknown():
        console.print(sentence, markup=False)
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = [f"MISCONDUCT_{str(one['loc'][0]).upper()}: {_say_remedy(one)}" for one in error.errors()]
        raise MisconductError("\n".join(wrong)) from error
    return settings.model_copy(update={"data": data}) if data else settings


def _say_remedy(error: ErrorDetails) -> str:
    if error["type"].startswith("url_"):
        return "write it like https://misconduct.example.org"
    if error["type"].startswith("int_"):
        return "write a whole number, such as 8"
    if error["type"] == "greater_than_equal":
        return f"write {error['ctx']['ge']} or more"
    return error["msg"].removeprefix("Value error, ")


def _register(data: Path | None) -> Path:
    """Return the folder of the register. Raises RegisterError if it has none."""
    from misconduct.register.reading import require_register

    folder = _settings(data).data
    require_register(folder)
    return folder


def main() -> None:
    """Run a command. For an expected error, print only its message and exit with status 1."""
    try:
        app()
    except (MisconductError, OSError) as error:
        console.print(_explain(error), markup=False)
        sys.exit(1)


def _explain(error: Exception) -> str:
    """Return the message of an error; for a file that cannot be used, its path and the reason."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)
