"""curl gets what it asks for: compressed, resumed, and an error as an error."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


def curl(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["curl", "--silent", "--show-error", *arguments], capture_output=True, check=False)


@pytest.mark.parametrize("path", ["/v1/observations", "/v1/observations.csv?sort=id", "/v1/observations.csv"])
def test_compressed_is_the_same(real, path):
    plain = curl(f"{real.url}{path}")
    compressed = curl("--compressed", f"{real.url}{path}")
    assert plain.returncode == compressed.returncode == 0
    assert compressed.stdout == plain.stdout == real.client.get(path).content


def test_compressed_is_shorter_on_the_wire(real):
    size = ("--write-out", "%{size_download}", "--output", "/dev/null")
    address = f"{real.url}/v1/observations?limit=1000"
    assert int(curl(*size, "--compressed", address).stdout) < int(curl(*size, address).stdout) / 4


@pytest.mark.parametrize(
    "path",
    [
        "/v1/releases/1.1.0/files/observations.csv",
        "/v1/observations.parquet?detail=full",
        "/v1/releases/1.1.0/bundle.zip",
    ],
)
def test_what_broke_off_is_resumed(real, tmp_path, path):
    whole = real.client.get(path).content
    half = tmp_path / "half"
    half.write_bytes(whole[: len(whole) // 2])
    done = curl(
        "--fail",
        "--continue-at",
        "-",
        "--output",
        half,
        "--write-out",
        "%{http_code} %{size_download}",
        f"{real.url}{path}",
    )
    assert done.stdout.decode() == f"206 {len(whole) - len(whole) // 2}"
    assert half.read_bytes() == whole


def test_what_is_whole_is_left_whole(real, tmp_path):
    path = "/v1/releases/1.1.0/files/observations.csv"
    file = tmp_path / "whole"
    file.write_bytes(real.client.get(path).content)
    curl("--continue-at", "-", "--output", file, f"{real.url}{path}")
    assert file.read_bytes() == real.client.get(path).content


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/observations/bbbbb.csv", "404"),
        ("/v1/nothing.csv", "404"),
        ("/v1/observations.csv?category=nonsense", "422"),
        ("/v1/observations.jsonstat", "406"),
    ],
)
def test_fail_leaves_no_file_and_says_22(real, tmp_path, path, status):
    file = tmp_path / "figures"
    done = curl("--fail", "--output", file, "--write-out", "%{http_code}", f"{real.url}{path}")
    assert (done.returncode, done.stdout.decode(), file.exists()) == (22, status, False)


def test_without_fail_the_problem_says_what_is_wrong(real):
    done = curl("--header", "Accept: text/csv", f"{real.url}/v1/observations?category=sexual_asault")
    assert done.returncode == 0
    assert b'"did_you_mean":"sexual_assault"' in done.stdout
