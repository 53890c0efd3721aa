"""Add records to a file of the register that is a list of them, and leave the text of all others as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml

from misconduct.errors import MisconductError

Content = Mapping[str, Any]
Key = tuple[str, int]
"""Id and version of a record."""

_RECORD = re.compile(r"^(?=- )", re.MULTILINE)
_BREAK = re.compile("[\x85\u2028\u2029\ufeff]")
_NO_RECORD = re.compile(r"(?:(?:#.*|---|)\n)*")


class FileUnwritable(MisconductError):
    """A file in which a record does not begin with a dash at the start of a line."""


def read_blocks(path: Path) -> dict[Key | None, str]:
    """Return the text of each record; the text before the first is under None. Raises FileUnwritable."""
    before, *texts = _RECORD.split(path.read_text(encoding="utf-8")) if path.exists() else [""]
    records = [record for text in texts if (record := _parse(text))]
    if len(records) < len(texts) or not _NO_RECORD.fullmatch(before):
        hint = "Its records must be a list: each begins with a dash in the first column of a line."
        raise FileUnwritable(f"{path} cannot be added to.", hint=hint)
    blocks: dict[Key | None, str] = {None: before}
    blocks.update(((one["id"], int(one["version"])), text) for one, text in zip(records, texts, strict=True))
    return blocks


def _parse(text: str) -> Content | None:
    """Return the record in the text if there is exactly one and nothing else. Each of its values is a text.

    The register reads `yes` and `on` as texts, too, and takes them for two ids.
    """
    try:
        value = yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506 (it makes texts, lists and dicts only)
    except yaml.YAMLError:
        return None
    is_record = isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict)
    return value[0] if is_record else None


def merge_records(blocks: Mapping[Key | None, str], changes: Mapping[Key, Content | None]) -> str:
    """Return the file's new text. A draft is changed where it is; a new record goes last."""
    texts = dict(blocks)
    for key, record in changes.items():
        texts[key] = (format_record(record) if record else "") + _comments_after(blocks.get(key, ""))
    return "".join(text if not text or text.endswith("\n") else f"{text}\n" for text in texts.values())


def _comments_after(text: str) -> str:
    """Return the lines of comments with which the text of a record ends: they are about the next one, or the file."""
    lines = takewhile(lambda line: line.strip()[:1] in ("", "#"), reversed(text.split("\n")))
    return "\n".join([*lines][::-1])


def format_record(record: Content) -> str:
    """Format a record as an item of a YAML list."""
    lines = [f"{key}:{_format_value(value)}" for key, value in record.items()]
    return "- " + "\n  ".join(lines) + "\n"


def _format_value(value: Any) -> str:
    """Format a value of a record; each mapping of a list has a line."""
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return "".join(f"\n    - {write_json(item)}" for item in value)
    return f" {write_json(value)}"


def write_json(value: Any) -> str:
    """Write a value in a line of YAML as JSON, which every parser reads in the same way. What YAML takes for the end of
    a line and JSON does not, such as U+2028, is escaped: the spaces beside it would be lost.
    """
    return _BREAK.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))
