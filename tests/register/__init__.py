"""A small register for tests: some 250 figures of `data/`, in three releases of its own.

`data/` is the register as it was first released, and `editions/<number>/` has the files
that an editor changed for the release after it. `python -m tests.register` makes these
releases with the desk, into `made/`, from which the tests read. Each figure is as its
document prints it, but for the mistakes that a later release corrects.

- 1.0.0 has 243 figures, of articles, tables and pages.
- 1.1.0 has 259. New are a page of Ireland (13) and a new edition of the deaths in
  custody (3 for 2019/20), in which one number is revised and three windows are a year
  longer; three figures are recoded.
- 2.0.0 has 263. New are six figures of Ireland. One number was typed wrongly (c6rq3), and
  fifteen periods were a year instead of a quarter. One figure ended in favour of another
  (vszdc, d8z2x), and one without another (p9dth).

Then one figure of the first two releases (c5269) was removed by law: these releases differ
from what was first released, and `removals.csv` says so.
"""

import shutil
from pathlib import Path

from misconduct_editor.releases.remove import find_target, remove

from ..registers import make_release

HERE = Path(__file__).parent
MADE = HERE / "made"
EDITIONS = (
    ("1.0.0", "2026-11-20", "Articles, tables and pages."),
    ("1.1.0", "2026-11-24", "Deaths in custody in 2019/20, and complaints in Ireland."),
    ("2.0.0", "2026-11-27", "Suspensions in Ireland, and a quarter that was a year."),
)
REMOVED, REMOVAL_DAY = "c5269", "2026-11-28"
LAW = "Data Protection Act 2018, section 47"


def make(data: Path) -> None:
    """Make the releases in a new folder, beside the register that they are made of."""
    shutil.copytree(HERE / "data", data)
    for number, day, summary in EDITIONS:
        changed = HERE / "editions" / number
        if changed.exists():
            shutil.copytree(changed, data, dirs_exist_ok=True)
        make_release(data, summary, day, number)
    target = find_target(data, [REMOVED])
    remove(data, target, LAW, REMOVAL_DAY)


def copy_releases(source: Path, folder: Path) -> None:
    """Copy what a service reads of a register into a new folder."""
    shutil.copytree(source / "releases", folder / "releases")
    for name in ("releases.csv", "removals.csv"):
        shutil.copyfile(source / name, folder / name)
