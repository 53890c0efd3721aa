"""The README is true: its commands are run, and answer what it says."""

from __future__ import annotations

import html
import re
import subprocess

import pytest

from tests.conftest import PROJECT

README = (PROJECT / "README.md").read_text()
CONSOLE = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
EXAMPLES = [
    (command, answer) for block in CONSOLE for command, answer in re.findall(r"\$ (.*)\n((?:(?!\$ ).*\n)*)", block)
]


@pytest.mark.parametrize(("command", "answer"), EXAMPLES)
def test_a_command_of_the_readme_answers_what_it_says(real, command, answer):
    local = command.replace("localhost:8000", real.url.removeprefix("http://"))
    done = subprocess.run(["bash", "-c", local], capture_output=True, text=True, check=True)
    assert done.stdout == answer


def test_the_readme_shows_three_requests():
    assert len(EXAMPLES) >= 3


def test_the_frame_of_the_readme_is_as_high_as_the_chart_needs(real):
    [frame] = re.findall(r'<iframe src="[^"]*/v1/charts/([\w-]+)\.html"[^>]* width="(\d+)" height="(\d+)"', README)
    fitting = real.client.get("/oembed", params={"url": f"{real.service.base_url}/charts/{frame[0]}"}).json()
    assert [int(side) for side in frame[1:]] == [fitting["width"], fitting["height"]]


def test_the_picture_of_the_readme_is_the_code_of_its_page(real):
    [picture] = re.findall(r"<picture>.*?</picture>", README, re.DOTALL)
    [slug] = {*re.findall(r"/v1/charts/([\w-]+)\.svg", picture)}
    page = real.client.get(f"/charts/{slug}?way=picture", headers={"Accept": "text/html"}).text
    assert picture in html.unescape(page)


def test_every_chart_that_the_readme_names_is_drawn(real):
    named = re.findall(r"`(/v1/[^`…{}]*\.(?:svg|png)[^`…{}]*)`", README)
    assert len(named) >= 2
    assert {one: real.client.get(one).status_code for one in named} == dict.fromkeys(named, 200)


def test_every_file_that_the_readme_links_to_is_there():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (PROJECT / link).exists()] == []
