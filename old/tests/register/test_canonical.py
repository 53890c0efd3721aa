"""A record's hash is over its RFC 8785 canonical JSON."""

from __future__ import annotations

import hashlib

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from misconduct.register.observation_columns import COLUMNS
from misconduct.register.observations import digest_observation
from misconduct.register.records import digest_row, digest_tree
from tests.registers import complete, read_table

CELLS = st.dictionaries(st.sampled_from(COLUMNS), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))


@given(CELLS)
def test_rows_are_hashed_as_the_canonicalisation_library_writes_them(cells):
    assert digest_row(cells) == hashlib.sha256(rfc8785.dumps(cells)).digest()


def test_an_observation_is_hashed_over_its_non_empty_cells_and_its_source():
    row = complete(read_table("id | value | at\n k7m3q | 1492 | char=0,5")[0], 0)
    cells = tuple(row.get(column, "") for column in COLUMNS)
    written = (
        '{"area":"E23000001","at":"char=0,5","category":"any_misconduct","counting_unit":"people","id":"k7m3q",'
        '"measure":"accused","obs_status":"A","origin":"paper","period_start":"2022","period_type":"year",'
        '"population":"officers","printed":"1,492","qualifier":"exact","source":"letter","stated_by":"force",'
        '"statistic":"count","unit":"count","value":"1492","version":"1"}'
    )
    assert digest_observation(cells, "letter") == hashlib.sha256(written.encode()).digest()


def test_a_yaml_record_is_hashed_without_its_null_keys():
    written = '{"id":"paper","notes":{"url":"Not known."},"version":1}'
    record = {"version": 1, "id": "paper", "url": None, "notes": {"url": "Not known."}}
    assert digest_tree(record) == hashlib.sha256(written.encode()).digest()
