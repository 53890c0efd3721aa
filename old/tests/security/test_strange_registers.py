"""A register from a stranger: whatever it holds, it is refused clearly, in bounded memory and time.

Each is checked by the command itself in a process of its own that may take 400 MB of addresses.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.registers import seal, write_register

MOST_BYTES = 400_000_000
CHECK = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({MOST_BYTES}, {MOST_BYTES})); from misconduct.cli import app; app()"  # fmt: skip
PAPER = "observations/paper.csv"


def check(data: Path) -> tuple[int, str]:
    command = [sys.executable, "-c", CHECK, "check", "--register", str(data)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)  # or it hangs
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.fixture
def data(tmp_path) -> Path:
    return seal_one(write_register(tmp_path / "data", "id | value\n bbbb2 | 5"))


def seal_one(data: Path) -> Path:
    seal(data, "1.0.0")
    return data


def repeat(name: str, piece: str, times: int) -> Callable[[Path], None]:
    """A file that is the same piece over and over."""

    def write(data: Path) -> None:
        with (data / name).open("w") as file:
            for _ in range(times // 1000):
                file.write(piece * 1000)

    return write


def write_hole(data: Path) -> None:
    with (data / PAPER).open("ab") as file:
        file.truncate(2_000_000_000)


def write_quotes(data: Path) -> None:
    with (data / PAPER).open("a") as file:
        file.writelines('"\n",' for _ in range(1_000_000))


def write_bomb(data: Path) -> None:
    lines = "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(24))
    (data / "caveats.yaml").write_text("a: &a [x, x]\n" + lines)


def write_codes(data: Path) -> None:
    with (data / "codelists/measure.csv").open("a") as file:
        file.writelines(f"m{number},1,Label,Definition,,Nobody\n" for number in range(200_000))


def write_keys(data: Path) -> None:
    (data / "sources/paper.yaml").write_text("".join(f"k{number}: 1\n" for number in range(350_000)))


def write_mistakes(data: Path) -> None:
    with (data / PAPER).open("a") as file:
        file.writelines("x\n" for _ in range(1_000_000))


def link_out(data: Path) -> None:
    (data / PAPER).unlink()
    (data / PAPER).symlink_to("/etc/passwd")


def name_absolute_paths(data: Path) -> None:
    source = data / "sources/paper.yaml"
    source.write_text(source.read_text().replace('"id": "paper"', '"id": "/etc/passwd"'))


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (write_hole, "paper.csv:3:1: a line or row is longer than 1 MB"),
        (write_bomb, "caveats.yaml:1:4: this is not valid YAML for the register: anchors and aliases are not allowed"),
        (repeat("caveats.yaml", "[", 1_100_000), "a line or row is longer than 1 MB"),
        (repeat("caveats.yaml", "[\n", 1_000_000), "more than 8 levels are not allowed"),
        (repeat("caveats.yaml", "{a: ", 100_000), "more than 8 levels are not allowed"),
        (repeat("caveats.yaml", "- {a: b}\n", 440_000), "more than 100,000 parts in one file are not allowed"),
        (repeat("caveats.yaml", "--- a\n", 660_000), "more than 100,000 parts in one file are not allowed"),
        (repeat("caveats.yaml", "# \n", 4_000_000), "the file is larger than 4 MB"),
        (write_keys, "more than 100,000 parts in one file are not allowed"),
        (repeat(PAPER, ",", 900_000), "this header has 900,001 columns"),
        (write_quotes, "paper.csv:250003:1: a line or row is longer than 1 MB"),
        (repeat("caveats.yaml", "- {id: a, version: 1e999, text: x}\n", 1_000), "1e999 is a number that not every YAML parser reads the same way"),
        (write_codes, "more than 50,000 records beside its observations"),
        (write_mistakes, "1,000,000 mistakes (the first 1,000 are shown)"),
        (link_out, "paper.csv:0:0: this is a link"),
        (name_absolute_paths, "sources/paper.yaml:2:2: id: '/etc/passwd'"),
    ],
)  # fmt: skip
def test_a_register_from_a_stranger_is_refused_in_bounded_memory_and_time(data, spoil, expected):
    spoil(data)
    status, said = check(data)
    assert status == 1
    assert expected in said
    assert "root:" not in said  # of /etc/passwd
    assert len(said) < 1_000_000


def test_a_register_in_order_needs_no_more(data):
    assert check(data)[0] == 0
