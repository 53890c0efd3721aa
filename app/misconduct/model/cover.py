"""What a source covers: its first and last day, and which of its years are unfinished."""

from datetime import date

from misconduct.model.figure import Row


class Cover:
    """Find what the figures of a source cover. Add one at a time."""

    def __init__(self) -> None:
        self._first, self._last = date.max, date.min
        self._years, self._finished = set[str](), set[str]()

    def add(self, row: Row) -> None:
        """Take in the days and the year of a figure."""
        if row["dated_by"] == "source" and row["period_start"] and row["period_end"]:
            self._first, self._last = min(self._first, row["period_start"]), max(self._last, row["period_end"])
        if row["year"]:
            self._years.add(row["year"])
            if row["mark"] != "provisional" and row["coverage"] != "part":
                self._finished.add(row["year"])

    def content(self) -> Row:
        """Return the first and the last day, and the years without a figure that is final; nothing without dates."""
        if self._first > self._last:
            return {}
        return {"first": self._first, "last": self._last, "unfinished": sorted(self._years - self._finished)}
