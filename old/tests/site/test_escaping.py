"""Text of the register is text on every page, whatever it is made of, and never an address that runs."""

from __future__ import annotations

import json

import psycopg
import pytest

from misconduct.settings import Settings
from tests.registers import disagreement_reasons, source_text
from tests.serving import serve
from tests.site.reading import Page, read_page

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(2)>'
HOSTILE = f"{SCRIPT}{IMAGE}"
PAGES = (
    "/", "/datasets", "/datasets/allegations", "/datasets/allegations?category=sexual_assault&value=9", "/look-up?value=116",
    "/look-up?value=9", "/datasets/allegations?publisher=x", "/datasets/allegations?release=1.0.0", "/docs",
)  # fmt: skip
TABLE = """
    category       | year | value | hedge
    sexual_assault | 2021 |   116 |
    sexual_assault | 2022 |   169 |
"""


def codes(name: str, *known: str) -> str:
    rows = [f'{code},1,"{HOSTILE.replace(chr(34), chr(34) * 2)}",A definition.,,The tests' for code in known]
    return "\n".join(["code,version,label,definition,broader,defined_by", *rows, ""])


@pytest.fixture
def hostile(publish):
    """A register in which every text that may be anything is made to run."""
    dataset = {"id": "allegations", "version": 1, "title": HOSTILE, "description": HOSTILE, "measures": ["accused"]}
    disagreement = {"id": "two", "version": 1, "title": HOSTILE, "question": HOSTILE, "explanation": HOSTILE}
    disagreement |= {"members": ["bbbbb", "bbbbc"], "reasons": ["unknown"]}
    disagreement["answers"] = [{"question": HOSTILE, "observation": "bbbbb"}]
    files = {
        "datasets.yaml": json.dumps([{**dataset, "limits": [HOSTILE]}]),
        "disagreements.yaml": json.dumps([disagreement]),
        "caveats.yaml": json.dumps([{"id": "odd", "version": 1, "text": HOSTILE}]),
        "sources/paper.yaml": source_text("paper", title=HOSTILE, publisher=HOSTILE),
        "codelists/category.csv": codes("category", "sexual_assault", "any_misconduct"),
        "codelists/population.csv": codes("population", "officers"),
        "codelists/stated_by.csv": codes("stated_by", "force"),
        **disagreement_reasons(),
    }
    publish(TABLE.replace("| hedge", "| hedge | caveats").replace("|\n", "| | odd\n"), files=files, summary=HOSTILE)


def elements(page: Page) -> list[str]:
    """What could run: scripts that are not ours, and attributes of events."""
    ours = [one for one in page.root.all("script") if one.attributes.get("src", "").startswith("/static/")]
    scripts = ["script" for one in page.root.all("script") if one not in ours or one.inside]
    events = [name for one in page.root.walk() for name in one.attributes if name.startswith("on")]
    return [*scripts, *events, *("img" for one in page.root.all("img") if one.attributes["src"] == "x")]


@pytest.mark.parametrize("address", PAGES)
def test_nothing_of_the_register_becomes_markup(api, hostile, address):
    answer = api.get(address, headers={"Accept": "text/html"})
    assert SCRIPT not in answer.text
    assert IMAGE not in answer.text
    assert elements(Page(answer.text)) == []


def test_the_text_is_shown_as_it_is(api, hostile):
    for address in ("/", "/datasets", "/datasets/allegations", "/look-up?value=116"):
        assert SCRIPT in read_page(api, address).text


def test_an_address_that_runs_is_never_a_link(api, hostile, served, database):
    """The register refuses such an address; this one stands in the database all the same."""
    runs = "javascript:alert(3)"
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("UPDATE records SET content = content || %s WHERE kind = 'source'", [json.dumps({"url": runs})])
    with serve(Settings(database_url=database.reader, owner_url=database.owner, port=8000)) as running:
        for address in ("/", "/datasets/allegations", "/look-up?value=116", "/sources/paper", "/observations/bbbbb"):
            page = Page(running.client.get(address, headers={"Accept": "text/html"}).text)
            addresses = [one.attributes.get(name, "") for one in page.root.walk() for name in ("href", "src", "action")]
            assert [one for one in addresses if one.lower().startswith("javascript:")] == [], address
