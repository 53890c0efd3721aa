"""Make the releases of the small register again."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.register import MADE, copy_releases, make

with TemporaryDirectory() as folder:
    made = Path(folder) / "data"
    make(made)
    shutil.rmtree(MADE, ignore_errors=True)
    copy_releases(made, MADE)
