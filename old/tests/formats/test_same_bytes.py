"""A table is the same bytes whichever process makes them, and whatever that process has made before."""

from __future__ import annotations

import subprocess
import sys

import pytest

from misconduct.formats import FORMATS
from tests.conftest import PROJECT

TABLES = [name for name, form in FORMATS.items() if form.takes == "table"]

PROGRAM = """
import hashlib, sys
import polars
from misconduct.model.table import Column, Table
from misconduct.formats import FORMATS

name, before = sys.argv[1:]
codes = ["racism", "sexual_assault", "theft"]
polars.Series(before.split(), dtype=polars.Categorical)  # one cache of categories for the whole process
columns = (Column("code", "code", "A code."), Column("value", "number", "A number."), Column("list", "texts", "A list."))
rows = [(code, place / 3, [code, "x"]) for place, code in enumerate(codes * 100)]
table = Table(columns, rows, {"release": "1.0.0", "licence": "a licence"})
print(hashlib.sha256(b"".join(FORMATS[name].encode(table))).hexdigest())
"""


@pytest.mark.parametrize("name", TABLES)
def test_two_processes_make_the_same_bytes(name):
    made = set()
    for seed, before in (("0", "racism sexual_assault theft"), ("1", "theft other sexual_assault racism")):
        command = [sys.executable, "-c", PROGRAM, name, before]
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": f"{PROJECT}:{PROJECT / 'app'}"}
        made.add(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert len(made) == 1
