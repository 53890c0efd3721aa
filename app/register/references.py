"""What records say of each other: every code, source and caveat that is named is there, and in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from app.domain.codes import CLOSED_LISTS, CODED
from app.domain.kinds import KINDS, mentions
from app.domain.observation import OPEN
from app.register.entries import Entry
from app.register.ledger import Chain, InForce
from app.register.mistakes import Mistakes, Place, Refused, leads_to
from app.register.yaml_files import Path

LISTS = (*CODED, "not_statistic_reason")
"""The code lists that every register has."""


ALWAYS = InForce(0, OPEN)
"""In every release."""


class Found(NamedTuple):
    """A record with the releases in which it is in force."""

    entry: Entry
    in_force: InForce


class Known:
    """The ids that may be named, by list (`measure`, …, `source`, `caveat`), each with its releases.

    What was `refused`, or may stand in a file that could not be read, may be named in all: its cause is reported.
    """

    def __init__(self, found: Iterable[Found], refused: Iterable[Entry], chain: Chain, mistakes: Mistakes) -> None:
        self.chain, self._mistakes = chain, mistakes
        self._lists: dict[str, dict[str, InForce]] = {}
        for entry, in_force in (*found, *((entry, ALWAYS) for entry in refused)):
            name, _, code = entry.id.rpartition("/")
            terms = self._lists.setdefault(name or entry.kind, {})
            terms[code] = _join(terms.get(code, in_force), in_force)

    def is_whole(self, name: str) -> bool:
        """Whether every id of the list is known."""
        return not self._mistakes.may_hide(_record(name, "")) and ALWAYS not in self._lists.get(name, {}).values()

    def ids(self, name: str) -> Iterable[str]:
        """The ids of one list."""
        return self._lists.get(name, ())

    def in_force(self, name: str, code: str) -> InForce | None:
        """The releases in which the id may be named, if there is such an id."""
        return self._lists.get(name, {}).get(code)

    def require(self, name: str, code: str) -> InForce:
        """The releases in which the id may be named. Raises Refused if there is no such id."""
        terms = self._lists.get(name, {})
        if code in terms:
            return terms[code]
        if (not terms and name in LISTS) or self._mistakes.may_hide(_record(name, code)):
            return ALWAYS  # the list itself is reported as missing, once, and the file that could not be read, too
        raise Refused("unknown_code", f"there is no {name} {code!r}", f"an id of {_where(name)}", near=(code, terms))

    def require_in_force(self, name: str, code: str, needed: InForce) -> None:
        """Raises Refused if the id is not in force in every release in which it is named."""
        in_force = self.require(name, code)
        if not in_force.covers(needed) and not self._mistakes.has_unread_lines:
            found = f"the {name} {code!r} is not in force in every release of this record"
            raise Refused("not_in_force", found, f"{code} is in force {self.chain.describe(in_force)}")


def _record(name: str, code: str) -> tuple[str, str]:
    """Kind and id of the record that an id of a list is."""
    return (name, code) if name in KINDS else ("code", f"{name}/{code}")


def _where(name: str) -> str:
    return KINDS[name].file if name in KINDS else f"codelists/{name}.csv"


def _join(first: InForce, second: InForce) -> InForce:
    """Versions follow each other, so together they cover all from the first to the last."""
    return InForce(min(first.added_in, second.added_in), max(first.ended_in, second.ended_in))


def check_references(found: list[Found], known: Known, root: str, mistakes: Mistakes) -> None:
    """Reports what records say of each other that cannot be. `root` is the register's name, for what is missing."""
    _check_lists(known, root, mistakes)
    codes = (entry for entry, _ in found if entry.content.get("broader"))
    broader = {entry.id: [f"{entry.id.partition('/')[0]}/{entry.content['broader']}"] for entry in codes}
    for entry, in_force in found:
        for path, refused in _unknown(entry, in_force, known):
            mistakes.report_at(entry.locate(path), refused)
        if any(leads_to(code, entry.id, broader) for code in broader.get(entry.id, ())):
            found_out = f"following broader from {entry.id} leads back to it"
            mistakes.report_at(entry.locate(("broader",)), Refused("broader_cycle", found_out))


def _unknown(entry: Entry, in_force: InForce, known: Known) -> Iterator[tuple[Path, Refused]]:
    for path, name, code in mentions(entry.kind, {**entry.content, "id": entry.id}):
        try:
            if name != "observation":  # those are followed while the observations stream by (see `assessments`)
                known.require_in_force(name, code, in_force)
        except Refused as refused:
            yield path, refused


def _check_lists(known: Known, root: str, mistakes: Mistakes) -> None:
    """Every list is there, and the closed ones hold exactly the codes on which the program depends."""
    for name in LISTS:
        place = Place(f"{root}/codelists/{name}.csv")
        codes, closed = set(known.ids(name)), {*map(str, CLOSED_LISTS.get(name, ()))}
        if not known.is_whole(name):
            continue
        if not codes:
            mistakes.report_at(place, Refused("missing_list", f"there are no codes of the list {name}"))
        for code in sorted(closed ^ codes if closed and codes else ()):
            found = "is missing" if code in closed else "is not in this closed list"
            mistakes.report_at(place, Refused("closed_list", f"the code {code!r} {found}", ", ".join(sorted(closed))))
