"""One statistic that one source states."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

OPEN = 2**31 - 1
"""`ended_in` of what is still in force: later than every release."""


OBSERVATION_ID = re.compile(r"[bcdfghjkmnpqrstvwxz][bcdfghjkmnpqrstvwxz2-9]{4}", re.ASCII)
"""Five characters, none of which can be misread or spell a word or a number."""


class Observation(NamedTuple):
    """One row of `observations/<source>.csv`, checked, with the releases that bound it.

    Text fields hold what the row says; None stands for an empty cell. `period_from` and `period_until` are the days
    that the period covers, for overlap queries only. `added_in` and `ended_in` are ordinals of releases: the
    observation is in force in every release r with added_in <= r < ended_in.
    """

    id: str
    version: int
    source: str
    measure: str
    statistic: str
    category: str
    area: str
    population: str
    counting_unit: str
    period_type: str
    period_start: str | None
    period_end: str | None
    duration: str | None
    period_printed: str | None
    period_at: str | None
    period_from: date | None
    period_until: date | None
    value: Decimal | None
    value_absent: str | None
    unit: str
    qualifier: str
    hedge: str | None
    hedge_at: str | None
    printed: str
    at: str
    also_at: list[str]
    obs_status: str
    stated_by: str
    origin: str
    caveats: list[str]
    sha256: bytes
    added_in: int
    ended_in: int
