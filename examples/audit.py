"""List the numbers in an archive of articles that have changed since, or are doubted.

Copy this file; it needs Python and nothing else.

    BASE=https://register.example.org python3 audit.py archive > found.csv

It sends the .txt, .md and .html files of a folder to a copy of the register, which keeps nothing of them. The day of a
text is in its name, in the markup of its page, or in its first lines. It ends with status 1 if a number has changed
since its text was published or is doubted by the register, and with 2 if no text could be compared.
"""

import csv
import json
import os
import re
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

BASE = os.environ.get("BASE", "http://localhost:8000")
KINDS = {
    ".txt": "text/plain",
    ".md": "text/plain",
    ".html": "text/html",
    ".htm": "text/html",
}
GRAVEST_FIRST = (
    *("withdrawn", "revised", "continued"),  # since the number was published
    *("publisher_error", "probable_slip", "no_evidence", "disputed"),  # doubts
)
FIRST_LINES = 10  # of a text: headline, author, date, and a picture with its caption
BUSY, TRIES, PAUSE = (
    (429, 503),
    24,
    float(os.environ.get("PAUSE", "5")),
)  # seconds: a first start takes a minute
DAY = re.compile(
    r"(?<!\d)(?P<digits>(?:19|20)\d\d([-_./]?)\d\d\2\d\d)(?!\d)"
    r"|\b(?:(?P<before>\d{1,2})(?:st|nd|rd|th)?\s+)?"
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?,?\s+"
    r"(?:(?P<after>\d{1,2})(?:st|nd|rd|th)?,?\s+)?(?P<year>\d{4})\b",
    re.IGNORECASE,
)
PUBLISHED = re.compile(
    r"<meta\b[^<>]*published_time[^<>]*>|datePublished[^<>]{0,30}|<time\b[^<>]*>",
    re.IGNORECASE,
)


def find_day(name, text, is_page):
    """Return the day of a text, such as 2023-05-01; None if it has none."""
    published = PUBLISHED.findall(text) if is_page else []
    plain = re.sub(r"<[^<>]*>", "\n", text) if is_page else text
    lines = [line for line in plain.splitlines() if line.strip()]
    for match in (
        match
        for words in (name, *published, *lines[:FIRST_LINES])
        for match in DAY.finditer(words)
    ):
        digits, month, year = match.group("digits", "month", "year")
        words = (
            re.sub(r"\D", "", digits)
            if digits
            else f"{year} {month} {match['before'] or match['after']}"
        )
        try:
            return time.strftime(
                "%Y-%m-%d", time.strptime(words, "%Y%m%d" if digits else "%Y %b %d")
            )
        except ValueError:  # it is no day, such as 2023-02-30 or May 2023
            continue
    return None


def ask(path, body=None, kind="text/plain"):
    """Return what the register answers, with a `detail` if it refuses. Wait while it is busy."""
    for _ in range(TRIES):
        try:
            with urlopen(
                Request(f"{BASE}{path}", body, {"Content-Type": kind}), timeout=60
            ) as answer:
                return json.load(answer)
        except HTTPError as error:
            if error.code not in BUSY:
                return json.load(error)
        time.sleep(PAUSE)
    raise URLError("it has been busy for two minutes")


def compare(path, name):
    """Return what has changed since a text was published, and which of its numbers the register doubts.

    Raise ValueError that says why a text cannot be compared.
    """
    body, kind = path.read_bytes(), KINDS[path.suffix.lower()]
    day = find_day(name, body.decode(errors="replace"), kind == "text/html")
    if day is None:
        raise ValueError(
            f"no day such as 2023-05-01 in its name or in its first {FIRST_LINES} lines"
        )
    answer = ask(f"/v1/check?published={day}", body, kind)
    if "data" not in answer:
        raise ValueError(answer["detail"])
    return [
        {
            "change": change["code"], "text": name, "published": day, "at": number["at"], "printed": number["printed"],
            "print_now": change["print_now"], "figure": figure["id"], "counted": figure["counted"],
            "area": figure["area"]["label"], "since": change["since"],
            "detail": change["detail"], "url": figure["standing"]["url"],
        }
        for number in answer["data"]
        for figure in number["figures"][:1]
        for change in find_changes(figure["standing"])
    ]  # fmt: skip


def find_changes(standing):
    """Return what has become of a figure, and why the register doubts its number; nothing if neither.

    If the figure is for other dates now, there is no number to print instead, and the detail says so.
    """
    now = {"since": standing["since"], "print_now": standing["print_instead"]}
    found = []
    if standing["status"] in GRAVEST_FIRST:
        detail = standing["detail"] or standing["reason"]
        found.append({"code": standing["status"], "detail": detail} | now)
    if standing["doubt"]:
        found.append(standing["doubt"] | now)
    return found


def main(folder):
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in KINDS and path.is_file()
    )
    rows, left_out = [], 0
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            rows += compare(path, name)
        except ValueError as problem:
            left_out += 1
            print(f"{name} was not compared: {problem}", file=sys.stderr)
    rows.sort(key=lambda row: (GRAVEST_FIRST.index(row["change"]), row["text"]))
    if rows:
        writer = csv.DictWriter(sys.stdout, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    changed = len({row["text"] for row in rows})
    print(
        f"Texts: {len(paths)}, not compared: {left_out}, with a changed or doubted number: {changed}.",
        file=sys.stderr,
    )
    return 1 if rows else 2 if left_out == len(paths) else 0


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1])))
    except (URLError, KeyError, json.JSONDecodeError) as error:
        print(
            f"{BASE} does not answer as a copy of the register does: {error}",
            file=sys.stderr,
        )
        sys.exit(2)
