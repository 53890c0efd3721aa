"""SHA256SUMS names plain files in the folder of a release: no others are read or sent."""

import os
from hashlib import sha256

import pytest

from misconduct.errors import ReleaseError
from misconduct.releases.folder import Release, read_release
from misconduct.releases.verify import verify_releases
from misconduct_editor.releases.write import add_to_list, write_release


@pytest.fixture
def data(tmp_path):
    """A release without any figures."""
    empty = {"figures": [], "records": {"source": {}}, "changes": []}
    release = Release(number="1.2.0", day="2026-11-20", summary="None.", **empty)
    add_to_list(tmp_path, write_release(tmp_path / "releases/1.2.0", release))
    (tmp_path / "removals.csv").write_text("day,release,before,after,law\n")
    return tmp_path


DIGEST = sha256(b"").hexdigest()
STRANGE_LINES = {
    "above": f"{DIGEST}  ../outside.log",
    "above, from a folder": f"{DIGEST}  charts/../../outside.log",
    "absolute": f"{DIGEST}  /dev/null",
    "this folder": f"{DIGEST}  ./more.csv",
    "two folders": f"{DIGEST}  charts/of/met.svg",
    "a backslash": f"{DIGEST}  charts\\met.svg",
    "hidden": f"{DIGEST}  .more.csv",
    "a drive": f"{DIGEST}  C:more.csv",
    "no name": f"{DIGEST}  ",
    "a name with a blank": f"{DIGEST}  more more.csv",
    "another script": f"{DIGEST}  m\u043ere.csv",
    "binary": f"{DIGEST} *more.csv",
    "no digest": "  more.csv",
    "a short digest": f"{DIGEST[1:]}  more.csv",
    "capitals": f"{DIGEST.upper()}  more.csv",
    "a line end of Windows": f"{DIGEST}  more.csv\r",
    "another line end": f"{DIGEST}  more.csv\u2028{DIGEST}  less.csv",
    "nothing": "",
    "itself": f"{DIGEST}  SHA256SUMS",
    "a file again": f"{DIGEST}  changes.csv",
    "a file again in capitals": f"{DIGEST}  Changes.csv",
}


@pytest.mark.parametrize("line", STRANGE_LINES.values(), ids=STRANGE_LINES)
def test_a_line_of_the_digests_names_one_file_in_the_folder(data, line):
    """Each such file is there and empty, as its digest says."""
    (data / "releases/outside.log").touch()
    folder = data / "releases/1.2.0"
    for name in ("more.csv", ".more.csv", "C:more.csv", "more more.csv"):
        (folder / name).touch()
    (folder / "charts").mkdir()
    sums = folder / "SHA256SUMS"
    listed = sums.read_text().splitlines()
    text = "\n".join([*listed, line, f"{DIGEST}  ../twice", ""])
    sums.write_bytes(text.encode())
    places = [f"{sums}:{len(listed) + extra}" for extra in (1, 2)]
    assert [find_place(problem) for problem in verify_releases(data)] == places
    with pytest.raises(ReleaseError) as error:
        read_release(folder)
    assert [find_place(problem) for problem in str(error.value).splitlines()] == places


def find_place(problem):
    return problem.partition(": ")[0]


def list_file(data, name):
    """Add an empty file to the digests of the last release, and let releases.csv name its new digest."""
    sums = data / "releases/1.2.0/SHA256SUMS"
    before = sha256(sums.read_bytes()).hexdigest()
    sums.write_text(f"{sums.read_text()}{DIGEST}  {name}\n")
    listed = data / "releases.csv"
    listed.write_text(
        listed.read_text().replace(before, sha256(sums.read_bytes()).hexdigest())
    )


LINKS = {
    # what is a link in the folder, to what, and the file that is then refused
    "a file outside": ("more.csv", "../outside.log", "more.csv"),
    "a file inside": ("more.csv", "charts/met.svg", "more.csv"),
    "a folder outside": ("maps", "../.outside", "maps/met.svg"),
    "a device": ("more.csv", "/dev/null", "more.csv"),
    "itself": ("more.csv", "more.csv", "more.csv"),
}


@pytest.mark.parametrize(("link", "target", "name"), LINKS.values(), ids=LINKS)
def test_a_link_is_no_file_of_a_release(data, link, target, name):
    folder = data / "releases/1.2.0"
    (data / "releases/outside.log").touch()
    for place in (data / "releases/.outside", folder / "charts"):
        place.mkdir()
        (place / "met.svg").touch()
    list_file(data, "charts/met.svg")
    assert verify_releases(data) == []
    list_file(data, name)
    (folder / link).symlink_to(target)
    problems = verify_releases(data)
    assert f"{folder}/{name}" in [find_place(problem) for problem in problems]


@pytest.mark.parametrize(
    "name",
    [
        "more.csv",
        "charts/met.svg",
        "table.csv",
        "charts",
        "datapackage.json",
        "SHA256SUMS",
    ],
)
def test_a_pipe_is_no_file_and_nothing_waits_for_what_it_would_say(data, name):
    path = data / "releases/1.2.0" / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    assert [find_place(problem) for problem in verify_releases(data)] == [str(path)]


def test_a_file_in_a_folder_is_part_of_a_release_only_if_it_is_listed(data):
    charts = data / "releases/1.2.0/charts"
    charts.mkdir()
    (charts / "met.svg").touch()
    (charts / ".DS_Store").touch()
    assert [find_place(one) for one in verify_releases(data)] == [f"{charts}/met.svg"]
    list_file(data, "charts/met.svg")
    assert verify_releases(data) == []


def test_a_list_of_digests_without_end_is_refused(data):
    sums = data / "releases/1.2.0/SHA256SUMS"
    with sums.open("ab") as file:
        file.truncate(10**12)
    assert [find_place(one) for one in verify_releases(data)] == [str(sums)]
