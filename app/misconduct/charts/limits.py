"""What a picture must say, so that nobody takes an accusation for a finding, or a death for misconduct."""

from collections import Counter
from collections.abc import Sequence

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row

MAX_LIMITS, MAX_NOTE = 3, 200
"""Sentences below a picture, and characters of a note that it has room for."""

ALWAYS, FOUND, NOT_A_FINDING = ("after-contact", "allegations"), ("proven",), "not a finding"
"""The datasets whose limit stands below every picture of their figures, and the measures that are findings."""

PROTECT = ("No misconduct", NOT_A_FINDING)
SAME = ("a finding", "no misconduct is alleged", "do not add", "different people", "small", "do not rank")
"""What one sentence says as well as another: an editor's note makes the dataset's limit unnecessary."""


def find_limits(rows: Sequence[Row], dataset: str | None, catalogue: Catalogue, note: str) -> list[str]:
    """Return sentences that protect readers, without those that an editor's note makes unnecessary.

    Of each dataset that shows the figures it is the limit that says what they do not allege or prove; then come the
    notes that all figures share. What is found proven needs no word on accusations.
    """
    shown = Counter(one for row in rows for one in row["datasets"])
    first = [one for one in (dataset, *ALWAYS) if one in shown]
    datasets = dict.fromkeys(first or [one for one, _ in shown.most_common()])
    of_datasets = [catalogue.of_kind("dataset").get(one, {}).get("limits", []) for one in datasets]
    limits = [
        next((one for one in all_of if any(words in one for words in PROTECT)), *all_of[:1])
        for all_of in of_datasets
        if all_of
    ]
    are_found = all(row["measure"] in FOUND for row in rows)
    limits = [limit for limit in limits if not (are_found and NOT_A_FINDING in limit)]
    shared = set(rows[0]["caveats"]).intersection(*(row["caveats"] for row in rows))
    notes = [str(catalogue.of_kind("caveat").get(one, {}).get("text", "")) for one in sorted(shared)]
    said = [one for one in SAME if one in note.lower()]
    found = [*limits, *(text for text in notes if 0 < len(text) <= MAX_NOTE)]
    kept = [limit for limit in found if not any(one in limit.lower() for one in said)]
    return kept[: 1 if note else MAX_LIMITS]
