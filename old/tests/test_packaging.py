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

import kubernetes_validate
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from misconduct.serving import GRACE_SECONDS
from misconduct.settings import Settings

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
VARIABLES = {f"MISCONDUCT_{name.upper()}" for name in Settings.model_fields} | {"PORT", "MISCONDUCT_WORKERS"}
NGINX = (ROOT / "deploy/nginx.conf").read_text()
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


def test_no_image_is_run_as_root():
    assert [words[1] for words in STAGES["program"] if words[0] == "USER"] == ["10001:10001"]
    assert [STAGES[image][0][1] for image in ("load", "serve")] == ["program", "program"]


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
    assert command[:2] == ["bash", "-c"]
    assert "GET /healthz " in command[2]


# compose.yaml


SERVED, CONTAINED = ["serve-1", "serve-2"], ["load", "serve-1", "serve-2"]


def environment_of(service: str) -> dict[str, str]:
    return COMPOSE["services"][service]["environment"]


def test_compose_keeps_to_the_schema_of_its_specification():
    command = [ROOT / ".venv/bin/check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "compose.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("service", CONTAINED)
def test_compose_sets_what_the_program_reads(service):
    assert set(environment_of(service)) <= VARIABLES


@pytest.mark.parametrize("service", SERVED)
def test_links_lead_to_the_port_that_is_published(service):
    assert environment_of(service)["MISCONDUCT_BASE_URL"] == "${MISCONDUCT_BASE_URL:-http://localhost:${PORT:-8000}}"
    assert COMPOSE["services"]["cache"]["ports"] == ["${PORT:-8000}:80"]
    assert "PORT" not in environment_of(service)  # which is the one inside
    assert "MISCONDUCT_BASE_URL" not in environment_of("load")  # what it builds names no address


def test_nobody_has_a_secret_that_is_not_theirs_and_none_is_in_the_environment():
    given = {name: service.get("secrets", []) for name, service in COMPOSE["services"].items()}
    passwords = ["postgres_password", "owner_password", "reader_password", "replica_password"]
    assert given == {"postgres": passwords, "replica": ["replica_password"], "load": ["owner_url"],
                     "serve-1": ["reader_url"], "serve-2": ["reader_url"], "cache": []}  # fmt: skip
    environments = [service.get("environment", {}) for service in COMPOSE["services"].values()]
    named = {
        (name, value) for each in environments for name, value in each.items() if "PASSWORD" in name or "URL" in name
    }
    assert {name for name, _ in named} == {
        "POSTGRES_PASSWORD_FILE", "MISCONDUCT_OWNER_URL_FILE", "MISCONDUCT_DATABASE_URL_FILE", "MISCONDUCT_BASE_URL"
    }  # fmt: skip
    mounted = {f"/run/secrets/{name}" for name in COMPOSE["secrets"]}
    assert {value for name, value in named if name.endswith("_FILE")} <= mounted


def test_without_its_profile_compose_starts_no_postgres_and_waits_for_none():
    always = {name: service for name, service in COMPOSE["services"].items() if "profiles" not in service}
    assert set(COMPOSE["services"]) - set(always) == {"postgres", "replica"}
    assert always["load"]["depends_on"] == {"postgres": {"condition": "service_healthy", "required": False}}
    assert all("postgres" not in always[name]["depends_on"] for name in ("serve-1", "serve-2", "cache"))


def test_no_service_of_compose_can_fill_the_disk_of_the_databases():
    for service in COMPOSE["services"].values():
        assert service["logging"] == {"driver": "json-file", "options": {"max-size": "20m", "max-file": "5"}}
    [(folder, size)] = [
        re.fullmatch(r"(\S+):size=(\d+)m", one).groups() for one in COMPOSE["services"]["cache"]["tmpfs"]
    ]
    path, most, free = re.search(r"proxy_cache_path (\S+) .*max_size=(\d+)g min_free=(\d+)m", NGINX).groups()
    assert path.startswith(f"{folder}/")
    assert int(size) > 1024 * int(most) + int(free)


def test_what_compose_mounts_from_the_checkout_is_there():
    volumes = [volume for service in COMPOSE["services"].values() for volume in service.get("volumes", [])]
    mounted = [volume.split(":")[0] for volume in volumes if volume.startswith("./")]
    assert len(mounted) == 4
    assert [path for path in mounted if not (ROOT / path).is_file()] == []
    assert all(os.access(ROOT / path, os.X_OK) for path in mounted if path.endswith(".sh"))


def test_the_cache_of_compose_asks_both_services():
    (script,) = set(re.findall(r"sed '([^']+)' /misconduct\.conf", (ROOT / "compose.yaml").read_text()))
    made = subprocess.run(
        ["sed", script, ROOT / "deploy/nginx.conf"], check=True, capture_output=True, text=True
    ).stdout
    for name in ("serve-1", "serve-2"):
        assert (
            made.count(f"server {name}:8000 max_fails=1 fail_timeout=10s; server {name}:8000 backup max_fails=0;") == 1
        )
    assert "127.0.0.1:8000" not in made


def test_the_secrets_of_compose_are_made_once(tmp_path):
    make = [ROOT / "deploy/make-secrets.sh"]
    assert subprocess.run(make, cwd=tmp_path, check=False).returncode == 0
    assert {path.name for path in (tmp_path / "secrets").iterdir()} == set(COMPOSE["secrets"])
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    owner, reader = ((tmp_path / "secrets" / name).read_text() for name in ("owner_url", "reader_url"))
    password = (tmp_path / "secrets/reader_password").read_text()
    assert reader == f"postgresql://misconduct_reader:{password}@postgres:5432,replica:5432/misconduct\n"
    assert subprocess.run(make, cwd=tmp_path, check=False, capture_output=True).returncode == 1
    assert (tmp_path / "secrets/owner_url").read_text() == owner


@pytest.mark.parametrize("service", CONTAINED)
def test_the_containers_run_on_a_read_only_file_system_without_privileges(service):
    settings = COMPOSE["services"][service]
    assert settings["read_only"]
    assert settings["tmpfs"] == ["/tmp"]
    assert settings["cap_drop"] == ["ALL"]


# Kubernetes


KUBERNETES = {
    (document["kind"], document["metadata"]["name"]): document
    for path in sorted((ROOT / "deploy/kubernetes").glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text())
    if document["kind"] != "Kustomization"
}
PODS = {
    name: KUBERNETES[kind, name]["spec"]["template"]
    for kind, name in (("Deployment", "misconduct"), ("Job", "misconduct-load"))
}


@pytest.mark.parametrize("version", ["1.31", "1.37"])
@pytest.mark.parametrize("kind", KUBERNETES, ids="-".join)
def test_the_manifests_keep_to_the_schemas_of_kubernetes(kind, version):
    kubernetes_validate.validate(KUBERNETES[kind], version, strict=True)


def test_the_manifests_are_all_applied_and_their_images_are_those_of_the_dockerfile():
    folder = ROOT / "deploy/kubernetes"
    applied = yaml.safe_load((folder / "kustomization.yaml").read_text())
    assert {*applied["resources"], "kustomization.yaml"} == {path.name for path in folder.iterdir()}
    used = {pod["spec"]["containers"][0]["image"] for pod in PODS.values()}
    assert used == {image["name"] for image in applied["images"]} == {
        service["image"] for name, service in COMPOSE["services"].items() if name in CONTAINED
    }  # fmt: skip


@pytest.mark.parametrize("name", PODS)
def test_a_pod_has_no_privilege_and_knows_where_its_secrets_are(name):
    pod = PODS[name]["spec"]
    (container,) = pod["containers"]
    assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, 10001)
    assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}
    }  # fmt: skip
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    assert mounts == {"/run/secrets/misconduct": "secrets", "/tmp": "temporary"}
    secret = next(volume["secret"]["secretName"] for volume in pod["volumes"] if volume["name"] == "secrets")
    files = {f"/run/secrets/misconduct/{key}" for key in KUBERNETES["Secret", secret]["stringData"]}
    (variable,) = container["env"]
    assert variable["name"] in VARIABLES
    assert variable["value"] in files


def test_the_manifests_set_what_the_program_reads_and_choose_the_pods_that_there_are():
    assert set(KUBERNETES["ConfigMap", "misconduct"]["data"]) <= VARIABLES
    labels = PODS["misconduct"]["metadata"]["labels"]
    selectors = [KUBERNETES[kind, "misconduct"]["spec"]["selector"] for kind in ("Deployment", "PodDisruptionBudget")]
    assert [one["matchLabels"] for one in selectors] == [labels, labels]
    assert KUBERNETES["Service", "misconduct"]["spec"]["selector"] == labels
    everyone = KUBERNETES["NetworkPolicy", "misconduct"]["spec"]["podSelector"]["matchLabels"]
    assert all(everyone.items() <= pod["metadata"]["labels"].items() for pod in PODS.values())


def test_the_autoscaler_stays_within_the_connections_of_the_reader():
    (limit,) = re.findall(r"CONNECTION LIMIT (\d+)", (ROOT / "app/misconduct/db/roles.sql").read_text())
    workers = int(KUBERNETES["ConfigMap", "misconduct"]["data"]["MISCONDUCT_WORKERS"])
    surge = KUBERNETES["Deployment", "misconduct"]["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
    (container,) = PODS["misconduct"]["spec"]["containers"]
    _, pause = container["lifecycle"]["preStop"]["exec"]["command"]
    assert KUBERNETES["Deployment", "misconduct"]["spec"]["minReadySeconds"] >= int(pause) + GRACE_SECONDS
    most = KUBERNETES["HorizontalPodAutoscaler", "misconduct"]["spec"]["maxReplicas"] + 2 * surge  # as many end
    assert most * workers * Settings.model_fields["pool_size"].default <= int(limit)


def test_probes_ask_what_is_always_answered():
    (container,) = PODS["misconduct"]["spec"]["containers"]
    asked = {name: container[name]["httpGet"]["path"] for name in container if name.endswith("Probe")}
    assert asked == {"startupProbe": "/readyz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}


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


@pytest.mark.parametrize(("recent", "installs"), [("true", "its own"), ("false", "another")])
def test_uv_is_installed_by_the_pip_that_python_has_if_that_is_recent(tmp_path, recent, installs):
    python = make_python(tmp_path, f"""
    install() {{ printf '#!/bin/sh\necho %s > .venv/bin/uv; chmod +x .venv/bin/uv' "$2" > $1; chmod +x $1; }}
    case "$*" in
      "-m venv --without-pip .venv") mkdir -p .venv/bin ;;
      "-m pip --python .venv/bin/python install "*) {recent} && install pip "its own" && ./pip ;;
      "-m venv .venv") install .venv/bin/python another ;;
    esac""")  # fmt: skip
    done = run_make(tmp_path, ".venv/bin/uv", f"PYTHON={python}")
    assert (done.returncode, (tmp_path / ".venv/bin/uv").read_text()) == (0, f"{installs}\n")


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
