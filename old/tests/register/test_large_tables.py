"""A table of 250,000 rows is imported and verified within 500 MB."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from openpyxl import Workbook

from misconduct.register.grid import XLSX
from tests.register.tables import SLUG, as_table, write_large_table

PROGRAM = """
import sys, time
from pathlib import Path
from misconduct.register.import_table import import_table
from misconduct.register.mistakes import Mistakes
from misconduct.register.verify import verify_documents

command, register, documents = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
if command == "import":
    done = import_table(register, "fenmoor", documents, write=True)
    print(done.new, done.same)
else:
    mistakes = Mistakes()
    print(mistakes.total, verify_documents(register, documents, mistakes).numbers)
[peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
print(f"{time.process_time():.0f}")
print(int(peak.split()[1]) // 1024)  # ru_maxrss would be that of the process that started this one, if it is larger
"""


def as_xlsx(rows):
    book, written = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("Table")
    for row in rows:
        sheet.append(row)
    book.save(written)
    return written.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(("write", "media_type"), [(as_table, "text/csv"), (as_xlsx, XLSX)])
def test_a_quarter_of_a_million_rows_fit_into_500_megabytes(tmp_path, write, media_type):
    root = write_large_table(tmp_path, 127, write, media_type=media_type)
    said = []
    for command in ("import", "import", "verify"):
        arguments = [command, str(root), str(tmp_path / "documents")]
        done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True)
        said.append(done.stdout.split())
    assert [one[:2] for one in said] == [["251460", "0"], ["0", "251460"], ["0", "251460"]]
    assert all(int(megabytes) < 500 for *_, megabytes in said), said
    print("seconds of processor time and megabytes:", *(" ".join(one[2:]) for one in said), sep="\n")
    assert (root / "observations" / f"{SLUG}.csv").stat().st_size > 10_000_000
