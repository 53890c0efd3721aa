import html, json, pathlib, re
from .test_pages import BROWSER

def test_new(client):
    base = json.loads(pathlib.Path("/tmp/base_search.json").read_text())
    out = {}
    bad = []
    for q, (heads, card) in base.items():
        try:
            api = client.get("/v1/search", params={"q": q})
            page = client.get("/search", params={"q": q}, headers=BROWSER)
        except Exception as error:
            bad.append((q, repr(error))); continue
        if api.status_code != 200 or page.status_code != 200:
            bad.append((q, api.status_code, page.status_code, api.text[:300])); continue
        body = api.json()
        main = re.search(r"<main.*</main>", page.text, re.DOTALL)[0]
        shown = re.findall(r'<th role="rowheader" scope="row"><a href="/figures/(\w+)', main)
        out[q] = dict(old=heads, card=card, new=[one["id"] for one in body["data"]], read=body["read"], page=shown,
            missing=[(m["reason"], m["detail"], [(n["id"], n["why"], n["shown"]) for n in m["nearest"]], m["try"], m["ask"] and m["ask"]["text"]) for m in body["missing"]],
            notes=[(n["type"], n["id"]) for n in body["notes"]])
    pathlib.Path("/tmp/new_search.json").write_text(json.dumps(out, indent=0))
    pathlib.Path("/tmp/new_bad.json").write_text(json.dumps(bad, indent=0))
