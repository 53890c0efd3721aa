"""Read YAML files with the line and column of each key, so that every mistake has its place."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from misconduct.model.kinds import KINDS, Ref

from .reading import Mistake, Reader, did_you_mean, find_invisible, read_lines

KeyPath = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)
_PLAIN_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_UNREAD = (yaml.AliasToken, yaml.AnchorToken, yaml.DirectiveToken, yaml.TagToken)
_WRITE_OUT = (
    "write this out: what refers to other places in the file (&, *, !, %) is not read; "
    "put a text that begins so in quotation marks"
)
_NO_KEYS = re.compile(
    r"str|dict\[str,str\]|\[key\]|literal\[.*\]"
)  # in pydantic's path: the types of a value, and of a key


class Places(NamedTuple):
    """The line and column of each key of a record in a file, and of the record itself."""

    file: str
    by_path: dict[KeyPath, tuple[int, int]]

    def mistake(self, path: KeyPath, message: str) -> Mistake:
        """Locate a mistake at a key, or at the nearest above."""
        while path not in self.by_path:
            path = path[:-1]
        return Mistake(self.file, *self.by_path[path], message)


class LocatedRecord(NamedTuple):
    kind: str
    id: str
    record: BaseModel
    places: Places


def select(records: Iterable[LocatedRecord], model: type[Model]) -> dict[str, Model]:
    return {one.id: one.record for one in records if isinstance(one.record, model)}


def read_yaml(
    reader: Reader, file: str, *, is_list: bool
) -> Iterator[tuple[Any, Places]]:
    root = _compose(reader, file)
    if root and not isinstance(
        root, yaml.SequenceNode if is_list else yaml.MappingNode
    ):
        form = (
            "a list, in which each record begins with '- '"
            if is_list
            else "one record, and not a list"
        )
        reader.report(file, f"this file must be {form}")
    elif root:
        for node in root.value if is_list else [root]:
            places = Places(file, {})
            yield _construct(reader, node, (), places), places


def _compose(reader: Reader, file: str) -> yaml.Node | None:
    if (text := reader.read_text(file)) is None:
        return None
    if unseen := find_invisible(text) - {"\n"}:
        for character in unseen:
            message = f"remove the invisible character U+{ord(character):04X}"
            reader.report(file, message, *read_lines(text)(text.index(character)))
        return None
    try:
        if unread := [*_find_unread(text)]:
            for place in unread:
                reader.report(file, _WRITE_OUT, *place)
            return None
        # The base loader leaves every value a text, so that a date is not made into a day.
        root: yaml.Node | None = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        place = _place_of(error.problem_mark or error.context_mark)
        reader.report(file, f"this is not YAML: {error.problem}", *place)
        return None
    if root is None:
        reader.report(file, "this file is empty")
    return root


def _find_unread(text: str) -> Iterator[tuple[int, int]]:
    for token in yaml.scan(text, Loader=yaml.BaseLoader):
        if isinstance(token, _UNREAD):
            yield _place_of(token.start_mark)


def _place_of(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _construct(reader: Reader, node: yaml.Node, at: KeyPath, places: Places) -> Any:
    places.by_path.setdefault(at, _place_of(node.start_mark))
    if isinstance(node, yaml.ScalarNode):
        return (
            _PLAIN_WORDS.get(node.value, node.value)
            if node.style is None
            else node.value
        )
    if isinstance(node, yaml.SequenceNode):
        return [
            _construct(reader, one, (*at, index), places)
            for index, one in enumerate(node.value)
        ]
    content: dict[str, Any] = {}
    for key, value in node.value:
        place = _place_of(key.start_mark)
        if not isinstance(key, yaml.ScalarNode):
            reader.report(
                places.file,
                "a key must be a word; put text with brackets in quotes",
                *place,
            )
        elif key.value in content:
            reader.report(places.file, f"the key {key.value} appears twice", *place)
        else:
            places.by_path[*at, key.value] = place
            content[key.value] = _construct(reader, value, (*at, key.value), places)
    return content


def walk(content: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield every value inside another, with its path."""
    items = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content)
        if isinstance(content, list)
        else ()
    )
    for key, value in items:
        yield (*path, key), value
        yield from walk(value, (*path, key))


def find_faults(
    error: ValidationError,
    places: Places,
    record: str,
    known: Mapping[str, FieldInfo],
    above: KeyPath = (),
) -> Iterator[Mistake]:
    """Yield what pydantic found below a path in a record; `known` are the keys that it can have."""
    missing = defaultdict[Mistake, list[str]](list)
    for one in error.errors(include_url=False):
        one["loc"] = tuple(
            part for part in one["loc"] if not _NO_KEYS.fullmatch(str(part))
        )
        if one["type"] == "missing":
            missing[places.mistake((*above, *one["loc"]), "")].append(
                str(one["loc"][-1])
            )
        else:
            yield places.mistake((*above, *one["loc"]), _explain(record, known, one))
    for (
        here,
        names,
    ) in (
        missing.items()
    ):  # of a record, all have its place, at which only one mistake is told
        yield here._replace(
            message=f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} missing"
        )


def list_references(field: FieldInfo) -> Iterator[str]:
    """Yield the kinds and code lists to which a field refers."""
    for mark in (*field.metadata, *_list_marks(field.annotation)):
        if isinstance(mark, Ref):
            yield mark.to


def _list_marks(annotation: Any) -> Iterator[Any]:
    """Yield the marks of a type, and of what it may be or is a list of."""
    for part in get_args(annotation):
        yield part
        yield from _list_marks(part)


def _explain(record: str, known: Mapping[str, FieldInfo], error: ErrorDetails) -> str:
    name = next(
        (one for one in reversed(error["loc"]) if isinstance(one, str)), record
    )  # and not a place in a list
    if error["type"] == "string_too_short":
        return f"{name} is empty; write what the document says"
    if error["type"] == "extra_forbidden":
        hint = did_you_mean(name, [*known] if len(error["loc"]) == 1 else ())
        quotes = "; put a text with commas in quotation marks" if " " in name else ""
        return f"there is no key {name!r}{hint}{quotes}"
    if error["input"] is None:
        return f"{name} cannot be empty"
    if error["type"] in ("model_type", "dict_type"):
        return f"{name} must have keys, each with its value"
    if error["type"] == "literal_error":
        return f"{name} must be {error['ctx']['expected']}"
    if error["type"].startswith("int_"):
        return f"{name} must be a whole number"
    lists = (
        [to for to in list_references(known[name]) if to not in KINDS]
        if name in known
        else []
    )
    listed = "".join(f"; it is a code of codelists/{one}.csv" for one in lists)
    return f"{name}: {error['msg'].removeprefix('Value error, ')}{listed}"
