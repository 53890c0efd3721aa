"""Ask a copy of the register which texts of an archive print a number that has changed since they were published."""

import re
import time
from calendar import month_abbr
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from misconduct.article.sent import read_html, read_marked
from misconduct.errors import NoRegisterError
from misconduct.model.codes import PROGRAM_LISTS

COLUMNS = (
    *("change", "text", "published", "at", "printed", "print_now", "figure", "counted", "area"),
    *("since", "day", "detail", "url"),
)
MEDIA_TYPES = {".txt": "text/plain", ".md": "text/plain", ".html": "text/html", ".htm": "text/html"}
FIRST_LINES = 10  # of a text: headline, author, date, and a picture with its caption

_MONTHS = {name.lower(): number for number, name in enumerate(month_abbr) if name}
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY_OF_MONTH = r"\d{1,2}(?:st|nd|rd|th)?"
_DAY = re.compile(
    r"(?<!\d)(?:19|20)\d\d([-_./]?)\d\d\1\d\d(?!\d)"
    rf"|\b{_DAY_OF_MONTH}\s+{_MONTH},?\s+\d{{4}}\b|\b{_MONTH}\s+{_DAY_OF_MONTH},?\s+\d{{4}}\b",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(r"<meta\b[^<>]*published_time[^<>]*>|datePublished[^<>]{0,30}|<time\b[^<>]*>", re.IGNORECASE)
"""Where the markup of a page has its day of publication: in Open Graph, in schema.org, or in an element `time`."""

_GRAVITY = [*PROGRAM_LISTS["changed_since"]]
_BUSY = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
_TRIES, _PAUSE = 24, 5.0  # requests for each text, and seconds between them: a first start takes a minute


class Audited(NamedTuple):
    """A text: the numbers in it that have changed since, or why it was not compared."""

    name: str
    rows: list[dict[str, Any]]
    problem: str | None = None


def find_texts(folder: Path) -> list[Path]:
    """Return the texts in a folder and in those in it."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in MEDIA_TYPES and path.is_file())


def find_day(name: str, text: str, markup: str = "") -> date | None:
    """Return the day in the name of a text, in the markup of its page, or the first one in its first lines."""
    lines = [line for line in text.splitlines() if line.strip()][:FIRST_LINES]
    published = [match[0] for match in _PUBLISHED.finditer(markup)]
    return next((day for words in (name, *published, *lines) for day in _find_days(words)), None)


def _find_days(words: str) -> Iterator[date]:
    for match in _DAY.finditer(words):
        printed, numbers = match[0].lower(), re.findall(r"\d+", match[0])
        month = next((number for name, number in _MONTHS.items() if name in printed), None)
        digits = "".join(numbers)
        day, year = sorted(map(int, numbers)) if month else (int(digits[6:]), int(digits[:4]))
        with suppress(ValueError):  # it is no day, such as 2023-02-30
            yield date(year, month or int(digits[4:6]), day)


def audit(folder: Path, paths: Iterable[Path], url: str, pause: float = _PAUSE) -> Iterator[Audited]:
    """Compare each text with the register as of its day. Raises NoRegisterError if none answers.

    What is kept of a text is its name and, of the numbers that have changed, where they are and how they are printed.
    """
    with httpx.Client(base_url=url, timeout=60) as client:
        for path in paths:
            name, body = path.relative_to(folder).as_posix(), path.read_bytes()
            kind = MEDIA_TYPES[path.suffix.lower()]
            text, is_page = body.decode(errors="replace"), kind == "text/html"
            read = read_html(text) if is_page else read_marked(text)
            if (day := find_day(name, read.text, text if is_page else "")) is None:
                yield Audited(name, [], f"no day such as 2023-05-01 in its name or in its first {FIRST_LINES} lines")
                continue
            answer = _ask(client, day, body, kind, pause)
            if answer.is_success:
                yield Audited(name, [*_find_changes(name, day, answer.json()["data"])])
            else:
                yield Audited(name, [], str(answer.json()["detail"]))


def _ask(client: httpx.Client, day: date, body: bytes, kind: str, pause: float) -> httpx.Response:
    advice = "Name a copy of the register with --url."
    for _ in range(_TRIES):
        try:
            answer = client.post(
                "/v1/check", params={"published": day.isoformat()}, content=body, headers={"Content-Type": kind}
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoRegisterError(f"{client.base_url} does not answer: {str(error).rstrip('.')}. {advice}") from error
        if answer.status_code not in _BUSY:
            break
        time.sleep(pause)
    else:
        raise NoRegisterError(f"{client.base_url} has been busy for {_TRIES * pause:.0f} seconds. Try again later.")
    if "json" not in answer.headers.get("Content-Type", "") or answer.status_code == httpx.codes.NOT_FOUND:
        raise NoRegisterError(f"{client.base_url} is no copy of the register ({answer.status_code}). {advice}")
    return answer


def _find_changes(name: str, day: date, numbers: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for number in numbers:
        for figure in number["figures"][:1]:
            for change in figure["changed_since"]:
                yield {
                    "change": change["code"],
                    "text": name,
                    "published": day.isoformat(),
                    "at": number["at"],
                    "printed": number["printed"],
                    "print_now": change["print_now"],
                    "figure": figure["id"],
                    "counted": figure["counted"],
                    "area": figure["area"]["label"],
                    "since": change["since"],
                    "day": change["day"],
                    "detail": change["detail"],
                    "url": figure["standing"]["url"],
                }


def gravest_first(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort what was found: what was withdrawn or revised first, and in it the texts by their names."""
    return sorted(rows, key=lambda row: (_GRAVITY.index(row["change"]), row["text"]))
