"""The words of pages for rows of the table."""

import re
from calendar import month_name, monthrange
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from misconduct.model.figure import Row
from misconduct.model.points import write_value

ESTIMATED = "est."
"""What stands before a number that its source calls an estimate in other words."""

MONTHS = [*month_name]


def add_day(time: str) -> str:
    """Return the time of a row with the day on which its year ends: year to 31 March 2025."""
    if not (year := re.fullmatch(r"year to (\w+) (\d{4})", time)):
        return time
    month, number = MONTHS.index(year[1]), int(year[2])
    return f"year to {monthrange(number, month)[1]} {year[1]} {number}"


def say_in(time: str) -> str:
    """Return the time of a row as a sentence goes on with it: in the year to 31 March 2025, on 5 April 2023."""
    if time.startswith("year to "):
        return f"in the {add_day(time)}"
    return f"on {time}" if re.fullmatch(r"\d+ \w+ \d{4}", time) else time


def say_change(row: Row) -> str:
    """Return how the newest row moved from the one before: 57 more than in April 2023.

    Where one of the numbers is not exact, or another publisher counted, the one before stands as it is printed.
    """
    if not row.get("earlier_id"):
        return ""
    time, before, now = row["earlier_time"], row["earlier_value"], row["value"]
    is_exact = f"{before:,}" == row["earlier_shown"] and f"{now:,}" == row["shown"]
    if not is_exact or row["earlier_publisher"] != row["publisher"]:
        return f"{row['earlier_shown']} {say_in(time)}"
    when = say_in(time)
    if _follows(row["time"], time):
        when = "the year before"
    if now == before:
        return f"as many as {when}"
    word = "more" if now > before else "fewer"
    return f"{write_value(abs(now - before)):,} {word} than {when}"


def _follows(time: str, before: str) -> bool:
    """Tell whether a year is the one after another: year to March 2025, year to March 2024."""
    words, last = time[:-4], time[-4:]
    return last.isdecimal() and before == f"{words}{int(last) - 1}"


def part_shown(row: Row) -> tuple[str, str, str]:
    """Return what is before a number, the number, and what is behind it: nearly, 1,000."""
    shown, hedge = row["shown"], row.get("hedge") or ""
    if row["value"] is None:
        return shown, "", ""
    words = next((one for one in (hedge, ESTIMATED) if _begins(shown, one)), "")
    if words:
        return shown[: len(words)], shown[len(words) :].strip(), ""
    if hedge and shown.endswith(f" {hedge}"):
        return "", shown.removesuffix(hedge).strip(), hedge
    return "", shown, ""


def _begins(shown: str, words: str) -> bool:
    return bool(words) and shown.lower().startswith(f"{words.lower()} ")


def before_and_after(field: Mapping[str, Any]) -> str:
    """Return what a change did to a field: 292 → 311."""
    return f"{_show_value(field['before'])} → {_show_value(field['after'])}"


def _show_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value["label"])
    return "nothing" if value in (None, [], "") else str(value)


def mark_code(text: str) -> Markup:
    """Return a text of the API with what is in backticks as code."""
    pieces = str(escape(text)).split("`")
    pieces[1::2] = [f"<code>{piece}</code>" for piece in pieces[1::2]]
    return Markup("".join(pieces))  # noqa: S704


def plural(number: int, noun: str, several: str = "") -> str:
    """Return a number with its noun: 1 figure, 31 figures."""
    return f"{number:,} {noun if number == 1 else several or f'{noun}s'}"
