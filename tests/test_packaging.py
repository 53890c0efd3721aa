"""What is installed is what was locked, and the image runs as promised; as far as that shows without Docker."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.settings import Settings

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())


def locked() -> Iterator[tuple[Requirement, str]]:
    """Every pin of the lock, with its hashes."""
    for pin in re.finditer(r"^(\S+==[^\\\n]+?) \\\n((?:    --hash=\S+(?: \\)?\n)+)", LOCK, re.MULTILINE):
        yield Requirement(pin[1]), pin[2]


def asked_for() -> list[Requirement]:
    """Every range of pyproject.toml."""
    project = PROJECT["project"]
    groups = [line for lines in PROJECT["dependency-groups"].values() for line in lines]
    return [Requirement(line) for line in [*project["dependencies"], *groups]]


def read_stages() -> dict[str, list[list[str]]]:
    """The Dockerfile's instructions as words, by stage: `FROM base AS stage` is the first of each."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    instructions = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    stages: dict[str, list[list[str]]] = {}
    for words in instructions:
        if words[0] == "FROM":
            stages[words[3]] = []
        if stages:
            next(reversed(stages.values())).append(words)
    return stages


STAGES = read_stages()


# The lock


@pytest.mark.parametrize("sign", ["://", "file:", "--find-links", "--index", "--extra-index", " @ ", "~/", str(ROOT)])
def test_the_lock_holds_no_address(sign):
    assert sign not in LOCK


def test_the_lock_holds_no_path():
    assert re.findall(r"(?:^|\s)\.{0,2}/\S+", LOCK) == []


def test_every_line_of_the_lock_is_a_pin_with_hashes():
    lines = [line for line in LOCK.splitlines() if not line.startswith(" ")]
    assert len(lines) == len(list(locked())) > 90


def test_the_lock_keeps_every_range_that_the_project_asks_for():
    pins: dict[str, list[str]] = {}
    for pin, _ in locked():
        pins.setdefault(canonicalize_name(pin.name), []).append(next(iter(pin.specifier)).version)
    broken = [
        f"{wanted} but locked: {pins.get(canonicalize_name(wanted.name), 'nothing')}"
        for wanted in asked_for()
        if not all(map(wanted.specifier.contains, pins.get(canonicalize_name(wanted.name), ["0"])))
    ]
    assert broken == [], "run `make lock`"


def test_what_is_installed_fits_together():
    done = subprocess.run(
        [ROOT / ".venv/bin/uv", "pip", "check", "--python", sys.executable], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


# The image


def test_the_base_image_is_a_build_argument():
    bases = {stage[0][1] for stage in STAGES.values()}
    assert bases - set(STAGES) == {"${BASE}"}


def test_the_image_is_not_run_as_root():
    assert [words[1] for words in STAGES["serve"] if words[0] == "USER"] == ["10001:10001"]


def test_the_image_that_is_built_by_default_is_the_one_that_serves():
    assert list(STAGES)[-1] == "serve"


def test_everything_that_the_image_copies_is_there_and_let_through():
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copies = [words for stage in STAGES.values() for words in stage if words[0] == "COPY"]
    copied = {source for words in copies if not words[1].startswith("--from") for source in words[1:-1]}
    assert copied == let_through
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_health_check_asks_healthz():
    check = next(words for words in STAGES["serve"] if words[0] == "HEALTHCHECK")
    command = json.loads(" ".join(check[check.index("CMD") + 1 :]))
    assert command[:2] == ["python", "-c"]
    compile(command[2], "HEALTHCHECK", "exec")
    assert "/healthz" in command[2]


# compose.yaml


def environment_of(service: str) -> dict[str, str]:
    return COMPOSE["services"][service]["environment"]


@pytest.mark.parametrize("service", ["load", "serve"])
def test_compose_sets_what_the_program_reads(service):
    known = {f"MISCONDUCT_{name.upper()}" for name in Settings.model_fields} | {"PORT"}
    assert set(environment_of(service)) <= known


def test_only_what_serves_is_told_the_address_that_people_use():
    assert "MISCONDUCT_BASE_URL" not in environment_of("load")  # what it builds names no address
    assert environment_of("serve")["MISCONDUCT_BASE_URL"] == "${MISCONDUCT_BASE_URL:-http://localhost:8000}"


def test_the_served_process_never_holds_the_owners_password():
    assert "OWNER" not in json.dumps(environment_of("serve"))


def test_compose_gives_roles_sql_the_passwords_that_it_asks_for():
    wanted = set(re.findall(r"^\\getenv \w+ (\w+)", (ROOT / "app/db/roles.sql").read_text(), re.MULTILINE))
    assert wanted <= set(environment_of("postgres"))
    mounted = COMPOSE["services"]["postgres"]["volumes"][0].split(":")
    assert (ROOT / mounted[0]).is_file()
    assert mounted[1].startswith("/docker-entrypoint-initdb.d/")


@pytest.mark.parametrize("service", ["load", "serve"])
def test_the_containers_run_on_a_read_only_file_system_without_privileges(service):
    settings = COMPOSE["services"][service]
    assert settings["read_only"]
    assert settings["tmpfs"] == ["/tmp"]
    assert settings["cap_drop"] == ["ALL"]


# A fresh machine


def run_make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("pyproject.toml", "requirements.lock"):
        (folder / name).touch()
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run(
        ["make", "-C", folder, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def make_python(folder: Path, script: str) -> Path:
    python = folder / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return python


def test_a_machine_without_python_is_told_what_to_install(tmp_path):
    done = run_make(tmp_path, "setup", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "install Python 3.11 or newer" in done.stderr


def test_a_python_that_is_too_old_is_named(tmp_path):
    old = make_python(tmp_path, 'test "$1" = -V && echo Python 3.9.2 || exit 1')
    done = run_make(tmp_path, "setup", f"PYTHON={old}")
    assert done.returncode != 0
    assert "Python 3.9.2" in done.stderr
    assert "3.11 or newer" in done.stderr


def test_a_python_that_makes_no_environments_is_told_what_to_install(tmp_path):
    bare = make_python(tmp_path, 'test "$2" = venv && { mkdir .venv; exit 1; }; exit 0')
    done = run_make(tmp_path, "setup", f"PYTHON={bare}")
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_help_names_every_target(tmp_path):
    named = re.findall(r"^ +make (\w+)", run_make(tmp_path, "help").stdout, re.MULTILINE)
    assert {"setup", "serve", "test", "lock", "openapi", "clean"} <= set(named)


def test_the_readme_and_make_say_the_same_of_what_is_installed():
    assert re.findall(r"installs\s+(530 MB) into `\.venv`, in (10 to 30 s)", (ROOT / "README.md").read_text()) == [("530 MB", "10 to 30 s")]  # fmt: skip
    assert "10 to 30 s, and 530 MB" in (ROOT / "Makefile").read_text()


def test_ci_runs_all_tests():
    run = ROOT / ".ci/run"
    assert os.access(run, os.X_OK)
    assert "make test-all" in run.read_text()


def test_the_hooks_run_the_projects_own_tools():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    programs = {shlex.split(hook["entry"])[0] for hook in hooks[0]["hooks"]}
    assert all((ROOT / program).exists() for program in programs)
