"""The reference has a short answer beside each address, written by `pytest tests/site/test_reference.py --record`."""

import json

from ..conftest import NEWEST, ROOT

ANSWERS = ROOT / "app/misconduct/site/templates/answers.html"
ABOUT = "Answers, shortened, beside the addresses of the reference. tests/site/test_reference.py writes them."
BARE = ("operations", "files")
"""Tags of addresses that have no example: probes, and the forms of other addresses as files."""
NOT_JSON = (".bib", ".atom", ".zip", "{file}", "oembed")
EXAMPLES = {  # an address, what to ask, and the keys that are shown
    "/v1": ("/v1", "title questions question url topics id"),
    "/v1/search": (
        "/v1/search?q=officers+suspended+Met",
        "read indicator area data name shown time cite_as",
    ),
    "/v1/indicators": ("/v1/indicators", "data id name topic definition"),
    "/v1/indicators/{id}": (
        "/v1/indicators/complaints?area=gb_nir",
        "data indicator area kind year time value unit shown publisher id",
    ),
    "/v1/areas": ("/v1/areas", "data area_code area within indicators rows"),
    "/v1/areas/{codes}": (
        "/v1/areas/met",
        "areas area_code area data indicator shown time earlier_shown earlier_time",
    ),
    "/v1/{topic}": (
        "/v1/suspensions?area=E23000013",
        "topic id data name area year shown meta total",
    ),
    "/v1/{topic}/by-year": (
        "/v1/deaths/by-year?area=E23000001&year=2018..2019",
        "data name area scope year_is 2018 2019 publisher",
    ),
    "/v1/figures": (
        "/v1/figures?value=1492&columns=id,name,area,shown",
        "data id name area shown meta total",
    ),
    "/v1/figures/{id}": (
        "/v1/figures/k7m3q.json",
        "data name shown evidence publisher exact before standing status since",
    ),
    "/v1/standing": (
        "/v1/standing?id=k7m3q:1492",
        "data id given status doubt print_instead",
    ),
    "/v1/changes": ("/v1/changes?limit=1", "data id type release reason"),
    "/v1/gaps": ("/v1/gaps?area=gb_sct", "data question answer code label time shown"),
    "/v1/notes": ("/v1/notes?type=correction", "data id type printed"),
    "/v1/notes/{id}": (
        "/v1/notes/almost-200-and-196",
        "data type title figure_ids",
    ),
    "/v1/sources": ("/v1/sources", "data id title publisher"),
    "/v1/sources/{id}": (
        "/v1/sources/brit-brief-1000-officers-accused",
        "data id publisher published url held",
    ),
    "/v1/codes": ("/v1/codes?type=absent", "data type code label"),
    "/v1/charts": ("/v1/charts", "data id title"),
    "/v1/charts/{id}": ("/v1/charts/hotline", "chart id title data name shown time"),
    "/v1/releases": ("/v1/releases", "data number day"),
    "/v1/releases/{number}": (f"/v1/releases/{NEWEST}", "data number files name"),
    "POST /v1/check": (
        '{"text": "The Met has 1,492 officers found guilty of a sexual allegation."}',
        "data printed figures id counted differences code suggest",
    ),
}


def shorten(answer, keys):
    """Return the chosen keys of an answer, and the first item of each list. Dots stand for the rest."""
    match answer:
        case dict():
            kept = {
                key: shorten(one, keys) for key, one in answer.items() if key in keys
            }
            return kept if len(kept) == len(answer) else kept | {"…": "…"}
        case [first, *others]:
            return [shorten(first, keys)] + (["…"] if others else [])
        case _:
            return answer


def ask_for(client, path, ask):
    """Ask for an example: of a path that is sent to, with its body."""
    if path.startswith("POST"):
        return client.post("/v1/check", json=json.loads(ask))
    return client.get(ask)


def write_examples(client):
    """Return the template with the answer to each example."""
    lines = [f"{{# {ABOUT} #}}", "{% set ANSWERS = {"]
    for path, (ask, keys) in EXAMPLES.items():
        answer = ask_for(client, path, ask)
        short = shorten(answer.raise_for_status().json(), keys.split())
        text = json.dumps(short, indent=2, ensure_ascii=False)
        text = text.replace('"…": "…"', "…").replace('"…"', "…")
        text = text.replace(str(client.base_url).rstrip("/"), "http://localhost:8000")
        assert not {"'", "\\"} & {*text}, "it would end the text in the template"
        lines.append(f"'{path}': ('{ask}', '{text}'),")
    return "\n".join([*lines, "} %}", ""])


def test_the_reference_has_the_answer_beside_each_address(client, request):
    text = write_examples(client)
    if request.config.getoption("--record"):
        ANSWERS.write_text(text, "utf-8")
    assert text == ANSWERS.read_text("utf-8"), "pytest --record, and read the diff"


def test_each_address_has_an_example(client):
    paths = client.get("/openapi.json").json()["paths"]
    asked = {
        path if method == "get" else f"{method.upper()} {path}"
        for path, operations in paths.items()
        for method, operation in operations.items()
        if not {*BARE} & {*operation["tags"]} and not path.endswith(NOT_JSON)
    }
    assert asked - {"/oembed"} == {*EXAMPLES}
