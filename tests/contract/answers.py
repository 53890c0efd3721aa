"""Read an answer of any format as one structure, in which facts can be looked up and which a reviewer can read."""

import csv
import io
import json
import re
import zipfile
from datetime import datetime
from hashlib import sha256
from html.parser import HTMLParser

import openpyxl
import polars


def read(answer):
    """Return what is in an answer."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind.endswith(("/json", "+json")):
        return json.loads(answer.content)
    return READERS.get(kind, _read_words)(answer.content)


def _read_csv(body):
    return {
        "rows": [*csv.DictReader(io.StringIO(body.decode(), newline=""), strict=True)]
    }


def _read_zip(body):
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        return {
            name: sha256(parts.read(name)).hexdigest()
            for name in sorted(parts.namelist())
        }


def _read_parquet(body):
    about = polars.read_parquet_metadata(io.BytesIO(body))
    metadata = {name: text for name, text in about.items() if name != "ARROW:schema"}
    return {
        "rows": polars.read_parquet(io.BytesIO(body)).to_dicts(),
        "metadata": metadata,
    }


def _read_xlsx(body):
    """Return the rows of each sheet; dates are days."""
    found = {}
    for sheet in openpyxl.load_workbook(io.BytesIO(body)):
        header, *rows = sheet.iter_rows(values_only=True)
        days = (
            [one.date() if isinstance(one, datetime) else one for one in row]
            for row in rows
        )
        found[sheet.title] = [dict(zip(header, row, strict=True)) for row in days]
    return found


class _Words(HTMLParser):
    """The words of a page or a picture, without its markup and styles."""

    def __init__(self):
        super().__init__()
        self.found, self.is_style = [], False

    def handle_starttag(self, tag, attrs):
        self.is_style = tag == "style"

    def handle_endtag(self, tag):
        self.is_style = False

    def handle_data(self, data):
        if data.strip() and not self.is_style:
            self.found.append(" ".join(data.split()))


def _read_words(body):
    text = body.decode()
    words = _Words()
    words.feed(text)
    return {
        "words": words.found if text.lstrip().startswith("<") else text.splitlines()
    }


READERS = {
    "text/csv": _read_csv,
    "application/vnd.apache.parquet": _read_parquet,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _read_xlsx,
    "application/zip": _read_zip,
}


def look_up(found, path):
    """Return what is at `data.0.printed`: keys and positions, one after the other."""
    for part in path.split("."):
        found = found[int(part)] if isinstance(found, list) else found[part]
    return found


def write_out(answer, headers, base):
    """Return an answer as a reviewer reads it: its status, the headers that matter, and its body.

    Digests of releases and files change whenever the small register is made again, so they are left out.
    """
    head = [
        str(answer.status_code),
        *(
            f"{name}: {answer.headers[name]}"
            for name in headers
            if name in answer.headers
        ),
    ]
    text = "\n".join([*head, "", _in_lines(read(answer) if answer.content else {}), ""])
    text = re.sub(r"\b[0-9a-f]{64}\b", "SHA-256", text)
    return text.replace(base, "http://register").replace(
        base.removeprefix("http://"), "register"
    )


def _in_lines(found, indent=""):
    """Write JSON in which whatever fits has a line, so that a diff names the fact that changed."""
    line = json.dumps(found, ensure_ascii=False, default=str)
    if len(indent + line) <= 120 or not isinstance(found, dict | list):
        return line
    if isinstance(found, list):
        return (
            "[\n"
            + ",\n".join(f"{indent} {_in_lines(one, indent + ' ')}" for one in found)
            + f"\n{indent}]"
        )
    pairs = (
        f'{indent} "{name}": {_in_lines(one, indent + " ")}'
        for name, one in found.items()
    )
    return "{\n" + ",\n".join(pairs) + f"\n{indent}}}"


def is_fact(found, fact):
    """Tell whether a fact holds. Of an object, only the keys that the fact names are compared."""
    if isinstance(fact, dict) and isinstance(found, dict):
        return all(
            name in found and is_fact(found[name], one) for name, one in fact.items()
        )
    if isinstance(fact, list) and isinstance(found, list):
        return len(fact) == len(found) and all(map(is_fact, found, fact))
    return found == fact


def has_words(found, words):
    """Tell whether words are on a page."""
    text = " ".join(found["words"])
    return all(re.search(re.escape(word), text) for word in words)
