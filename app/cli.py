"""The `misconduct` command. Each subcommand is a thin function; what it needs is imported when it runs."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from app.register.make_release import Decision, Proposal

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="A register of published police-misconduct statistics: each figure as printed, with its evidence.",
)

RegisterPath = Annotated[
    Path, typer.Option("--register", envvar="MISCONDUCT_REGISTER_PATH", help="The register's folder.")
]
DATA = Path("data")
INCLUDED = next((path for path in (DATA, Path(__file__).parent / "data") if path.is_dir()), DATA)
"""The register that is served where none is named: the one here, else the one that a wheel carries."""

_LONG = 10_000_000  # bytes of observations from which a progress bar is shown
_MANY = 50_000  # figures from which one is
_SHOWN = 200  # lines of a proposed release that are shown one by one


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"misconduct {version('misconduct')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    """A register of published police-misconduct statistics: each figure as printed, with its evidence."""


@app.command()
def serve(
    register: RegisterPath = INCLUDED,
    drafts: Annotated[bool, typer.Option("--drafts", help="Show what is in no release yet, as release draft.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", min=1, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Start everything: the database, its schema, the register, and HTTP. Ctrl-C or SIGTERM stops it.

    With no MISCONDUCT_DATABASE_URL an embedded PostgreSQL is run. With one, and no MISCONDUCT_OWNER_URL, the service
    answers from what somebody else has loaded. Links begin with MISCONDUCT_BASE_URL.

    SIGTERM ends it after what is on its way; SIGHUP replaces the workers one by one, and ends it where there is one.

    \b
    Examples:
      misconduct serve --port 8080
      misconduct serve --workers 2
      misconduct serve --drafts --register ~/register
    """
    from app.db.urls import database_urls
    from app.http.logs import log_writer
    from app.serving import require_free_port, run
    from app.settings import Settings

    signal.signal(signal.SIGTERM, _end_once)
    with _refusals_told(), suppress(KeyboardInterrupt):
        require_free_port(host, port)
        settings = Settings(port=port)
        with database_urls(settings) as urls:
            if urls.owner is not None:
                _load(urls.owner, register, drafts=drafts)
            log_writer().write(f"Answering at {settings.public_url} ({host}:{port}); Ctrl-C stops.\n")
            run(urls.reader, host=host, port=port, workers=workers, drafts=drafts)
    log_writer().write("Stopped.\n")  # whoever reads standard error may be gone, or stall
    log_writer().drain()


def _end_once(number: int, _frame: object) -> None:
    """Ends as Ctrl-C does. Told again while it ends, it is not broken off: processes of its own would stay."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


@app.command()
def load(
    register: RegisterPath = INCLUDED,
    drafts: Annotated[bool, typer.Option("--drafts", help="Load what is in no release yet, too.")] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Write everything anew, also what was loaded before.")
    ] = False,
) -> None:
    """Migrate the database and load the register into it: everything, or nothing.

    What was loaded before is compared with the register, row by row. A database that was changed is refused;
    --rebuild replaces all of it. (`misconduct doctor` compares the files, too.)

    The database is the one of MISCONDUCT_OWNER_URL; without it, the embedded one. Files and charts
    that an older version of this program or of its libraries built are built anew.

    \b
    Example:
      misconduct load --register data
    """
    from app.db.urls import database_urls
    from app.errors import MisconductError
    from app.settings import Settings

    with _refusals_told():
        settings = Settings()
        with database_urls(settings) as urls:
            if urls.owner is None:
                raise MisconductError(
                    "Only the owner may load.", hint="Set MISCONDUCT_OWNER_URL beside MISCONDUCT_DATABASE_URL."
                )
            _load(urls.owner, register, drafts=drafts, rebuild=rebuild)


def _load(owner_url: str, register: Path, *, drafts: bool, rebuild: bool = False) -> None:
    from app.db.migrate import migrate
    from app.publish.load import BUILDING, COMPARING, DRAWING, READING, load_register

    migrate(owner_url)
    with _progress({COMPARING: _MANY, READING: _LONG, BUILDING: _MANY, DRAWING: 1}) as on_progress:
        loaded = load_register(owner_url, register, drafts=drafts, rebuild=rebuild, on_progress=on_progress)
    for warning in loaded.warnings:
        typer.echo(f"warning: {warning}", err=True)
    news = (
        f"added {', '.join(loaded.added)} with {loaded.observations:,} observations" if loaded.added else "nothing new"
    )
    if rebuild:
        news += ", all written anew: restart the service"
    elif loaded.rebuilt:
        news += (
            f", files and charts of {', '.join(loaded.rebuilt)} built anew, because other code or libraries built them"
            f" ({loaded.changed:,} have other bytes now)"
        )
    typer.echo(f"Register {register}: {news}; current is {loaded.current}.", err=True)


@app.command()
def openapi(
    path: Annotated[Path, typer.Argument(help="Where to write it; - for standard output.")] = Path(
        "openapi/openapi.json"
    ),
) -> None:
    """Write the OpenAPI document of this version of the code.

    \b
    Example:
      misconduct openapi - | less
    """
    import json

    from app.main import create_api
    from app.settings import Settings

    with _refusals_told():
        settings = Settings(port=8000, base_url=None)
        text = json.dumps(create_api(settings).openapi(), indent=2, ensure_ascii=False) + "\n"
        if str(path) == "-":
            typer.echo(text, nl=False)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            typer.echo(f"Wrote {path}.", err=True)


@app.command()
def check(register: RegisterPath = DATA) -> None:
    """Check the register, without a database and without the documents.

    All mistakes are shown, as file:line:column: what was found; what is allowed; did you mean …?

    \b
    Example:
      misconduct check --register data
    """
    from app.register.mistakes import Mistakes
    from app.register.reader import read_register

    mistakes = Mistakes()
    with _refusals_told(""), _progress({"Checking": _LONG}) as on_progress:
        checked = read_register(register, mistakes, on_progress=partial(on_progress, "Checking"))
        for warning in mistakes.warnings:
            typer.echo(f"warning: {warning}", err=True)
        mistakes.raise_if_any()
    last = f"released up to {checked.releases[-1].number}" if checked.releases else "all of them drafts"
    typer.echo(f"{register} is in order: {checked.observations:,} observations, {last}.")


@app.command()
def verify(
    documents: Annotated[
        Path, typer.Option("--documents", help="The folder that holds the documents, under any names.")
    ],
    register: RegisterPath = DATA,
) -> None:
    """Hold the register against its documents.

    Every place must hold exactly the characters that the row says, and every number of a document must be stated by
    an observation or be listed as no statistic. Documents are found by their SHA-256.

    \b
    Example:
      misconduct verify --documents ~/articles
    """
    from app.register.mistakes import Mistakes
    from app.register.verify import verify_documents

    mistakes = Mistakes()
    with _refusals_told(""):
        report = verify_documents(register, documents, mistakes)
        for suggestion in report.suggestions:
            typer.echo(f"suggestion: {suggestion}", err=True)
        mistakes.raise_if_any()
    typer.echo(
        f"{len(report.verified)} documents: {report.places:,} places hold what the register says, "
        f"and all {report.numbers:,} numbers are accounted for."
    )


@app.command()
def release(
    *,
    register: RegisterPath = DATA,
    summary: Annotated[
        str, typer.Option(help="What this release brings, in a sentence. Without it nothing is written.")
    ] = "",
    number: Annotated[str | None, typer.Option(help="A number other than the one proposed.")] = None,
    released: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of the release; today in UTC.")
    ] = None,
    end: Annotated[
        list[str] | None, typer.Option(metavar="ID=REASON[;NEW_ID]", help="A statement that no longer stands.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(metavar="ID@VERSION=REASON", help="What the law removes: delete it first.")
    ] = None,
    reason: Annotated[
        list[str] | None, typer.Option(metavar="ID=REASON", help="Why a record has a new version.")
    ] = None,
) -> None:
    """Show what a release made now would say and, given a summary, write it.

    Records other than observations are named with their kind: code/measure/accused, source/some-paper.

    \b
    Examples:
      misconduct release
      misconduct release --summary "Figures of the Commissioner's letter."
      misconduct release --end "k7m3q=The publisher withdrew it;tc7ks" --summary "One withdrawal."
    """
    from app.register.make_release import propose_release, write_release

    decisions = [*_decisions("ended", end), *_decisions("removed", remove), *_decisions("added", reason)]
    with _refusals_told():
        proposal = propose_release(register, decisions)
        _show(proposal)
        if summary:
            day = released.date() if released else datetime.now(UTC).date()
            typer.echo(f"Wrote {write_release(register, proposal, summary, day, number)}.")
        else:
            typer.echo(
                f"Nothing was written. To make release {number or proposal.number}, say what it brings: --summary."
            )


@app.command()
def check_links(
    *,
    register: RegisterPath = DATA,
    archive: Annotated[
        bool, typer.Option("--archive", help="Ask for archived copies of addresses of which none is noted.")
    ] = False,
    archive_address: Annotated[
        str | None, typer.Option(metavar="URL", help="Where to ask for copies; the Wayback Machine's, if not given.")
    ] = None,
    pause: Annotated[float, typer.Option(min=0, help="Seconds between two requests to one host.")] = 1.0,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that one request may take.")] = 20.0,
    longest_wait: Annotated[float, typer.Option(min=0, help="Seconds to wait at most when told to.")] = 60.0,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Ask private and loopback addresses, too.")
    ] = False,
) -> None:
    """Ask whether the addresses of the sources still answer, and note it in link-checks.yaml.

    What is noted is a draft until `misconduct release` takes it. A dead address changes nothing else.

    \b
    Examples:
      misconduct check-links --archive
      misconduct check-links --register ~/register --pause 5
    """
    from app.register.link_checker import ARCHIVE, Manners
    from app.register.link_checks import FILE
    from app.register.link_checks import check_links as check_all
    from app.settings import Settings

    with _refusals_told():
        copies = (archive_address or ARCHIVE) if archive else None
        manners = Manners(timeout, pause, longest_wait, allow_private, copies, Settings().contact)
        report = check_all(register, manners, datetime.now(UTC).date(), _show_link)
        typer.echo(f"Addresses asked: {len(report.checked)}; sources without one: {report.without_address}.")
        typer.echo(f"Wrote {register / FILE}; records: {report.changed}." if report.changed else "Nothing new to note.")


def _show_link(check: Mapping[str, Any]) -> None:
    """What came of one address."""
    moved = f" → {check['final_address']}" if check["final_address"] else ""
    copy = f" (a copy: {check['archived']})" if check["archived"] else ""
    typer.echo(f"{check['status']:20}{check['id']}: {check['address']}{moved}{copy}")


@app.command("id")
def make_id(
    count: Annotated[int, typer.Argument(min=1, max=10_000, help="How many.")] = 1, register: RegisterPath = DATA
) -> None:
    """Make ids for new observations, which the register does not have and never had.

    \b
    Example:
      misconduct id 3
    """
    from app.register.observation_columns import make_ids

    with _refusals_told():
        typer.echo("\n".join(make_ids(register, count)))


@app.command()
def verify_release(
    path: Annotated[Path, typer.Argument(help="A bundle.zip, the folder of one, or a folder of manifests.")],
    digest: Annotated[
        str | None,
        typer.Option(
            metavar="HEX|LINE", help="The digest that you have from elsewhere, or the whole line that has it."
        ),
    ] = None,
) -> None:
    """Tell whether a bundle is the release that it claims to be, from what is in it alone: no service, no database.

    Every manifest, record and figure is hashed anew. Whatever is not as it was sealed is named with file and line.

    \b
    Examples:
      misconduct verify-release bundle.zip
      misconduct verify-release bundle.zip --digest f03d2f147938c2b576e16a517693f77b350eda165b16313e6b379869951afaf1
      misconduct verify-release data/releases
    """
    from app.bundles.verify import describe, read_digest
    from app.bundles.verify import verify_release as verify_all

    try:
        cited = None if digest is None else read_digest(digest)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--digest") from error
    with _refusals_told(": this is not the release that it claims to be"):
        typer.echo("\n".join(describe(verify_all(path, cited), cited)))


@app.command()
def doctor(
    register: RegisterPath = DATA,
    as_json: Annotated[bool, typer.Option("--json", help="Tell it as JSON, for machines.")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="Read the bytes of all files, however long it takes.")] = False,
) -> None:
    """Look for what is wrong, or soon will be, and say what to do: exit status 1 where something fails.

    Every row of the database is compared with the register, and every file with its SHA-256. Of more than 2 GB of
    files, some are chosen at random each time; --whole reads them all.

    \b
    Examples:
      misconduct doctor
      misconduct doctor --whole
      misconduct doctor --json | jq '.[] | select(.state != "ok")'
    """
    from app.doctor.examine import BYTES, ROWS, examine
    from app.doctor.finding import as_lines, encode, has_failed
    from app.settings import Settings

    with _refusals_told(""):
        with _progress({ROWS: _MANY, BYTES: _LONG}) as on_progress:
            findings = examine(Settings(), register, on_progress, whole=whole)
        typer.echo(encode(findings) if as_json else "\n".join(as_lines(findings)))
    raise typer.Exit(has_failed(findings))


def _decisions(action: str, texts: list[str] | None) -> list[Decision]:
    from app.register.make_release import parse_decision

    try:
        return [parse_decision(action, text) for text in texts or ()]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _show(proposal: Proposal) -> None:
    """The lines of a proposed release, and the number that they call for."""
    for line in proposal.lines[:_SHOWN]:
        version = f" version {line.version}" if line.version > 1 else ""
        because = f": {line.reason}" if line.reason else ""
        typer.echo(f"{line.action:8}{line.kind} {line.id}{version}{because}")
    if (more := len(proposal.lines) - _SHOWN) > 0:
        typer.echo(f"… and {more:,} more")
    after = f" after {proposal.previous.number}" if proposal.previous else ""
    typer.echo(f"Proposed number: {proposal.number}{after} ({proposal.change.name.lower()})")


@contextmanager
def _refusals_told(outcome: str = "; nothing was changed") -> Iterator[None]:
    """Tells what stops a command on stderr, a mistake to a line, and ends with status 1."""
    from pydantic import ValidationError

    from app.errors import MisconductError, RegisterRefused

    try:
        yield
    except RegisterRefused as refused:
        for mistake in refused.mistakes:
            typer.echo(str(mistake), err=True)
        shown = f" (the first {len(refused.mistakes):,} are shown)" if len(refused.mistakes) < refused.total else ""
        typer.echo(f"{refused.total:,} mistake{'s' if refused.total != 1 else ''}{shown}{outcome}.", err=True)
        raise typer.Exit(1) from None
    except MisconductError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except ValidationError as error:  # of the settings: a register's are mistakes
        for fault in error.errors(include_url=False):
            name = "_".join(map(str, fault["loc"])).upper()
            typer.echo(f"{name if name == 'PORT' else f'MISCONDUCT_{name}'}: {fault['msg']}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        if error.filename is None:
            raise
        typer.echo(f"{error.strerror}: {error.filename}", err=True)
        raise typer.Exit(1) from None


@contextmanager
def _progress(worth_showing: Mapping[str, int]) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr for each stage in which there is as much to do as makes it worth showing."""
    from rich.console import Console
    from rich.progress import Progress, TaskID

    bar, tasks = Progress(console=Console(stderr=True), transient=True, auto_refresh=False), dict[str, TaskID]()

    def on_progress(stage: str, done: int, total: int) -> None:
        if total >= worth_showing[stage]:
            bar.start()
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total, refresh=True)

    try:
        yield on_progress
    finally:
        if tasks:
            bar.stop()
