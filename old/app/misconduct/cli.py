"""The `misconduct` command. Each subcommand is a thin function that imports what it needs when it runs."""

from __future__ import annotations

import gc
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from datetime import UTC, date, datetime
from functools import cache, partial
from io import TextIOWrapper
from itertools import chain
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from pydantic import ValidationError
    from rich.progress import Progress, TaskID

    from misconduct.publish.load import Loaded
    from misconduct.publish.owed import Owed
    from misconduct.publish.purge import Step
    from misconduct.register.make_release import Decision, Proposal, SealedRelease
    from misconduct.settings import Settings

_lost: list[OSError] = []  # why standard output took no more, in this run


class _Commands(TyperGroup):
    """Ends with status 1 where standard output took no more, as a file on a full disk, whatever the command did."""

    def main(self, *args: Any, **options: Any) -> Any:
        _lost.clear()
        try:
            return super().main(*args, **options)
        except OSError as error:  # of --help
            _give_up_output(error)
            raise SystemExit(1) from None
        except SystemExit as ended:
            if _lost and not ended.code:
                raise SystemExit(1) from None
            raise


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="A register of published police-misconduct statistics: each figure as printed, with its evidence.",
)

_MOST_NAMED = 40  # records, in one line

RegisterPath = Annotated[
    Path, typer.Option("--register", envvar="MISCONDUCT_REGISTER_PATH", help="The register's folder.")
]
HeldOnly = Annotated[
    bool, typer.Option("--held", help="Leave out sources whose documents are not in the folder, and say so.")
]
DATA = Path("data")
INCLUDED = next((path for path in (DATA, Path(__file__).parent / "data") if path.is_dir()), DATA)
"""The register that is served where none is named: the one here, else the one that a wheel carries."""

_OF_LIBPQ = (
    *("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGDATABASE", "PGKRBSRVNAME", "PGSSLMODE"),
    *("PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLCRL", "PGSSLMINPROTOCOLVERSION", "PGSSLMAXPROTOCOLVERSION"),
)
"""The variables of libpq that hold for what an address leaves out. Whoever sets others means another Postgres."""

_LONG = 10_000_000  # bytes of observations above which a progress bar is shown
_MANY = 50_000  # figures above which one is shown
_SHOWN = 200  # lines of a proposed release that are shown
_WAY_OUT = (
    "Restore here what came from there. A release before it that is your own and that nobody has seen: note its ends, "
    "removals and reasons, delete its .csv and .yaml, so that its records are drafts again, and then "
    "misconduct release."
)


def _named_folder(text: str) -> Path:
    """Read the name of a folder. An empty one, as of a variable that is not set, would be the folder one is in."""
    if not text:
        raise typer.BadParameter("this is empty. Is a variable not set?")
    return Path(text)


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters, which can rewrite a terminal; but line ends and tabs. A message has them only from its data."""


def _escape(control: re.Match[str]) -> str:
    return f"\\u{ord(control[0]):04x}"  # in JSON, too


def _say(text: str, *, nl: bool = True) -> None:
    """Write on standard output. Where that takes no more, say so once on standard error: the command goes on."""
    try:
        typer.echo(_CONTROL.sub(_escape, text), nl=nl)
    except OSError as error:
        _give_up_output(error)


def _give_up_output(error: OSError) -> None:
    _lost.append(error)
    _drop(sys.stdout)
    _tell(f"Standard output: {error.strerror}. The command goes on, but what it says is lost.")


def _tell(text: str) -> None:
    """Write on standard error. Where that takes no more, nobody can be told, and the command goes on."""
    try:
        typer.echo(_CONTROL.sub(_escape, text), err=True)
    except OSError:
        _drop(sys.stderr)


def _drop(stream: TextIO) -> None:
    """Let nothing of what waits to be written fail again, at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        _say(f"misconduct {version('misconduct')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[  # noqa: ARG001 (its callback has used it)
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A register of published police-misconduct statistics: each figure as printed, with its evidence."""
    for name in [name for name in os.environ if name.startswith("PG") and name not in _OF_LIBPQ]:
        del os.environ[name]  # before a child has it: the two drivers would make different things of it
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed: the next file opened would get what a child writes there
            descriptor = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(descriptor, True)
            setattr(sys, name, os.fdopen(descriptor, mode))
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.encoding.lower() != "utf-8":
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr writes what a terminal cannot show


@app.command()
def serve(
    register: RegisterPath = INCLUDED,
    drafts: Annotated[bool, typer.Option("--drafts", help="Also serve drafts, as the release `draft`.")] = False,
    workers: Annotated[
        int, typer.Option(envvar="MISCONDUCT_WORKERS", min=1, max=64, help="Number of worker processes.")
    ] = 1,
    host: Annotated[
        str,
        typer.Option(help="Address to listen on. 0.0.0.0: all of IPv4; `::`: IPv6 and, with several workers, IPv4."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", min=1, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Start everything: the database, its schema, the register, and HTTP. Ctrl-C or SIGTERM stops it.

    Without MISCONDUCT_DATABASE_URL, an embedded PostgreSQL is started. With it, but without MISCONDUCT_OWNER_URL,
    nothing is loaded, and the service answers from what the database has. Links begin with MISCONDUCT_BASE_URL.

    With --drafts, the files are loaded again as they change, a new release or a removal too, but nothing is purged: a
    public service needs another database. Mistakes are shown, and what was loaded before stays.

    SIGTERM finishes the requests that are running, then stops. SIGHUP replaces the workers one by one; with one worker
    it stops the service.

    \b
    Examples:
      misconduct serve --port 8080
      misconduct serve --workers 2
      misconduct serve --drafts --register ~/register
    """
    with _reading_code():
        from misconduct.db.urls import database_urls
        from misconduct.http.logs import log_writer
        from misconduct.serving import require_free_port, run
        from misconduct.settings import Settings

    signal.signal(signal.SIGTERM, _end_once)
    if workers > 1:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there are workers to replace
    with _reporting_errors(), suppress(KeyboardInterrupt):
        require_free_port(host, port)
        settings = Settings(port=port)
        with _loading(register, settings, drafts=drafts, serves=workers == 1) as load, database_urls(settings) as urls:
            following: AbstractContextManager[None] = nullcontext()
            if urls.owner is not None and drafts:
                from misconduct.publish.follow import following_drafts, list_files

                files = list_files(register)
                following = following_drafts(urls.owner, register, files, lambda text: log_writer().write(f"{text}\n"))
            if urls.owner is not None:
                load(urls.owner)
            log_writer().write(f"Answering at {settings.public_url} ({host}:{port}); Ctrl-C stops.\n")
            with following:
                run(urls.reader, host=host, port=port, workers=workers, drafts=drafts)
    log_writer().write("Stopped.\n")  # the reader of standard error may be gone, or stall
    log_writer().drain()


@contextmanager
def _reading_code() -> Iterator[None]:
    """Look for no garbage while code is read, which leaves hardly any: that would take a tenth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _end_once(number: int, _frame: object) -> None:
    """End as Ctrl-C does. A second signal is ignored, because an interrupted end would leave child processes behind."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


@app.command()
def load(
    register: RegisterPath = INCLUDED,
    drafts: Annotated[bool, typer.Option("--drafts", help="Also load drafts.")] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Replace everything that was loaded before.")] = False,
    files: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", parser=_named_folder, help="Copy files of past releases from here (`misconduct files`)."
        ),
    ] = None,
) -> None:
    """Migrate the database and load the register into it: everything, or nothing.

    Rows loaded before are compared with the register. A database that somebody changed is refused; --rebuild replaces
    all of it, and keeps files that say what the register says. (`misconduct doctor` compares the files, too.) With
    --files, those of FOLDER come first, and a folder without any that is lacking is refused.

    The database is that of MISCONDUCT_OWNER_URL; without it, the embedded one. Files of releases are built once and
    kept. What the law removed is gone before files are built, and what caches must drop is printed.

    \b
    Example:
      misconduct load --register data
      misconduct load --files /var/backups/misconduct-files
    """
    from misconduct.db.urls import database_urls
    from misconduct.errors import MisconductError
    from misconduct.settings import Settings

    with _reporting_errors():
        settings = Settings()
        if files is not None and not files.is_dir():
            hint = "Is its name right, its disk there? `misconduct files` writes it."
            raise MisconductError(f"There is no folder {files}.", hint=hint)
        with database_urls(settings) as urls:
            if urls.owner is None:
                raise MisconductError(
                    "Only the owner may load.", hint="Set MISCONDUCT_OWNER_URL as well as MISCONDUCT_DATABASE_URL."
                )
            _load(urls.owner, register, settings, drafts=drafts, rebuild=rebuild, kept=files)


@contextmanager
def _loading(register: Path, settings: Settings, *, drafts: bool, serves: bool) -> Iterator[Callable[[str], None]]:
    """Provide what loads the register, by the owner's address, and returns when it is loaded.

    It is a process of its own, which reads its code while the database starts, and then takes its memory with it.
    Meanwhile this process reads the server's, if it `serves` itself.
    """
    context = get_context("fork") if sys.platform == "linux" else get_context("spawn")  # no thread runs yet
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_load_apart, args=(receiver, register, settings, drafts), daemon=True)

    def load(owner_url: str) -> None:
        sender.send(owner_url)
        try:
            if serves:
                with _reading_code():
                    import misconduct.main  # noqa: F401

            process.join()
        except BaseException:
            process.kill()  # before the database ends, of which it would complain
            raise
        if process.exitcode and process.exitcode < 0:  # it could not say anything
            from misconduct.errors import MisconductError, name_signal

            name = name_signal(-process.exitcode)
            raise MisconductError(f"{name} ended the load. The next one completes it.", hint="Is there memory enough?")
        if process.exitcode:
            raise typer.Exit(1)

    if settings.database_url is not None and settings.owner_url is None:
        yield load
        return
    process.start()
    try:
        yield load
    finally:
        process.kill()
        process.join()


def _load_apart(receiver: Connection, register: Path, settings: Settings, drafts: bool) -> None:
    """Load the register, by the address that comes; nothing if the process that started this one ends before."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one, which ends it
    with _reading_code():
        import misconduct.db.migrate
        import misconduct.publish.load  # noqa: F401 (while the database starts)
        from misconduct.errors import CacheRefused

    parent = parent_process()
    if receiver not in wait([receiver, *([parent.sentinel] if parent else [])]):
        return
    try:
        with _reporting_errors():
            try:
                _load(receiver.recv(), register, settings, drafts=drafts)
            except CacheRefused as refused:
                _tell(str(refused))  # it is loaded, and serves
    except typer.Exit as ended:
        sys.exit(ended.exit_code)


@app.command("files")
def save_files(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", parser=_named_folder, help="Where to write them, by release.")
    ],
) -> None:
    """Copy the files of all releases out of the database, for `misconduct load --files`.

    \b
    Example:
      misconduct files /var/backups/misconduct-files
    """
    from misconduct.db.urls import database_urls
    from misconduct.errors import MisconductError
    from misconduct.publish.files import save_files
    from misconduct.settings import Settings

    with _reporting_errors(), database_urls(Settings()) as urls:
        saved = save_files(urls.owner or urls.reader, folder)
        _tell(f"Wrote {saved.copied:,} files to {folder}.")
        found = {
            "Damaged in the database, and not copied": saved.damaged,
            "Not in the database": saved.missing,
            f"Whole in {folder} in other bytes, and not replaced": saved.differ,
        }
        if told := [f"{what}: {', '.join(names)}." for what, names in found.items() if names]:
            hint = (
                f"Of these {folder} has what was copied before, if it was: `misconduct load --rebuild --files {folder}`"
            )
            hint += " brings that back. A copy that is not what was published, delete there, and copy again."
            raise MisconductError(" ".join(told), hint=hint)


def _load(owner_url: str, register: Path, settings: Settings, **options: Any) -> None:
    """Load the register; again if the embedded server ends meanwhile, which a process that joined it starts again."""
    from misconduct.errors import DatabaseUnreachable

    is_embedded = settings.database_url is None and settings.owner_url is None
    for pause in (0.5, 1, 2, 4, 8) if is_embedded else ():
        try:
            return _load_once(owner_url, register, settings, **options)
        except DatabaseUnreachable as error:
            if not error.is_lost:
                raise
            sleep(pause)
    return _load_once(owner_url, register, settings, **options)


def _load_once(
    owner_url: str,
    register: Path,
    settings: Settings,
    *,
    drafts: bool,
    rebuild: bool = False,
    kept: Path | None = None,
) -> None:
    with _reading_code():
        from tempfile import gettempdir

        from misconduct.db.migrate import migrate
        from misconduct.errors import CacheRefused
        from misconduct.http.shared_caches import OF_LATEST
        from misconduct.publish.files import save_files
        from misconduct.publish.load import BUILDING, COMPARING, READING, load_register
        from misconduct.register.temporary_folder import unfinished_files

    refused: CacheRefused | None = None

    def purge() -> bool:
        """Purge what is owed. A cache that refuses does not stop the load, which ends with its words."""
        nonlocal refused
        refused = None
        try:
            return _purge_owed(settings, owner_url, left)
        except CacheRefused as error:
            refused = error
            return True

    if settings.purge:
        from misconduct.publish.purge import plan

        plan(settings.purge, (), ())  # a mistake in it is told before anything is done
        _addresses(settings, ())
    migrate(owner_url)
    left = _owed_to_others(settings, owner_url)
    purge()  # a load that was stopped left it
    steps = {COMPARING: _MANY, READING: _LONG, BUILDING: _MANY}
    with unfinished_files(Path(gettempdir())) as own, _progress(steps) as on_progress:
        if rebuild:  # what is right of the files is kept
            save_files(owner_url, own)
        loaded = load_register(
            owner_url,
            register,
            drafts=drafts,
            rebuild=rebuild,
            kept=kept,
            own=own if rebuild else None,
            on_progress=on_progress,
            on_named=_tell,
            on_removed=lambda _: purge(),
        )
    _tell(f"Register {register}: {_describe(loaded, rebuild=rebuild)}; current is {loaded.current}.")
    if not refused and not purge() and loaded.added and not loaded.removed:
        _purge_after(settings, OF_LATEST)
    if refused:
        raise refused


def _describe(loaded: Loaded, *, rebuild: bool) -> str:
    news = (
        f"added {', '.join(loaded.added)} with {loaded.observations:,} observations" if loaded.added else "nothing new"
    )
    if loaded.derived_anew:
        shown, more = ", ".join(loaded.derived_anew[:5]), len(loaded.derived_anew) - 5
        news += f", days, years or bounds of {len(loaded.derived_anew):,} figures written anew, which other code"
        news += f" derived otherwise or somebody changed: {shown}{f' and {more:,} more' if more > 0 else ''}"
    if loaded.taken:
        news += f", {loaded.taken:,} files kept as they were built"
    if loaded.exchanged:
        news += f" (in place of other bytes in the database: {', '.join(loaded.exchanged)})"
    if rebuild:
        news += ", everything replaced"
    if loaded.rebuilt:
        news += f", files of {', '.join(loaded.rebuilt)} built again"
    if loaded.built_anew:
        news += f", built without a whole copy of what was published: {', '.join(loaded.built_anew)}"
    return news


@app.command()
def recall(
    number: Annotated[str, typer.Argument(help="The number of the release.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; /v1/releases shows it.")],
) -> None:
    """Take a bad release back: the one before is the latest again, in every service of the database, within a second.

    The release stays in the chain and is answered by its number, with the reason. Correct the register and make the
    next release: there is no other way back. The database is that of MISCONDUCT_OWNER_URL; else the embedded one.

    \b
    Example:
      misconduct recall 2.1.0 --reason "The figures of 2023 are those of 2022."
    """
    from misconduct.db.urls import database_urls
    from misconduct.errors import MisconductError
    from misconduct.model.kinds import LONGEST_TEXT
    from misconduct.publish.recall import RecalledAlready, recall_release
    from misconduct.register.files import CONTROL, find_disallowed_character, name_character
    from misconduct.settings import Settings

    with _reporting_errors():
        settings = Settings()
        if not reason.strip():
            raise MisconductError("--reason must say why.")
        if len(reason) > LONGEST_TEXT:
            raise MisconductError(f"--reason has {len(reason):,} characters; it has at most {LONGEST_TEXT:,}.")
        if control := CONTROL.search(reason):
            raise MisconductError(f"--reason: there is a control character ({name_character(control[0])}) in it.")
        if unfit := find_disallowed_character(reason):
            raise MisconductError(f"--reason: {unfit.found}.", hint=f"Allowed is {unfit.allowed}.")
        with database_urls(settings) as urls:
            if urls.owner is None:
                raise MisconductError("Only the owner may recall a release.", hint="Set MISCONDUCT_OWNER_URL.")
            left = _owed_to_others(settings, urls.owner)
            try:
                latest = recall_release(urls.owner, number, reason.strip())
            except RecalledAlready:  # perhaps by a command that was stopped before it purged
                _purge_owed(settings, urls.owner, left)
                raise
            _tell(f"Release {number} is recalled; the latest is {latest}.")
            _purge_owed(settings, urls.owner, left)


_TO_PURGE = (
    "run `misconduct purge` where MISCONDUCT_PURGE is set."
    " If there is no shared cache, or you emptied it: `misconduct purge --none`."
)


def _owed_to_others(settings: Settings, owner_url: str) -> set[int]:
    """Return which purges are owed that this command cannot make up for, as it knows no cache, and say so."""
    from misconduct.publish.owed import find_owed

    left = set() if settings.purge else {one.id for one in find_owed(owner_url)}
    if left:
        _tell(f"A purge is owed, perhaps to caches that are named elsewhere: {_TO_PURGE}")
    return left


def _purge_owed(settings: Settings, owner_url: str, left: set[int]) -> bool:
    """Purge the shared caches if that is owed, beside what is left to others, and note that it is done.

    Where no cache is named, that is left to others too: who does not know of a cache cannot tell that there is none.
    Return whether it was owed.
    """
    from misconduct.http.shared_caches import EVERYTHING
    from misconduct.publish.owed import find_hosts_behind, find_owed, settle

    owed = [one for one in find_owed(owner_url) if one.id not in left]
    if owed:
        _purge_after(settings, EVERYTHING, _addresses(settings, owed))
        behind, silent = find_hosts_behind(owner_url, settings.database_url)
        if behind:
            _tell(" ".join(_behind(behind)))
        if silent:
            _tell(f"Whether {', '.join(silent)} has replayed this is not known: it does not answer here.")
        if settings.database_url is None and settings.owner_url is not None:
            _tell("Whether replicas have replayed this is not known: without MISCONDUCT_DATABASE_URL, none is asked.")
        if settings.purge:
            _tell_unasked(settings, owed)
            if not behind:
                settle(owner_url, owed)
        else:
            left.update(one.id for one in owed)
            _tell(f"That is owed from now on: {_TO_PURGE}")
    return bool(owed)


def _behind(hosts: Sequence[str]) -> tuple[str, str]:
    """Say that hosts have not replayed what caches were purged for, and what to do."""
    return (
        f"Not replayed by {', '.join(hosts)}: services that read from there still answer as before, and so may caches.",
        "Take it out of MISCONDUCT_DATABASE_URL and restart them, or wait until it has; then `misconduct purge`.",
    )


def _tell_unasked(settings: Settings, owed: Iterable[Owed]) -> None:
    """Say which caches were not asked for all that is owed, because they know addresses only, and some of it has none.

    It is settled all the same: no later purge could name more.
    """
    from misconduct.publish.purge import BY_ADDRESS, read_cache

    if any(not one.paths for one in owed):
        for cache in [one for one in map(read_cache, settings.purge) if one.kind in BY_ADDRESS]:
            told = (
                f"{cache.place} knows addresses only, and what a recall, a rebuild or another version changed has none:"
            )
            _tell(f"{told} it goes on with that for up to a day, unless you empty it.")


def _addresses(settings: Settings, owed: Iterable[Owed]) -> list[str]:
    """List the addresses of what was removed, each once, under every host that the service answers for.

    Raises MisconductError if a cache would be asked for addresses that nobody else asks for.
    """
    from misconduct.errors import MisconductError
    from misconduct.publish.purge import BY_ADDRESS, read_cache

    if settings.base_url is None and any(read_cache(one).kind in BY_ADDRESS for one in settings.purge):
        raise MisconductError(
            "MISCONDUCT_PURGE has a cache that is asked for addresses, but MISCONDUCT_BASE_URL is not set.",
            hint="Set it to what the service has: MISCONDUCT_BASE_URL=https://figures.example.org",
        )
    places = dict.fromkeys([settings.public_url, *(settings.addresses.values() if settings.hosts else ())])
    paths = dict.fromkeys(path for one in owed for path in one.paths)
    return [place + path for place in places for path in paths]


def _purge_after(settings: Settings, tag: str, addresses: Sequence[str] = ()) -> None:
    """Purge the shared caches once every worker knows the release, or say what to purge."""
    from misconduct.http.shared_caches import OF_LATEST
    from misconduct.publish.purge import SEEN_SECONDS, plan

    steps = plan(settings.purge, [tag], addresses)
    if not settings.purge and tag == OF_LATEST:
        return  # what is about the latest release ends by itself within ten seconds
    for address in addresses:
        _tell(f"Removed from: {address}")
    _tell(f"Shared caches: purge the tag {tag}.")
    if steps:
        sleep(SEEN_SECONDS)
        _run(steps)


def _run(steps: Iterable[Step]) -> None:
    """Purge, and go on after a cache that refuses. Raises CacheRefused at the end if any did.

    One that is silent is asked no more: thousands of addresses would each take as long as it may take to answer.
    """
    from misconduct.errors import CacheRefused, CacheSilent, MisconductError

    failures, silent = list[str](), Counter[str]()
    for step in steps:
        if step.cache in silent:
            silent[step.cache] += 1
            continue
        try:
            step.do()
            _tell(f"Purged: {step.said}")
        except MisconductError as error:
            failures.append(error.message)
            silent.update({step.cache: 0} if isinstance(error, CacheSilent) else {})
    failures += [f"{cache}: {left:,} more, of which it was not asked" for cache, left in silent.items() if left]
    if failures:
        raise CacheRefused(
            "Not purged: " + "; ".join(failures), hint="What is loaded stays loaded. Try again: `misconduct purge`."
        )


@app.command()
def purge(
    tags: Annotated[list[str] | None, typer.Argument(metavar="TAG", help="Default: register, which all have.")] = None,
    address: Annotated[list[str] | None, typer.Option(help="Also this address; may be repeated.")] = None,
    cache: Annotated[list[str] | None, typer.Option(help="Only this cache, written as in MISCONDUCT_PURGE.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be asked, and ask nothing.")] = False,
    none: Annotated[bool, typer.Option("--none", help="Note that no shared cache is left to purge.")] = False,
) -> None:
    """Make the shared caches of MISCONDUCT_PURGE forget answers: all, or those with these tags.

    If all of them forget all, nothing is owed any more after a removal, a recall or a rebuild that could not purge;
    unless a replica that is read has not replayed it, from which caches could be filled again: then purge once it has.

    Tags are `register` (everything), `latest` (what the next release may change), `release-2.2.0`,
    `dataset-allegations`, `figure-k7m3q` and `source-…`: they are in the header Surrogate-Key of each answer.

    \b
    Examples:
      misconduct purge
      misconduct purge figure-k7m3q --dry-run
    """
    from misconduct.errors import MisconductError
    from misconduct.http.shared_caches import EVERYTHING
    from misconduct.publish.purge import SEEN_SECONDS, plan
    from misconduct.settings import Settings

    with _reporting_errors():
        settings = Settings()
        caches = cache or settings.purge
        if none and (caches or tags or address or dry_run):
            raise MisconductError("--none stands alone, where MISCONDUCT_PURGE is not set.")
        if not caches and not none:
            hint = "Set MISCONDUCT_PURGE, or give --cache. If a purge is owed and no cache is left to purge: --none."
            raise MisconductError("There is no cache to purge.", hint=hint)
        is_of_all = not (tags or cache or dry_run)
        is_noted = settings.owner_url is not None or settings.database_url is None
        if none and not is_noted:
            hint = "Set MISCONDUCT_OWNER_URL, as where loads run."
            raise MisconductError("Only the owner can note that no purge is owed any more.", hint=hint)
        settling: AbstractContextManager[list[Owed]] = _settling(settings) if is_of_all else nullcontext([])
        with settling as owed:
            removed = _addresses(settings, owed) if owed else []
            steps = plan(caches, tags or [EVERYTHING], [*(address or []), *removed])
            if dry_run:
                for step in steps:
                    _say(step.said)
            else:
                if owed and caches:  # perhaps since a moment ago, by a load that was killed
                    sleep(SEEN_SECONDS)
                _run(steps)
                _tell_unasked(settings, owed)
                if is_of_all and not is_noted:
                    _tell("If a purge was owed, it still is: without MISCONDUCT_OWNER_URL, nothing is noted.")


@contextmanager
def _settling(settings: Settings) -> Iterator[list[Owed]]:
    """Yield the purges that are owed, and note that they are done. The database's error comes last."""
    from misconduct.db.urls import database_urls
    from misconduct.errors import MisconductError
    from misconduct.publish.owed import find_hosts_behind, find_owed, settle

    with ExitStack() as stack:
        owner: str | None = None
        owed: list[Owed] = []
        unknown: MisconductError | None = None
        try:
            if settings.owner_url or (settings.database_url is None and settings.home.exists()):
                owner = stack.enter_context(database_urls(settings)).owner
                owed = find_owed(owner) if owner else []
        except MisconductError as error:
            unknown = error
        yield owed
        if owner and owed:
            if settings.purge and (behind := find_hosts_behind(owner, settings.database_url).behind):
                found, hint = _behind(behind)
                raise MisconductError(f"A purge is still owed. {found}", hint=hint)
            settle(owner, owed)
        if unknown:
            raise unknown


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

    from misconduct.api.documentation import make_openapi
    from misconduct.errors import MisconductError
    from misconduct.main import create_api
    from misconduct.register.temporary_folder import put_in_place, unfinished_files
    from misconduct.settings import Settings

    with _reporting_errors():
        settings = Settings(port=8000, base_url=None)
        text = json.dumps(make_openapi(create_api(settings), settings.public_url), indent=2, ensure_ascii=False) + "\n"
        if str(path) == "-":
            _say(text, nl=False)
        else:
            place = Path(os.path.realpath(path))  # of a link: the file behind it
            if place.is_symlink() or (path.exists() and not path.is_file()):  # still a link: one to itself
                raise MisconductError(f"{path} is not a file.", hint="For standard output: -")
            path.parent.mkdir(parents=True, exist_ok=True)
            with unfinished_files(place.parent) as unfinished:
                (unfinished / place.name).write_text(text, encoding="utf-8")
                put_in_place(unfinished / place.name, place)
            _tell(f"Wrote {path}.")


@app.command()
def check(register: RegisterPath = DATA) -> None:
    """Check the register, without a database or the documents.

    All mistakes are reported, as file:line:column: what was found; what is allowed; did you mean …?

    \b
    Example:
      misconduct check --register data
    """
    from misconduct.register.mistakes import Mistakes
    from misconduct.register.reader import read_register

    mistakes = Mistakes()
    with _reporting_errors(""), _progress({"Checking": _LONG}) as on_progress:
        checked = read_register(register, mistakes, on_progress=partial(on_progress, "Checking"))
        for warning in mistakes.warnings:
            _tell(f"warning: {warning}")
        mistakes.raise_if_any()
    last = f"released up to {checked.releases[-1].number}" if checked.releases else "all of them drafts"
    _say(f"{register} is in order: {checked.observations:,} observations, {last}.")
    if results := checked.results:
        _say(f"Checks: {results['holds']} hold, {results['fails']} fail, {results['undecidable']} undecidable.")


@app.command()
def verify(
    documents: Annotated[Path, typer.Option("--documents", help="The folder with the documents, under any names.")],
    register: RegisterPath = DATA,
    source: Annotated[
        list[str] | None, typer.Option(metavar="SLUG", help="Only this source; may be repeated. Default: all.")
    ] = None,
    held: HeldOnly = False,
    write: Annotated[
        bool,
        typer.Option("--write", help="Move wrong places to where the document has their words once, in drafts."),
    ] = False,
) -> None:
    """Compare the register with its documents.

    Every place must have exactly the characters that the row gives, and every number in a document must be an
    observation or be listed as not a statistic. Documents are found by their SHA-256.

    If a document changed in place, its source gets a version with the new hash; --write then moves the places of its
    rows: of drafts where they are, of released rows in their next version. With the bytes of the version before in the
    folder, words that occur more than once are told apart by those around them.

    Exit status 0: everything that was compared is right, and without --held nothing was left out. 1: mistakes, a
    document that is missing or whose bytes differ, or no such folder or source. 2: wrong options.

    \b
    Examples:
      misconduct verify --documents ~/articles
      misconduct verify --documents ~/articles --source some-paper-2024-05-01
      misconduct verify --documents ~/articles --held
    """
    from misconduct.register.mistakes import Mistakes
    from misconduct.register.verify import verify_documents
    from misconduct.register.write_places import write_places

    with _reporting_errors(""):
        if write:
            with _writing_alone(register):
                found = verify_documents(register, documents, Mistakes(), sources=source or (), held=held)
                _say(f"Rows with moved places: {write_places(found)}.")
                for move in found.unsure:
                    _say(f"Without the earlier copy, look whether it is the same: {move}.")
        _verify(register, documents, source or (), held=held)


def _verify(
    register: Path,
    documents: Path,
    sources: Collection[str],
    *,
    held: bool,
    without: str | None = None,
    decide: Any = None,
) -> None:
    """Compare sources with their documents, drafts too. Raises RegisterRefused."""
    from misconduct.register.mistakes import Mistakes
    from misconduct.register.verify import verify_documents

    mistakes = Mistakes()
    with _progress({"Verifying": _LONG}) as bar:
        report = verify_documents(
            register,
            documents,
            mistakes,
            sources=sources,
            held=held,
            without=without,
            decide=decide,
            on_progress=partial(bar, "Verifying"),
        )
    for suggestion in report.suggestions:
        _tell(f"suggestion: {suggestion}")
    mistakes.raise_if_any()
    count = len(report.verified)
    matching = f"all {report.places:,} places match the register, and all {report.numbers:,} numbers are accounted for"
    _say(f"{count} document{'s' if count != 1 else ''}: {matching}." if count else "No document was compared.")
    if report.missing:
        _say(f"Not verified, because the folder does not have their documents: {', '.join(report.missing)}.")


@app.command("import")
def import_(
    *,
    table: Annotated[str, typer.Argument(metavar="SLUG", help="The table: its file in tables/ without .yaml.")],
    documents: Annotated[Path, typer.Option("--documents", help="The folder with the table's file, under any name.")],
    register: RegisterPath = DATA,
    write: Annotated[bool, typer.Option("--write", help="Write the figures and the codes. They are drafts.")] = False,
    reason: Annotated[str, typer.Option(help="Why released figures have a new version: once for all.")] = "",
    end: Annotated[
        str, typer.Option(metavar="REASON", help="End the released figures that the table no longer has.")
    ] = "",
    none_removed: Annotated[
        bool,
        typer.Option(
            "--none-removed",
            help="Say that no new figure is one that the law removed: asked for where it removed some.",
        ),
    ] = False,
    drop_drafts: Annotated[
        bool,
        typer.Option(
            "--drop-drafts",
            help="Let go what drafts say and the table does not: typed by somebody, or of an earlier layout.",
        ),
    ] = False,
    as_csvw: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the table for other tools: CSVW and a Data Package.")
    ] = None,
) -> None:
    """Turn a published table into figures, by its layout in tables/ and its words in mappings/.

    Without --write, nothing is written, and what would be is shown. A figure whose dimensions and period the register
    has already keeps its id, wherever it is in the table.

    \b
    Examples:
      misconduct import philadelphia-findings --documents ~/tables
      misconduct import philadelphia-findings --documents ~/tables --write
      misconduct import philadelphia-findings --documents ~/tables --write --reason "The city revised 2020."
    """
    from misconduct.register.files import DECISIONS
    from misconduct.register.import_table import CHECKING, DERIVING, import_table

    with (
        _reporting_errors("; nothing was written"),
        _writing_alone(register, write),
        _progress({DERIVING: _MANY, CHECKING: _LONG}) as on_progress,
    ):
        done = import_table(
            register,
            table,
            documents,
            write=write,
            reason=reason,
            end=end,
            none_removed=none_removed,
            drop_drafts=drop_drafts,
            as_csvw=as_csvw,
            on_progress=on_progress,
        )
    for line in (*done.describe(), *(f"Wrote {path}." for path in done.for_other_tools)):
        _say(line)
    if done.unended:
        _say("Figures that are gone stay in force, and `verify` misses them in the table, until --end says why.")
    if done.in_the_way and not write:
        _say(f"Others stand in the cells of {done.in_the_way:,} that are gone: --write needs --end.")
    if done.typed and not write:
        _say("What drafts say and the table does not (typed, or of an earlier layout) goes only with --drop-drafts.")
    if done.removed and not write:
        _say("A new figure may be one that the law removed: skip its cell, or say with --none-removed that none is.")
    if done.kept:
        _say(f"Reasons that stay as they are in {register / DECISIONS}, where they can be changed: {done.kept:,}.")
    names = " and ".join(str(register / name) for name in done.files)
    if not names:
        _say("Nothing new to write.")
    else:
        nothing = "Nothing else" if as_csvw else "Nothing"
        _say(f"Wrote {names}." if write else f"{nothing} was written. To write {names}: --write.")


@app.command()
def quote(
    documents: Annotated[Path, typer.Option("--documents", help="The folder with the documents, under any names.")],
    register: RegisterPath = DATA,
) -> None:
    """Note the words around each figure in its document in quotes.yaml, so that links lead to the right place.

    There are at most 40 characters on each side. They are drafts until the next `misconduct release`.

    \b
    Example:
      misconduct quote --documents ~/articles
    """
    from misconduct.register.write_quotes import FILE, write_quotes

    with _reporting_errors(""), _writing_alone(register):
        report = write_quotes(register, documents)
        _say(f"Places with the words around them: {report.places}, in {report.sources} documents.")
        _say(f"Wrote {register / FILE}; records: {report.changed}." if report.changed else "Nothing new to note.")


@app.command()
def draft(
    document: Annotated[Path, typer.Argument(metavar="DOC", help="The text that was read, in UTF-8.")],
    source: Annotated[str, typer.Option(metavar="SLUG", help="The slug of the new source.")],
    register: RegisterPath = DATA,
) -> None:
    """Draft a new source: what is known of its document, and a row for each of its numbers, with nothing decided.

    `misconduct check` then says what is to be filled in, and which numbers are neither figures nor listed as not
    statistics. Nothing is replaced.

    \b
    Example:
      misconduct draft ~/articles/letter.txt --source some-paper-2024-05-01
    """
    from misconduct.register.write_draft import write_draft

    with _reporting_errors(), _writing_alone(register):
        report = write_draft(register, document, source)
        for path in report.files:
            _say(f"Wrote {path}.")
        if report.is_table:
            _say("It is a table: `misconduct import` brings in its figures.")
        else:
            _say(f"Numbers to decide: {report.numbers:,}. `misconduct check` names each.")


@app.command()
def release(
    *,
    register: RegisterPath = DATA,
    summary: Annotated[
        str, typer.Option(help="What this release adds, in one sentence. Without it nothing is written.")
    ] = "",
    number: Annotated[str | None, typer.Option(help="Another number than the one proposed.")] = None,
    released: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of the release. Default: today in UTC.")
    ] = None,
    end: Annotated[
        list[str] | None,
        typer.Option(metavar="ID=REASON[;NEW_ID]", help="A figure or record that is no longer in force."),
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID@VERSION=REASON", help="A version that the law requires to be removed. Delete it first."
        ),
    ] = None,
    reason: Annotated[
        list[str] | None, typer.Option(metavar="ID=REASON", help="Why a record has a new version.")
    ] = None,
    documents: Annotated[
        Path | None,
        typer.Option(help="Compare the sources of what it adds with the documents in this folder first (see verify)."),
    ] = None,
    held: HeldOnly = False,
    none_removed: Annotated[
        bool,
        typer.Option(
            "--none-removed",
            help="Say that no new version has what the law removed: asked for where it removed the one before.",
        ),
    ] = False,
    again: Annotated[
        bool,
        typer.Option(
            "--again", help="Write the newest release anew, with its summary, day and decisions, after those before it."
        ),
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Delete the newest release: what it added is drafts again.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="With --again and --undo: also if it was loaded or pushed.")
    ] = False,
) -> None:
    """Propose the next release and, given a summary, write it.

    What it adds from documents is not verified without --documents; the output names those sources.

    --again and --undo are for a release that nobody has seen: after a merge of two branches that both released, or
    for a slip. --again releases everything that is a draft by then. Both refuse a release that the database has
    loaded, or that is on the main branch of a remote repository, or where neither is certain.

    Records other than observations are named with their kind: code/measure/accused, source/some-paper.

    \b
    Examples:
      misconduct release
      misconduct release --summary "Figures of the Commissioner's letter." --documents ~/articles
      misconduct release --end "k7m3q=The publisher withdrew it;tc7ks" --summary "One withdrawal."
    """
    from misconduct.register.editors import withdrawing
    from misconduct.register.files import DECISIONS
    from misconduct.register.make_release import decide, propose_release, write_release
    from misconduct.register.releases import as_numbers

    others = any((again, summary, number, released, end, remove, reason, documents, held, none_removed))
    _refuse(
        {
            "--undo takes nothing but --register and --force: it only deletes a release": undo and others,
            "--force is for --again and --undo": force and not (again or undo),
            "--held is for --documents": held and not documents,
            "--number is empty": number == "",
        }
    )
    decisions = [*_decisions("ended", end), *_decisions("removed", remove), *_decisions("added", reason)]
    alone = withdrawing(register) if again or undo else nullcontext()
    with _reporting_errors(), _writing_alone(register, bool(summary or again or undo)), alone:
        instead_of = kept = sealed = None
        if again or undo:
            sealed = _withdrawable(register, force=force)
            if undo:
                _undo(register, sealed, known=not force)
                return
            replaced = {one[:3] for one in decisions if one.action == "added"}
            decisions = [*(one for one in sealed.decisions if one[:3] not in replaced), *decisions]
            summary, instead_of = summary or sealed.summary, sealed.number
            kept = sealed.number if sealed.is_chained else None  # else another number may fit, after what was merged
        proposal = propose_release(register, decisions, instead_of=instead_of, seen=sealed and sealed.seen)
        _show(proposal)
        asked_before = sealed.resumed if sealed else ()
        back = [] if none_removed else [one for one in proposal.after_removed if one not in asked_before]
        _ask_about_removed(back, writes=bool(summary))
        if kept and not number and as_numbers(kept) > as_numbers(proposal.number):
            number = kept
            _say(f"It keeps its number, {number}. For another: --number.")
        if documents and proposal.sources:
            ending = partial(decide, decisions)
            _verify(register, documents, proposal.sources, held=held, without=instead_of, decide=ending)
        elif proposal.sources:
            _say(f"Not verified, because no --documents are given: {', '.join(proposal.sources)}.")
        if summary:
            day = released.date() if released else _day(proposal, sealed)
            written = write_release(register, proposal, summary, day, number, instead_of=instead_of)
            decided = register / DECISIONS
            stays = f"\nSomebody else changed {decided} meanwhile, so it stays." if decided.exists() else ""
            _say(f"Wrote {written}{f' instead of {instead_of}' if instead_of else ''}.{stays}")
        else:
            _say(f"Nothing was written. To make release {number or proposal.number}, say what it brings: --summary.")


def _refuse(mistakes: Mapping[str, bool]) -> None:
    """Raise BadParameter with the first of these that is so: an option that would change nothing."""
    for said, is_so in mistakes.items():
        if is_so:
            raise typer.BadParameter(said)


def _withdrawable(register: Path, *, force: bool) -> SealedRelease:
    """Return the newest release. Raises MisconductError if there is none, or it is public."""
    from misconduct.errors import MisconductError
    from misconduct.publish.withdraw import find_publication
    from misconduct.register.make_release import read_newest_release
    from misconduct.settings import Settings

    sealed = read_newest_release(register)
    if not force and (place := find_publication(Settings(), register, sealed)):
        if not sealed.is_chained:
            raise MisconductError(f"Release {sealed.number} is in {place}, so it stays as it is there.", hint=_WAY_OUT)
        raise MisconductError(
            f"Release {sealed.number} is in {place}, so it stays: the next release corrects it.",
            hint="If nobody has seen it there: --force. A database that has it must go back too: docs/runbook.md.",
        )
    return sealed


def _day(proposal: Proposal, sealed: SealedRelease | None) -> date:
    """Return the day of a release for which none is given: today, or that of the release that is written again.

    That one stays where it can: none is before the day of the release before it.
    """
    today, before = datetime.now(UTC).date(), proposal.previous
    if sealed is None or sealed.released == today:
        return today
    if before and sealed.released < before.released:
        _say(
            f"Its day was {sealed.released}, before that of {before.number}. It is today now; for another: --released."
        )
        return today
    _say(f"It keeps its day, {sealed.released}. For another: --released.")
    return sealed.released


def _undo(register: Path, sealed: SealedRelease, *, known: bool) -> None:
    """Delete the newest release, and print the command that would make it again. Its decisions wait for that.

    `known` tells whether it was found not to be public.
    """
    import shlex

    from misconduct.errors import MisconductError, RegisterRefused
    from misconduct.register.files import DECISIONS
    from misconduct.register.make_release import ReleaseRefused, delete_release, propose_release
    from misconduct.register.releases import as_numbers

    sealed.seen.require_unwritten()
    removals = [one for one in sealed.decisions if one.action == "removed"]  # which cannot wait
    command = ["misconduct", "release", *(() if register == DATA else ("--register", str(register)))]
    command += chain.from_iterable(("--remove", str(removal)) for removal in removals)
    command += ["--summary", sealed.summary]
    if sealed.released != datetime.now(UTC).date():
        command += ["--released", str(sealed.released)]
    command += ["--none-removed"] if sealed.resumed else []
    _say(f"To release again:\n  {shlex.join(command)}")  # first: nothing else has it
    if _lost or sys.__stdout__ is None:  # full, or closed before this began
        raise MisconductError(f"So release {sealed.number} stays: nothing else says what would make it again.")
    delete_release(sealed.seen, sealed.number, sealed.decisions)
    was = ", which was sealed and not public" if known else ""
    _say(f"Deleted release {sealed.number}{was}. What it added is drafts again.")
    if len(removals) < len(sealed.decisions):
        _say(f"Its ends and reasons wait in {register / DECISIONS}.")
    if removals:
        _say(
            "Until it is released again, `misconduct check`, `load` and `serve` refuse this register: "
            "it lacks what the release removed."
        )
    with suppress(ReleaseRefused):  # there may be nothing to release
        try:
            proposed = propose_release(register, removals).number
            if as_numbers(sealed.number) > as_numbers(proposed):
                _say(f"That makes {proposed}. To keep its number: --number {sealed.number}")
        except RegisterRefused as refused:  # such as a later draft of a record, whose version before is a draft now
            _say(f"Before you release again, put right what `misconduct check` says:\n{refused}")


@app.command()
def check_links(
    *,
    register: RegisterPath = DATA,
    archive: Annotated[
        bool, typer.Option("--archive", help="Look up archived copies of addresses that have none noted.")
    ] = False,
    archive_address: Annotated[
        str | None, typer.Option(metavar="URL", help="Where to look up copies. Default: the Wayback Machine.")
    ] = None,
    pause: Annotated[float, typer.Option(min=0, help="Seconds between requests to one host.")] = 1.0,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds before a request is given up.")] = 20.0,
    longest_wait: Annotated[
        float, typer.Option(min=0, help="Longest wait, in seconds, that a host may ask for.")
    ] = 60.0,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Also request private and loopback addresses.")
    ] = False,
) -> None:
    """Check whether the sources' addresses still answer, and note the results in link-checks.yaml.

    They are drafts until the next `misconduct release`. A dead address changes nothing else.

    \b
    Examples:
      misconduct check-links --archive
      misconduct check-links --register ~/register --pause 5
    """
    from misconduct.register.link_checker import ARCHIVE, LinkCheckOptions
    from misconduct.register.link_checks import FILE
    from misconduct.register.link_checks import check_links as check_all
    from misconduct.settings import Settings

    with _reporting_errors():
        copies = (archive_address or ARCHIVE) if archive else None
        options = LinkCheckOptions(timeout, pause, longest_wait, allow_private, copies, Settings().contact)
        report = check_all(register, options, datetime.now(UTC).date(), _show_link)
        _say(f"Addresses asked: {len(report.checked)}; sources without one: {report.without_address}.")
        _say(f"Wrote {register / FILE}; records: {report.changed}." if report.changed else "Nothing new to note.")


def _show_link(check: Mapping[str, Any]) -> None:
    """Print the result of one link check."""
    moved = f" → {check['final_address']}" if check["final_address"] else ""
    copy = f" (a copy: {check['archived']})" if check["archived"] else ""
    _say(f"{check['status']:20}{check['id']}: {check['address']}{moved}{copy}")


@app.command("id")
def make_id(
    count: Annotated[int, typer.Argument(min=1, max=10_000, help="How many.")] = 1, register: RegisterPath = DATA
) -> None:
    """Make ids for new observations, which the register has never used.

    \b
    Example:
      misconduct id 3
    """
    from misconduct.register.observation_columns import make_ids

    with _reporting_errors():
        _say("\n".join(make_ids(register, count)))


@app.command("code")
def add_code(
    code_list: Annotated[str, typer.Argument(metavar="LIST", help="The code list: area.")],
    codes: Annotated[list[str] | None, typer.Argument(help="Codes or notations: E23000014, US-PA.")] = None,
    *,
    register: RegisterPath = DATA,
    label: Annotated[str, typer.Option(help="The label of a code of your own.")] = "",
    definition: Annotated[str, typer.Option(help="What it means.")] = "",
    by: Annotated[str, typer.Option(help="Whose definition it is: a name or an address.")] = "",
    broader: Annotated[str, typer.Option(help="The code above it.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Add them to the code list, as drafts.")] = False,
) -> None:
    """Show codes that the program knows, such as police force areas, and add them to the register.

    Each comes with the codes above it that the register lacks. One that the register has without its notation or the
    code above it gets a next version, in which all that the register says of it stays. Without codes, all that the
    program knows and the register lacks are listed. With a label, a code of your own is added.

    \b
    Examples:
      misconduct code area
      misconduct code area E23000014 US-PA --write
      misconduct code measure recorded --label Recorded --definition "Written down by a force." --by "The force" --write
    """
    from misconduct.register.draft_codes import (
        add_codes,
        complete_code,
        find_known,
        known_codes,
        read_codes,
        require_list,
    )
    from misconduct.register.editors import SeenFiles

    if not label and (definition or by or broader):  # the program's own codes come with theirs
        raise typer.BadParameter("--definition, --by and --broader describe a code of your own: with --label")
    if write and not codes:
        raise typer.BadParameter("--write needs the codes that are to be written")
    with _reporting_errors(), _writing_alone(register, write):
        require_list(code_list)
        seen = SeenFiles(register)
        own = {"version": "1", "notation": "", "label": label, "definition": definition, "broader": broader}
        wanted = [] if label else [find_known(code_list, one) for one in codes or known_codes(code_list)]
        listed = sorted(read_codes(register, code_list), key=lambda row: int(row["version"]))
        present, rows = {row["code"]: row for row in listed}, dict[str, Mapping[str, str]]()
        rows |= {code: {"code": code, **own, "defined_by": by} for code in codes or () if label and code not in present}
        for code in wanted:
            rows |= {row["code"]: row for row in complete_code(code_list, code, {**present, **rows})}
        for row in rows.values():
            _say(f"{row['code']:20} {row['notation']:10} {row['label']}")
        if write and codes and rows:
            _say(f"Wrote {add_codes(seen, code_list, rows.values())}.")
        elif not rows:
            _say(
                "The register has them already." if wanted or label else f"The program knows no code of {code_list!r}."
            )


@app.command()
def verify_release(
    path: Annotated[Path, typer.Argument(help="A bundle.zip, the folder of one, or a folder of manifests.")],
    digest: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HEX|LINE",
            help="A digest that you have from elsewhere, or the whole line that has it; also of a later release.",
        ),
    ] = None,
) -> None:
    """Verify that a bundle is the release that it claims to be. Needs no service and no database.

    Every manifest, record and figure is hashed again, and every table rebuilt from them. Each difference is reported
    with its file and line.

    \b
    Examples:
      misconduct verify-release bundle.zip
      misconduct verify-release bundle.zip --digest f03d2f147938c2b576e16a517693f77b350eda165b16313e6b379869951afaf1
      misconduct verify-release data/releases
    """
    from misconduct.bundles.tables import OTHERWISE
    from misconduct.bundles.verify import BY_OTHER_CODE, describe, read_digest
    from misconduct.bundles.verify import verify_release as verify_all

    try:
        cited = [*map(read_digest, digest or ())]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--digest") from error
    with _reporting_errors(": this is not the release that it claims to be", {OTHERWISE: BY_OTHER_CODE}):
        _say("\n".join(describe(verify_all(path, cited), cited)))


@app.command()
def doctor(
    register: RegisterPath = INCLUDED,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="Read all files, however long it takes.")] = False,
) -> None:
    """Check an installation, and say what to do about each problem. Exit status 1 if a check fails.

    Every row of the database is compared with the register, and every file with its SHA-256. Of more than 2 GB of
    files, some are chosen at random each time; --whole reads them all.

    \b
    Examples:
      misconduct doctor
      misconduct doctor --whole
      misconduct doctor --json | jq '.[] | select(.state != "ok")'
    """
    from misconduct.doctor.examine import BYTES, ROWS, examine
    from misconduct.doctor.finding import as_lines, encode, has_failed
    from misconduct.settings import Settings

    with _reporting_errors(""):
        with _progress({ROWS: _MANY, BYTES: _LONG}) as on_progress:
            findings = examine(Settings(), register, on_progress, whole=whole)
        _say(encode(findings) if as_json else "\n".join(as_lines(findings)))
    raise typer.Exit(has_failed(findings))


def _decisions(action: str, texts: list[str] | None) -> list[Decision]:
    from misconduct.register.make_release import parse_decision

    try:
        return [parse_decision(action, text) for text in texts or ()]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _show(proposal: Proposal) -> None:
    """Print the lines of a proposed release, and its number."""
    for line in proposal.lines[:_SHOWN]:
        version = f" version {line.version}" if line.version > 1 else ""
        because = f": {line.reason}" if line.reason else ""
        _say(f"{line.action:8}{line.kind} {line.id}{version}{because}")
    rest = Counter((line.action, line.kind, line.reason) for line in proposal.lines[_SHOWN:])
    for (action, kind, reason), number in rest.items():
        _say(f"… and {number:,} more: {action} {kind}{f': {reason}' if reason else ''}")
    after = f" after {proposal.previous.number}" if proposal.previous else ""
    _say(f"Proposed number: {proposal.number}{after} ({proposal.change.name.lower()})")
    if stay := proposal.staying:
        told = f"Other versions of what is removed stay: {_list_some(stay)}."
        _tell(f"{told} To remove one too, delete it and add: --remove '{stay[0]}=REASON'")
    if reasons := proposal.told:
        more = f"\n… and {len(reasons) - _MOST_NAMED:,} more" if len(reasons) > _MOST_NAMED else ""
        listed = "\n".join(reasons[:_MOST_NAMED])
        _tell(f"Reasons about what is removed stay for ever, as do summaries (docs/removal.md):\n{listed}{more}")


def _list_some(names: Sequence[str]) -> str:
    """Return names in one line, the first ones of many."""
    more = f", and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more}"


def _ask_about_removed(back: Sequence[str], *, writes: bool) -> None:
    """Tell which new versions follow one that the law removed. Raises MisconductError if they would be written."""
    from misconduct.errors import MisconductError

    if not back:
        return
    found = f"The law removed the version before {_list_some(back)}: a merge may have brought it back."
    hint = "If nothing of what was removed is in it: --none-removed. Otherwise delete it (docs/removal.md)."
    if writes:
        raise MisconductError(found, hint=hint)
    _tell(f"{found}\n{hint}")


def _writing_alone(register: Path, writes: bool = True) -> AbstractContextManager[None]:
    from misconduct.register.editors import writing_alone

    return writing_alone(register) if writes else nullcontext()


@contextmanager
def _reporting_errors(
    outcome: str = "; nothing was changed", outcomes: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Print the error that stops a command on stderr, with a line for each mistake, and exit with status 1.

    `outcomes`: another outcome where all mistakes have one code.
    """
    from pydantic import ValidationError

    from misconduct.errors import MisconductError, RegisterRefused

    try:
        yield
    except RegisterRefused as refused:
        for mistake in refused.mistakes:
            _tell(str(mistake))
        shown = f" (the first {len(refused.mistakes):,} are shown)" if len(refused.mistakes) < refused.total else ""
        least = "At least " if refused.is_cut_short else ""
        outcome = next((said for code, said in (outcomes or {}).items() if refused.is_all(code)), outcome)
        _tell(f"{least}{refused.total:,} mistake{'s' if refused.total != 1 else ''}{shown}{outcome}.")
        raise typer.Exit(1) from None
    except MisconductError as error:
        _tell(str(error))
        raise typer.Exit(1) from None
    except ValidationError as error:  # of the settings: a register's are mistakes
        _show_faults(error)
        raise typer.Exit(1) from None
    except UnicodeEncodeError as error:
        found = error.object[max(error.start - 20, 0) : error.end + 20]
        _tell(f"This is not UTF-8: {found!a}; an argument or a setting has it{outcome}.")
        raise typer.Exit(1) from None
    except (OSError, MemoryError, RuntimeError) as error:
        if (said := _name_failure(error)) is None:
            raise
        _tell(said)
        raise typer.Exit(1) from None


def _name_failure(error: Exception) -> str | None:
    """Return what failed in the system, in one line; None if it is something else."""
    from misconduct.errors import is_shortage

    if isinstance(error, OSError) and error.errno is not None:
        return f"{error.strerror}: {error.filename}" if error.filename is not None else error.strerror
    if is_shortage(error):
        return "The command was stopped: there is too little memory, or no more threads can be started."
    return None


def _show_faults(error: ValidationError) -> None:
    for fault in error.errors(include_url=False):
        name = "_".join(map(str, fault["loc"])).upper()
        named = f"{name if name == 'PORT' else f'MISCONDUCT_{name}'}: " if name else ""  # several settings at once
        _tell(f"{named}{fault['msg']}")


@contextmanager
def _progress(worth_showing: Mapping[str, int]) -> Iterator[Callable[[str, int, int], None]]:
    """Show a progress bar on stderr for each stage that has as much to do as `worth_showing` says."""
    tasks: dict[str, TaskID] = {}

    @cache
    def bar() -> Progress:
        from rich.console import Console  # most loads are over too soon to show any
        from rich.progress import Progress

        return Progress(console=Console(stderr=True), transient=True, auto_refresh=False)

    def on_progress(stage: str, done: int, total: int) -> None:
        if total >= worth_showing[stage]:
            bar().start()
            if stage not in tasks:
                tasks[stage] = bar().add_task(stage, total=total)
            bar().update(tasks[stage], completed=done, total=total, refresh=True)

    try:
        yield on_progress
    finally:
        if tasks:
            bar().stop()
