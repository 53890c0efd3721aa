"""Translate a request in the words of another service: `habits.csv` has its words, and each kind of value a reader.

A translation is the parameters that say the same. It has none if the request is the same without the word, as of
`lang=en`, and it is None if nothing here says the same.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from misconduct.model.dates import read_year_label
from misconduct.model.points import NAMES
from misconduct.model.vocabulary import suggest

Pairs = Sequence[tuple[str, str]]
"""The parameters of a request, each with a value."""

SUFFIX, PLACE, PAGE = ".", "/", "#page"
"""Names in a translation that are no parameters: the format, the path, and a page, which is counted in rows at last."""

SPAN = ".."
NEWEST = "-period_end"
ROWS_OF_PAGE = 100  # of a page whose size a request does not say
MAX_READ = 200  # characters of a value that are read; clients choose how long it is


def _strip(name: str) -> str:
    return re.sub(r"(?<=\w)[_-]", "", name.lower().strip("$_@"))


def _read_habits() -> Mapping[str, dict[str, list[str]]]:
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    path = Path(__file__).with_name("habits.csv")
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for word in row["words"].split():
                for spelling in {word, _strip(word)}:
                    found[row["kind"]].setdefault(spelling, []).append(row["means"])
    return found


HABITS = _read_habits()


def find_habit(kind: str, word: str) -> str | None:
    """Return what a word of other services means, if `habits.csv` has it."""
    return next(iter(HABITS[kind].get(_strip(word), ())), None)


SAME_ROWS = ("limit", "offset", "sort", "columns")
"""Parameters of which an address has the same rows if it does not take them."""

_PARTS = re.compile(r"__|[.\[\]<>!]+")
_SIGNS = re.compile(r"[<>!]$")


def read_name(name: str) -> tuple[str, str | None]:
    """Return the word of a parameter and its operator: year and >= of year__gte, filter[year][gte] or year>.

    The operator is None if no filter here has one like it.
    """
    if name in HABITS["parameter"]:
        return name, "="
    parts = [part for part in _PARTS.split(name.strip("$_@")) if part]
    sign = _SIGNS.search(name)
    operator: str | None = "="
    if sign:
        operator = {"<": "<=", ">": ">="}.get(sign[0])
    elif parts[1:] and _strip(parts[-1]) in HABITS["operator"]:
        operator = find_habit("operator", parts.pop()) or None
    elif parts[1:] and _strip(parts[-1]) in HABITS["advice"]:
        operator = None
    if parts[1:] and _strip(parts[0]) in HABITS["condition"]:
        del parts[0]
    joined = "_".join(parts)
    is_one = find_habit("parameter", joined) or find_habit("left_out", joined)
    return joined if is_one or not parts else parts[0], operator


def suggest_parameter(name: str, known: Iterable[str]) -> str | None:
    """Return the parameter that is probably meant, if any."""
    plain, parameters = _strip(name), {_strip(one): one for one in known}
    bare = re.sub(r"(code|name|id)$", "", plain)
    for spelling in (name, plain, plain.removesuffix("s"), bare):
        meant = [parameters.get(spelling), *HABITS["parameter"].get(spelling, [])]
        if found := [one for one in meant if one in parameters.values()]:
            return found[0]
    if plain in HABITS["advice"] or plain in HABITS["left_out"]:
        return None
    return parameters.get(suggest(plain, parameters) or "")


def translate(name: str, value: str, known: Collection[str]) -> Pairs | None:
    """Return the parameters that say the same as one of another service."""
    value = value[:MAX_READ]
    word, operator = read_name(name)
    for read in (_read_layout, _read_instead):
        found = read(word, operator, value, known)
        if found is not None:
            return found
    if meant := suggest_parameter(word, known):
        return _compare(meant, operator, value, known)
    places = HABITS["place"].get(_strip(word), ())
    if places and "/" not in value:
        return _move(places[0], value)
    is_of_order = suggest_parameter(word, SAME_ROWS) and operator == "="
    is_nothing = is_of_order or find_habit("left_out", word) is not None
    return [] if is_nothing else None


def _read_layout(
    word: str, _: str | None, value: str, known: Collection[str]
) -> Pairs | None:
    """Return what a parameter says of the format, the layout or a page, or the filters that its value has."""
    if find_habit("condition", word):
        return read_conditions(value, known)
    if find_habit("format", word):
        ending = find_habit("suffix", value)
        return [(SUFFIX, ending)] if ending else []
    if find_habit("group", word):
        return read_group(value, known)
    if find_habit("page", word):
        return [(PAGE, value)] if "limit" in known else []
    return None


def _read_instead(
    word: str, operator: str | None, value: str, known: Collection[str]
) -> Pairs | None:
    forms = HABITS["instead"].get(_strip(word), ()) if operator == "=" else ()
    filled = (_fill(form, value, known) for form in forms)
    return next(filter(None, filled), None)


def _move(form: str, value: str) -> Pairs:
    """Return the path that has what a parameter names: that of a record in a list, or of the search for words."""
    path, _, query = form.partition("?")
    name = query.partition("=")[0]
    moved = [(PLACE, path.replace("{value}", value).replace("{path}", "{}"))]
    return [*moved, (name, value)] if name else moved


def _fill(form: str, value: str, known: Collection[str]) -> Pairs | None:
    """Return a parameter with a value in its place, if the address takes it: year=2014.. for 2014-01-01."""
    parameter, _, filled = form.partition("=")
    if parameter not in known:
        return None
    if parameter == "year":
        years = read_years(value)
        value = years.partition(SPAN)[0] if years else ""
    return [(parameter, filled.format(value))] if value else None


def _compare(
    parameter: str, operator: str | None, value: str, known: Collection[str]
) -> Pairs | None:
    """Return a filter that finds what an operator compares: only years have spans, and numbers an order."""
    if operator == "=":
        read = read_value(parameter, value, known)
        return [(parameter, value)] if read is None else read
    ends = [read_years(one) or "" for one in value.split(",")]
    years = parameter == "year" and all(end[:4].isdecimal() for end in ends)
    if operator == SPAN:
        is_span = years and len(ends) == 2
        return [("year", f"{ends[0][:4]}{SPAN}{ends[1][:4]}")] if is_span else None
    if operator and years:
        first = int(ends[0][:4])
        span = {
            ">=": f"{first}..",
            ">": f"{first + 1}..",
            "<=": f"..{first}",
            "<": f"..{first - 1}",
        }
        return [("year", span[operator])]
    if operator and parameter == "value" and "sort" in known:
        return [("sort", "-value" if operator.startswith(">") else "value")]
    return None


def read_value(parameter: str, value: str, known: Collection[str]) -> Pairs | None:
    """Return the parameters that say the same as a value in another service's form, such as year=2020:2024."""
    value = value[:MAX_READ].strip()
    if find_habit("everything", value) is not None:
        return []
    if parameter == "sort":
        order = read_order(value)
        said = [("sort", order)] if order else []
        return None if order is None else said
    if parameter == "by":
        return read_group(value, known)
    if parameter == "year":
        return _read_year(value, known)
    operator, plain = _read_operator(value)
    return None if plain == value else _compare(parameter, operator, plain, known)


def _read_year(value: str, known: Collection[str]) -> Pairs | None:
    if find_habit("newest", value) is not None:
        return [("latest", "1")] if "latest" in known else [("sort", NEWEST)]
    operator, plain = _read_operator(value)
    if operator != "=":
        return _compare("year", operator, plain, known)
    years = [read_years(one) for one in plain.split(",")]
    return [("year", ",".join(filter(None, years)))] if all(years) else None


_OPERATOR = re.compile(r"([a-z]{2,3})[.:]\(?(.*?)\)?|(>=|<=|>|<|==?)(.*)", re.ASCII)


def _read_operator(value: str) -> tuple[str | None, str]:
    """Return the operator of a value and what it compares: gte.2020, >=2020, in.(2021."""
    match = _OPERATOR.fullmatch(value)
    if match and match[3]:
        return match[3].replace("==", "="), match[4].strip()
    if match and _strip(match[1]) in HABITS["operator"]:
        return find_habit("operator", match[1]) or None, match[2]
    return "=", value.strip("()[]{}\"'")


_YEARS = re.compile(
    r"(?:yr|fy)?([1-9]\d{3})(?:-\d\d){0,2}(?:t[\d:.]*z?)?(?:\|[a-z]+)?"
    r"(?:(\s*(?:-|–|—|:|/|\.\.\.?|to|\+)\s*)"
    r"(?:(?:yr|fy)?([1-9]\d{3})(?:-\d\d){0,2}(?:t[\d:.]*z?)?(?:\|[a-z]+)?)?)?",
    re.ASCII | re.IGNORECASE,
)


def read_years(value: str) -> str | None:
    """Return years as the filter takes them: 2024 of 2024-01-01 or YR2024, and 2020..2024 of 2020-2024 or 2020:2024."""
    text = value.strip("[]{}()\"' ")
    try:
        return read_year_label(text)
    except ValueError:
        match = _YEARS.fullmatch(text)
    if match is None:
        return None
    first, dash, last = match.groups()
    if not dash:
        return str(first)
    if last and int(last) < int(first):
        return None
    return f"{first}{SPAN}{last or ''}"


_ORDER = re.compile(
    r"([-+]?)([a-z_ ]+?)(?:[\s:.,|-]+(asc|desc)(?:ending)?)?(?:\s*[,;].*)?",
    re.ASCII | re.IGNORECASE,
)


def read_order(value: str) -> str | None:
    """Return an order as `sort` takes it: -value of value desc, value:desc or amount.desc; -period_end of newest."""
    match = _ORDER.fullmatch(value.strip("{}[]\"' "))
    if match is None:
        return None
    sign, word, direction = match.groups()
    known = find_habit("order", word)
    if known is not None:
        return known
    column = find_column(word)
    if column is None:
        return None
    column = NEWEST[1:] if column == "time" else column  # which is words
    is_last_first = sign == "-" or (direction or "").lower() == "desc"
    return f"-{column}" if is_last_first else column


def find_column(word: str) -> str | None:
    """Return the column that is probably meant."""
    plain = word.strip().lower()
    if plain in NAMES:
        return plain
    return find_habit("column", plain) or suggest(plain, NAMES)


def read_group(value: str, known: Collection[str]) -> Pairs | None:
    """Return what lays a table out as groups are asked of another service: a column for each year, or kinds."""
    found = list[tuple[str, str]]()
    for word in re.split(r"[,;|\s]+", value.strip("[]\"' ")):
        form = find_habit("grouped", word)
        if form is None:
            return None
        name, _, chosen = form.partition("=")
        found += [(name, chosen)] if name in known else []
    return found


_CONDITION = re.compile(
    r"""["'({\s]*([a-z_]+)["'\s]*\s*(?:\s|\.|(?=[=<>:]))\s*(eq|in|gte|lte|ge|gt|le|lt|=|:|>=|<=|>|<)\s*[.:]?\s*"""
    r"""(\([^()]*\)|\[[^\[\]]*\]|'[^']*'|"[^"]*"|[^\s,;&()}]+)[)}\s]*""",
    re.ASCII | re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(and|or|,|;|&+|\|+)\s*", re.ASCII | re.IGNORECASE)


def read_conditions(text: str, known: Collection[str]) -> Pairs | None:
    """Return the filters that a text of conditions says: year eq 2024 and area eq 'met', year:2024, {"year": 2024}."""
    pairs, is_or, place = list[tuple[str, str]](), False, 0
    text = text.strip()
    while place < len(text):
        match = _CONDITION.match(text, place)
        if match is None:
            return None
        column, sign, value = match.groups()
        operator = find_habit("operator", sign) or sign.replace(":", "=")
        plain = value.strip("()[]\"' ").replace("'", "").replace('"', "")
        parameter = suggest_parameter(column, known)
        found = parameter and _compare(parameter, operator, plain, known)
        if not found:
            return None
        pairs += found
        place = match.end()
        between = _BETWEEN.match(text, place)
        if between:
            is_or |= between[1].lower() in ("or", "|", "||")
            place = between.end()
    if is_or and len({name for name, _ in pairs}) > 1:  # no filter finds either of two
        return None
    return pairs or None


def join(pairs: Pairs) -> Pairs:
    """Return parameters that say one thing together as one: two ends of a span, a page and its size, an order."""
    return [*_count_pages(_join_orders(_join_ends(pairs)))]


def _join_ends(pairs: Pairs) -> Pairs:
    """Return parameters of which a first and a last year are one span: year=2020.. and year=..2022."""
    first = [pair for pair in pairs if pair[1].endswith(SPAN)]
    last = [pair for pair in pairs if pair[1].startswith(SPAN)]
    if len(first) != 1 or len(last) != 1 or first[0][0] != last[0][0]:
        return pairs
    name, begin = first[0]
    whole = (name, begin + last[0][1].removeprefix(SPAN))
    return [whole if pair == first[0] else pair for pair in pairs if pair != last[0]]


def _join_orders(pairs: Pairs) -> Pairs:
    """Return parameters of which a direction alone is that of the order beside it, or of the time."""
    orders = [value for name, value in pairs if name == "sort"]
    directions = [value for value in orders if value in ("asc", "desc")]
    if not directions:
        return pairs
    columns = [value for value in orders if value not in directions]
    column = columns[0] if columns else NEWEST[1:]
    is_last_first = directions[0] == "desc" and not column.startswith("-")
    order = f"-{column}" if is_last_first else column
    others = [pair for pair in pairs if pair[0] != "sort"]
    return [*others, ("sort", order)]


def _count_pages(pairs: Pairs) -> Iterator[tuple[str, str]]:
    """Yield parameters in which a page is counted in rows: limit=50 and offset=50 of page=2 and limit=50."""
    sizes = [value for name, value in pairs if name == "limit" and value.isdecimal()]
    for name, value in pairs:
        if name != PAGE:
            yield name, value
        elif value.isdecimal() and int(value) > 1:
            if not sizes:
                yield "limit", str(ROWS_OF_PAGE)
            size = int(sizes[0]) if sizes else ROWS_OF_PAGE
            yield "offset", str((int(value) - 1) * size)
