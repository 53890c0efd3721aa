"""The records of one release, by kind and id: what codes are called, which are narrower, which sources there are."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.number_words import HEDGES
from misconduct.model.plain_words import plain_words
from misconduct.model.vocabulary import Vocabulary

Content = Mapping[str, Any]
RecordsByKind = Mapping[str, Mapping[str, Content]]

DEATHS = "deaths"  # the topic of figures that allege no misconduct
AREA_COUNTS = "area_counts"  # with the ids of the codes of areas
"""The kind of what the load counts of each area. It is not in records.jsonl."""

PEOPLE = "{people}"
"""Where the people of a figure stand in the name of its indicator."""

OTHER_WORDS: Mapping[str, Mapping[str, str]] = {
    "qualifier": HEDGES,
    "unit": {"%": "percent"},
}
"""Words for codes that are in no released list."""

_FACTS = (
    *("alleges", "lasts", "gravity", "passes_for", "no_ranking", "no_lead"),
    *("force_question", "warning", "called_together", "force"),
)
"""The fields that only some records of a kind have."""


class Catalogue:
    """Look up the records of a release. Each record is a dictionary as the release has it.

    `uses` says how many figures have a caveat, `kinds` which kinds the rows of the table have, in any words. `home` are
    the areas of the readers' country, which come first where no place is asked.
    """

    def __init__(
        self,
        records: RecordsByKind,
        uses: Mapping[str, int] | None = None,
        kinds: Collection[str] = (),
    ) -> None:
        self.records, self.uses, self.kinds = records, uses or {}, frozenset(kinds)
        self.home: frozenset[str] = frozenset()
        # What the methods with an underscore return is kept: it is asked for every figure.
        self.findable, self.names, self.label = (
            cache(self._findable),
            cache(self._names),
            cache(self._label),
        )

    def of_kind(self, kind: str) -> Mapping[str, Content]:
        return self.records.get(kind, {})

    @cached_property
    def codelists(self) -> dict[str, dict[str, Content]]:
        """The code lists by name, each with its codes: those of the release and those that the program computes.

        The indicators are one of them. The label of one that names people names its usual ones.
        """
        released = defaultdict[str, dict[str, Content]](dict)
        for identity, record in self.of_kind("code").items():
            name, _, code = identity.partition("/")
            released[name][code] = record
        for identity, record in self.of_kind("indicator").items():
            called = (
                released["population"]
                .get(record["population"][0], {})
                .get("in_names", "")
            )
            label = record["name"].replace(PEOPLE, called)
            released["indicator"][identity] = {
                **record,
                "label": label[:1].upper() + label[1:],
            }
        return dict(sorted((released | PROGRAM_LISTS).items()))

    @cached_property
    def words_of_indicators(self) -> Mapping[str, set[str]]:
        """The words of the name of each indicator, as search compares them."""
        known = self.codelists.get("indicator", {})
        return {code: {*plain_words(one["label"])} for code, one in known.items()}

    @cached_property
    def corrections(self) -> Mapping[str, list[Content]]:
        """The errors of publishers, by the id of each figure that they concern."""
        found = defaultdict[str, list[Content]](list)
        for record in self.of_kind("correction").values():
            for identity in record.get("affects", ()):
                found[identity].append(record)
        return dict(found)

    @cached_property
    def disputed(self) -> Mapping[str, Content]:
        """The disagreement in which another figure disputes the number of one, by the id of that one."""
        return {
            identity: record
            for record in self.of_kind("disagreement").values()
            for identity in record.get("outcome", {}).get("disputed", ())
        }

    @cached_property
    def figures_by_topic(self) -> Counter[str]:
        """How many figures count something of each topic; none of a release that is only in files."""
        counts = Counter[str]()
        for indicator in self.of_kind("indicator").values():
            counts[indicator["topic"]] += indicator.get("figures", 0)
        return counts

    @property
    def on_misconduct(self) -> int:
        """How many figures are on police misconduct: all but those about deaths, which have a door of their own."""
        return self.figures_by_topic.total() - self.figures_by_topic[DEATHS]

    @cached_property
    def areas(self) -> set[str]:
        """The areas that figures are about."""
        counts = self.of_kind(AREA_COUNTS).items()
        held = {one.removeprefix("area/") for one, count in counts if count["figures"]}
        return held - {"unstated"}

    def _label(self, codelist: str, code: str) -> str:
        return str(self.codelists.get(codelist, {}).get(code, {}).get("label", code))

    @cached_property
    def _facts(self) -> Mapping[str, Mapping[str, Any]]:
        records = [
            pair for of_kind in self.records.values() for pair in of_kind.items()
        ]
        return {
            field: {one: content[field] for one, content in records if field in content}
            for field in _FACTS
        }

    def fact(self, field: str, identity: str) -> Any:
        """Return what a record says in a field that only some have; None if it says nothing."""
        return self._facts[field].get(identity)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.codelists)

    def find_all(self, names: str, values: Iterable[str]) -> set[str]:
        """Return what any of some values of a filter finds; one that is unknown finds itself."""
        known = self.findable(names)
        return {one for value in values for one in known.get(value, [value])}

    def find_above(self, names: str, code: str) -> list[str]:
        """Return the codes of a list that include a code, the narrowest first."""
        codes, found = self.codelists.get(names, {}), list[str]()
        while broader := codes.get(code, {}).get("broader"):
            found.append(code := str(broader))
        return found

    def _findable(self, names: str | None) -> Mapping[str, list[str]]:
        """Return what each value of a filter finds: a code and the codes below it, or the documents of a publisher.

        `names` is a code list, a kind of record or `publisher`; for anything else nothing is known.
        """
        if codes := self.codelists.get(names or ""):
            narrower = defaultdict[str | None, list[str]](list)
            for code, content in codes.items():
                narrower[content.get("broader")].append(code)
            return {code: _with_narrower(code, narrower) for code in codes}
        if names != "publisher":
            return {identity: [identity] for identity in self.of_kind(names or "")}
        found = defaultdict[str, list[str]](list)
        for identity, source in self.of_kind("source").items():
            if source.get("publisher"):
                found[source["publisher"]].append(identity)
        return found

    def _names(self, names: str | None) -> Mapping[str, list[str]]:
        """Return what each value of a filter is called: its label or title, then other words for it."""
        contents = self.codelists.get(names or "") or self.of_kind(names or "")
        words = OTHER_WORDS.get(names or "", {})
        return {
            value: [
                next(
                    filter(
                        None,
                        (content.get(name) for name in ("label", "title", "question")),
                    ),
                    "",
                ),
                *content.get("words", ()),
                *(word for word, code in words.items() if code == value),
                *filter(None, [content.get("publisher")]),
            ]
            for value, content in (
                contents or {one: {} for one in self.findable(names)}
            ).items()
        }


def _with_narrower(
    code: str, narrower: Mapping[str | None, Sequence[str]]
) -> list[str]:
    found = [code]
    for one in found:  # it grows meanwhile
        found += [below for below in narrower.get(one, ()) if below not in found]
    return found
