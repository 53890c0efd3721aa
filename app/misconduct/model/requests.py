"""Requests for information: what to ask a police force for, as a letter and as the address of a form.

The form is that of WhatDoTheyKnow, which runs on Alaveteli. Alaveteli documents the parameters of its address: `title`
is the summary of a request, and `default_letter` the text that the salutation and the closing words are put around.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from urllib.parse import quote, urlencode

FORM = "https://www.whatdotheyknow.com/new/"
YEARS = 3  # that a request asks for: enough to see a change, few enough to be answered
YEAR_END = (3, 31)
"""The month and day on which years of the police of the United Kingdom end."""


class Request(NamedTuple):
    """A request: its title, its text, and the address of a form that has both; None if we know no form."""

    title: str
    text: str
    url: str | None


def fill_in(ask: str, year: str, day: str) -> str:
    """Return the question of an indicator about a year or a day."""
    return ask.replace("{year}", year).replace("{day}", day)


def ask_once(ask: str, today: date, year: str = "") -> str:
    """Return the question of an indicator about a year, such as 2024 or 2024/25, or several, and their last day.

    Without a year it is about last year, and about 31 March of this year.
    """
    if not year[:4].isdecimal():
        return fill_in(ask, str(today.year - 1), f"31 March {today.year}")
    first, last = int(year[:4]), int(f"{year[:2]}{year[-2:]}")
    is_financial = "/" in year and last == first + 1
    return fill_in(
        ask, year, f"31 March {last}" if is_financial else f"31 December {last}"
    )


def write_request(
    about: str, asks: Iterable[str], force: str, request_name: str | None, today: date
) -> Request:
    """Return the request for what a force has not published, about the last years that were over on a day."""
    last = today.year if (today.month, today.day) > YEAR_END else today.year - 1
    *earlier, _ = range(last - YEARS + 1, last + 1)
    days = f"31 March {', '.join(map(str, earlier))} and {last}"
    questions = "\n\n".join(
        fill_in(ask, f"each of the years to {days}", days) for ask in asks
    )
    title = f"{about}, {force}, {earlier[0]} to {last}"
    text = (
        f"Please tell me, for {force}:\n\n{questions}\n\n"
        "If you have published these numbers, a link to them is enough. If you only hold them for other dates, such as "
        "calendar years, please give me those and say which dates they are for."
    )
    query = urlencode({"title": title, "default_letter": text}, quote_via=quote)
    return Request(
        title, text, f"{FORM}{request_name}?{query}" if request_name else None
    )
