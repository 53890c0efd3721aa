"""What README and the other documents say is true: their numbers, commands and links."""

import csv
import io
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
BLOCKS = re.findall(r"```console\n(.+?)```", README, re.DOTALL)
COMMANDS = [
    command.split("\n", 1)
    for block in BLOCKS
    for command in re.split(r"^\$ ", block, flags=re.MULTILINE)
    if command.startswith("curl ")
]
"""Each command, with what it answers."""

OFF_DUTY = (
    "suspended_on_a_day,suspended_in_period,restricted_on_a_day,off_duties_on_a_day"
)
SUBJECTS = (
    (
        "count complaints and allegations",
        "/v1/figures.csv?topic=complaints,allegations",
    ),
    (
        "people suspended or on restricted duties",
        f"/v1/figures.csv?indicator={OFF_DUTY}",
    ),
    ("vetting; the others", "/v1/figures.csv?topic=vetting"),
)
"""What README names first, and the figures that it counts there."""


def read_rows(client, address):
    return [*csv.DictReader(io.StringIO(client.get(address).text))]


def test_readme_says_what_is_in_the_register(client):
    words = " ".join(README.split())
    on_misconduct = client.get("/v1").json()["figures"]
    deaths = read_rows(client, "/v1/figures.csv?topic=deaths&columns=area_code,year")
    all_sources = client.get("/v1/sources").json()["data"]
    sources = [one for one in all_sources if one["held"]]
    pages = [one for one in all_sources if one["read"]]
    articles = sum(one["media_type"] == "text/plain" for one in sources)
    assert articles == 5
    tables = f"{len(sources) - articles} published tables, and from {len(pages)} pages"
    misconduct = f"{on_misconduct:,} figures on police misconduct"
    total = client.get("/v1/releases").json()["data"][0]["figures"]
    assert on_misconduct == total - len(deaths)
    for path in ("/", "/about", "/llms.txt"):
        assert misconduct in client.get(path, headers={"Accept": "text/html"}).text
    assert f"{misconduct}, from five articles and {tables}" in words
    said = {subject: len(read_rows(client, address)) for subject, address in SUBJECTS}
    for subject, count in said.items():
        assert f"{count:,} {subject}" in words
    areas = {row["area_code"] for row in deaths} - {"gb_eaw", "several_forces"}
    deadly = f"{len(deaths):,} figures are about deaths during or after police contact in {len(areas)} forces"
    assert deadly in words
    years = sorted(int(row["year"]) for row in deaths if row["year"])
    first, last = (f"{year}/{(year + 1) % 100:02}" for year in (years[0], years[-1]))
    assert f"from {first} to {last}" in words
    release = client.get("/v1").json()["release"]
    assert f"| register | {release} |" in README


@pytest.mark.parametrize(("command", "answer"), COMMANDS)
def test_commands_answer_as_readme_says(service, command, answer):
    here = command.replace("localhost:8000", service.url.removeprefix("http://"))
    assert (
        subprocess.run(
            ["bash", "-c", here], capture_output=True, text=True, check=True
        ).stdout
        == answer
    )


def test_the_version_is_the_same_everywhere():
    [version] = re.findall(
        r'^version = "(.+)"',
        (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert f"| program | {version} |" in README
    assert (
        yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"]
        == version
    )
    assert f"\n## {version} (" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"misconduct-{version}-py3" in (ROOT / "docs/operations.md").read_text(
        encoding="utf-8"
    )


def test_readme_has_five_requests_and_the_evidence_of_one_number():
    assert len(COMMANDS) == 6


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [one for one in links if not (path.parent / one).exists()] == []


def test_contributing_names_files_that_are_there():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    names = re.findall(r"`([\w/]+\.(?:py|md))`", text)
    folders = [ROOT, *(ROOT / "app").iterdir(), ROOT / "app"]
    assert [
        one for one in names if not any((folder / one).exists() for folder in folders)
    ] == []
    assert names
