"""The editor's commands of `misconduct`. Each imports what it needs, so that all others start fast."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from misconduct.errors import RegisterError
from misconduct.terminal import DataFolder, console, read_settings

app = typer.Typer()


@app.command()
def check(data: DataFolder = None) -> None:
    """Check the register and list mistakes with their places. Example: misconduct check --data data"""
    from .register.charts import warn_of_charts
    from .register.check import read_register
    from .register.reading import refuse
    from .releases.derive import find_mistakes

    register = read_register(read_settings(data).data)
    refuse(find_mistakes(register))
    today = datetime.now(UTC).date().isoformat()
    for warning in warn_of_charts(register.located, register.figures, today):
        typer.echo(warning)
    records = sum(map(len, register.records.values()))
    typer.echo(
        f"No mistakes in {len(register.figures)} figures and {records} other records."
    )


@app.command()
def verify(
    documents: Annotated[
        list[Path],
        typer.Option(
            help="A folder of documents. File names don't matter.",
            exists=True,
            file_okay=False,
        ),
    ],
    data: DataFolder = None,
) -> None:
    """Compare the register with the documents it quotes. Example: misconduct verify --documents documents"""
    from .register.check import read_register
    from .register.verify import find_documents
    from .register.verify import verify as compare_documents
    from .tables.add import verify_tables

    folder = read_settings(data).data
    register, by_digest = read_register(folder), find_documents(*documents)
    with console.status("reading the tables again"):
        found = [
            *compare_documents(register, by_digest),
            *verify_tables(folder, register, by_digest),
        ]
    if found:
        raise RegisterError("\n".join(found))
    typer.echo(
        f"{len(register.figures)} figures: all words are at their places, and no number is left out."
    )


@app.command()
def add(
    table: Annotated[
        Path,
        typer.Argument(
            help="An ODS, XLSX, CSV or TSV file, or a transcript.",
            exists=True,
            dir_okay=False,
        ),
    ],
    sheet: Annotated[
        str | None, typer.Option(help="The sheet that has the table.")
    ] = None,
    slug: Annotated[
        str | None,
        typer.Option(
            help="Name of the table in the register. Use the same name for later editions."
        ),
    ] = None,
    data: DataFolder = None,
) -> None:
    """Add a published table. The first run writes data/tables/<slug>.yaml for you to complete; later runs read it.

    A file in data/transcripts/ has numbers typed from pages: then this fills in their ids and checks them.

    Example: misconduct add deaths-2019-20.ods --sheet Custody_By_Force
    """
    from .tables.add import add_table
    from .tables.transcript import add_transcript, is_transcript

    folder = read_settings(data).data
    with console.status(f"reading {table.name}"):
        is_typed = is_transcript(folder, table)
        outcome = (
            add_transcript(folder, table)
            if is_typed
            else add_table(folder, table, sheet, slug)
        )
    for heading, lines in outcome.sections.items():
        typer.echo("\n  ".join([heading, *lines]))
    if outcome.mistakes:
        written = (
            f"Filled in {outcome.written}" if outcome.written else "Nothing was written"
        )
        raise RegisterError(
            "\n".join(
                [*outcome.mistakes, f"Mistakes: {len(outcome.mistakes)}. {written}."]
            )
        )
    typer.echo(f"Wrote {outcome.written}")


@app.command()
def draft(
    document: Annotated[
        Path, typer.Argument(help="Text of an article.", exists=True, dir_okay=False)
    ],
    source: Annotated[
        str | None,
        typer.Option(
            help="Id of the source. Drafts its files, or only the missing rows if it has files."
        ),
    ] = None,
    data: DataFolder = None,
) -> None:
    """List the numbers in an article, and draft its rows. Example: misconduct draft a.txt --source paper-2026-title"""
    from .register.article import draft_article, write_draft

    folder = read_settings(data).data
    found = draft_article(document, folder, source)
    typer.echo(
        "\n".join(
            write_draft(found, folder, source, document.name) if source else found.lines
        )
    )


@app.command()
def remove(
    names: Annotated[
        list[str],
        typer.Argument(
            help="Ids of figures, and records that quote them: caveat/slip."
        ),
    ],
    law: Annotated[
        str, typer.Option(help="The law that requires the removal, for removals.csv.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what names or quotes them.")
    ] = False,
    data: DataFolder = None,
) -> None:
    """Remove figures from every release by law. Example: misconduct remove k7m3q --law "Section 4 …" --dry-run"""
    from .releases import remove as removal

    folder = read_settings(data).data
    if not dry_run and removal.finish_removal(folder):
        typer.echo("Finished an interrupted removal. Now run `misconduct load`.")
        return
    target = removal.find_target(folder, names)
    for sentence in removal.find_quotes(folder, target):
        typer.echo(sentence)
    if dry_run:
        for line in removal.find_in_register(folder, target):
            typer.echo(line)
        return
    today = datetime.now(UTC).date().isoformat()
    changed = removal.remove(folder, target, law, today)
    typer.echo(f"Rewritten: {', '.join(changed)}. Now run `misconduct load`.")


@app.command()
def release(
    summary: Annotated[str, typer.Option(help="What is new, in a sentence or two.")],
    number: Annotated[
        str | None, typer.Option(help="A release number higher than the changes need.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show the number and the changes.")
    ] = False,
    data: DataFolder = None,
) -> None:
    """Freeze the register as a release. Example: misconduct release --summary "The figures of 2026." --dry-run"""
    from .releases.make import prepare_release, publish

    today, folder = datetime.now(UTC).date().isoformat(), read_settings(data).data
    made, report = prepare_release(folder, summary, today, number)
    for section in report:
        typer.echo(section)
    if not dry_run:
        made = publish(folder, made)
    typer.echo(f"{made.number}  {made.day}  {made.digest or 'not written'}")
    for (kind, action), count in sorted(
        Counter((one["kind"], one["action"]) for one in made.changes).items()
    ):
        typer.echo(f"{kind:14} {action:9} {count:7,}")


@app.command()
def watch(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Ids of sources. Default: all.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Where to note what was seen, and keep new editions. Default: watched, beside the data."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON for each finding.")
    ] = False,
    data: DataFolder = None,
) -> None:
    """Ask where sources appear again for new editions, and pages if they still print what was typed from them.

    Nothing enters the register: new tables are kept in the folder, tried as `add` would, and told until you take
    them in or delete them. Also lists what is overdue.

    Ends with 0 if there is nothing to do, 1 if there is, and 2 if a publisher could not be read.

    Examples: misconduct watch; misconduct watch police-officers-by-force-2025; misconduct watch --json > found.jsonl
    """
    from .register.check import read_register
    from .watch.ask import Asker, Limits, name_agent
    from .watch.findings import Report
    from .watch.jobs import choose_sources, find_overdue, list_jobs
    from .watch.run import Watch, reading

    settings = read_settings(data)
    register = read_register(settings.data)
    chosen = choose_sources(register, sources or ())
    jobs, report = list_jobs(register, chosen), Report(as_json=as_json)
    asker = Asker(name_agent(settings.contact), Limits(host=settings.watch_host))
    kept = folder or settings.data.resolve().parent / "watched"
    with reading() as process, report.show_progress(console, len(jobs)) as done:
        run = Watch(settings.data, kept, register, asker, process)
        asyncio.run(run.run(jobs, report.tell, done))
    for finding in find_overdue(chosen, datetime.now(UTC).date()):
        report.tell(finding)
    raise typer.Exit(report.end(len(jobs)))


@app.command("id")
def make_id(
    count: Annotated[int, typer.Argument(help="How many.", min=1, max=10_000)] = 1,
    data: DataFolder = None,
) -> None:
    """Print new ids for figures, not used in any release. Example: misconduct id 5"""
    from .register.reading import make_ids

    typer.echo("\n".join(make_ids(read_settings(data).data, count)))
