"""The code lists that belong to the program: what it computes itself, in every release. They are in `codes.csv`.

All other lists are part of the register (`data/codelists/`), so that each release has its own. Words that stand for no
code are in `words.csv`: negations, words that say little or the same, signs, such as of a trend, and numbers.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal


def read_words(path: Path) -> dict[str, dict[str, str]]:
    """Return the words of a file with three columns, by the first column and the second one."""
    found = defaultdict[str, dict[str, str]](dict)
    with path.open(encoding="utf-8", newline="") as file:
        for name, code, words in list(csv.reader(file))[1:]:
            found[name][code] = words
    return found


PROGRAM_LISTS: dict[str, dict[str, Mapping[str, Any]]] = {}
"""The label and the definition of each code, by list, and the field of each difference."""

with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as lists:
    for row in csv.DictReader(lists):
        PROGRAM_LISTS.setdefault(row.pop("list"), {})[row.pop("code")] = row
WORDS = {
    kind: {of: words.split(" | ") for of, words in by_name.items()}
    for kind, by_name in read_words(Path(__file__).with_name("words.csv")).items()
}
CodeType = Literal[
    "category",
    "people",
    "statistic",
    "exactness",
    "absent",
    "coverage",
    "doubt",
    "vetting_check",
    "vetting_result",
    "said_by",
    "status",
    "together",
    "answer",
    "reasons",
]
"""The columns and fields of answers that have codes, or words for them.

Editors need other lists, too. What /v1/check says is explained where it says it.
"""
LISTS: Mapping[CodeType, str] = {
    "people": "population",
    "exactness": "qualifier",
    "absent": "value_absent",
    "said_by": "stated_by",
    "status": "standing",
    "together": "apart",
    "reasons": "disagreement_reason",
}
"""The code lists that the register calls otherwise."""
