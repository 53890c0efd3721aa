"""Read YAML files of the register into plain trees, with the place of every node.

Only a small part of YAML, which every parser reads the same way: mappings, sequences, texts, whole numbers, `true`,
`false` and `null`. No anchors or aliases (so no alias bombs), tags, fractions, duplicate keys, or depth beyond 8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from misconduct.register.files import CONTROL, RegisterFile, name_character, read_text
from misconduct.register.mistakes import Mistakes, Place, Refused

Path = tuple[str | int, ...]
"""The keys and indices that lead from a document's root to a node."""

_DEEPEST = 8
_MOST_NODES = 100_000  # in one file: with its place, a small node takes more memory than its characters
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})", re.ASCII)
_COMMENT = re.compile(r"[ \t]+(?=#)")
_NUMBER = re.compile(
    r"[-+]?(\.\d+|\d[\d_]*(\.\d*)?)(e[-+]?\d+)?|[-+]?\.(inf|nan)|0[ox][\da-f]+", re.ASCII | re.IGNORECASE
)


@dataclass(slots=True)
class Tree:
    """One YAML document: its value, and where its nodes begin (for entries of a mapping, their keys).

    `cut` has the places of the comments that end a text without quotes, by the path of the document or of the item of
    its list in which they are.
    """

    file: str
    value: Any = None
    places: dict[Path, Place] = field(default_factory=dict)
    cut: dict[Path, list[Place]] = field(default_factory=dict)

    def place(self, path: Path) -> Place:
        """Return the place of the node, or of the nearest node above it that exists."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path) or Place(self.file, 1, 1)


def read_trees(file: RegisterFile, mistakes: Mistakes) -> list[Tree]:
    """Read the documents of a file, up to the first syntax error, which is reported."""
    text, trees, nodes = read_text(file, mistakes), [], 0
    try:
        for event in (events := yaml.parse(text, Loader=yaml.CSafeLoader)):
            if isinstance(event, yaml.DocumentStartEvent):
                builder = _Builder(Tree(file.name), text, events, mistakes, nodes)
                trees.append(builder.build())
                nodes = builder.nodes
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        refused = Refused("yaml_syntax", f"this is not valid YAML for the register: {error.problem or error.context}")
        mistakes.report_at(_place(file.name, mark) if mark else Place(file.name), refused)
    except yaml.reader.ReaderError as error:
        before = text.encode()[: error.position].decode(errors="ignore")
        place = Place(file.name, before.count("\n") + 1, len(before) - before.rfind("\n"))
        mistakes.report_at(place, Refused("yaml_syntax", "there is a control character here", "text"))
    return trees


def _place(file: str, mark: Any) -> Place:
    return Place(file, mark.line + 1, mark.column + 1)


class _Builder:
    """Build one tree from the parser's events."""

    def __init__(self, tree: Tree, text: str, events: Iterator[yaml.Event], mistakes: Mistakes, before: int) -> None:
        self._tree, self._text, self._events, self._mistakes = tree, text, events, mistakes
        self._nodes = before

    @property
    def nodes(self) -> int:
        """How many nodes the file has so far."""
        return self._nodes

    def build(self) -> Tree:
        self._tree.value = self._node(next(self._events), ())
        return self._tree

    def _node(self, event: Any, path: Path) -> Any:
        self._refuse_advanced_yaml(event, path)
        self._tree.places.setdefault(path, _place(self._tree.file, event.start_mark))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event, path)

    def _mapping(self, path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _syntax(event, "a key is a word")
            self._refuse_controls(event)
            key, place = event.value, _place(self._tree.file, event.start_mark)
            if key in mapping:
                found = f"the key {key!r} is already in line {self._tree.places[*path, key].line}"
                self._mistakes.report_at(place, Refused("duplicate_key", found, "each key once"))
            self._tree.places[*path, key] = place
            mapping[key] = self._node(next(self._events), (*path, key))
        return mapping

    def _sequence(self, path: Path) -> list[Any]:
        sequence: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            sequence.append(self._node(event, (*path, len(sequence))))
        return sequence

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> str | int | bool | None:
        text: str = event.value
        self._refuse_controls(event)
        if event.style:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _WHOLE.fullmatch(text):
            return int(text)
        if _NUMBER.fullmatch(text):
            refused = Refused(
                "number",
                f"{text} is a number that not every YAML parser reads the same way",
                f'a text in quotes: "{text}"',
            )
            self._mistakes.report_at(self._tree.places[path], refused)
        self._note_comment(event.end_mark, path)
        return text

    def _note_comment(self, end: Any, path: Path) -> None:
        """Note a comment behind a text without quotes, which the editor may have meant as its end: `district #4`."""
        if before := _COMMENT.match(self._text, end.index):
            column = end.column + len(before[0]) + 1
            for above in dict.fromkeys([(), path[:1]]):
                self._tree.cut.setdefault(above, []).append(Place(self._tree.file, end.line + 1, column))

    def _refuse_controls(self, event: yaml.ScalarEvent) -> None:
        """Report a control character that was written as an escape."""
        if control := CONTROL.search(event.value):
            found = f"there is a control character ({name_character(control[0])}) in this text"
            refused = Refused("control_character", found, "line feeds and tabs only")
            self._mistakes.report_at(_place(self._tree.file, event.start_mark), refused)

    def _refuse_advanced_yaml(self, event: Any, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise _syntax(event, "anchors and aliases are not allowed")
        if event.tag:
            raise _syntax(event, "tags are not allowed")
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise _syntax(event, f"more than {_MOST_NODES:,} parts in one file are not allowed")
        if len(path) > _DEEPEST:
            raise _syntax(event, f"more than {_DEEPEST} levels are not allowed")


def _syntax(event: Any, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
