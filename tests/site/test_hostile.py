"""The words of a document are shown as words, whatever they are."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from misconduct.releases.folder import read_release
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import NEWEST, ROOT, Service
from .test_pages import BROWSER

BAD = '</p></script><script>alert(1)</script>"&'
TEXTS = {
    "title",
    "subtitle",
    "question",
    "explanation",
    "text",
    "description",
    "publisher",
    "byline",
    "licence",
}
TEXTS |= {
    "label",
    "definition",
    "note",
    "ground",
    "printed",
    "counted",
    "period_printed",
    "hedge",
}


def spoil(row):
    return row | dict.fromkeys(TEXTS & row.keys(), BAD)


@pytest.fixture(scope="module")
def client():
    """A client of a service whose only release has markup in every text."""
    folder = Path(tempfile.mkdtemp(prefix="misconduct-hostile-"))
    folder.chmod(0o755)
    release = read_release(ROOT / "data/releases" / NEWEST)
    records = {
        kind: {one: spoil(row) for one, row in some.items()}
        for kind, some in release.records.items()
    }
    figures = [spoil(row) for row in release.figures]
    spoilt = replace(
        release,
        summary=BAD,
        previous=None,
        figures=figures,
        records=records,
        changes=[],
    )
    (folder / "data/releases").mkdir(parents=True)
    add_to_list(
        folder / "data", write_release(folder / "data/releases" / NEWEST, spoilt)
    )
    service = Service(folder, folder / "data")
    try:
        yield service.wait().client
    finally:
        service.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize(
    "path",
    """/ /search?q=1492 /figures/k7m3q /allegations /disagreements /unpublished /corrections
    /disagreements/how-many-were-accused /unpublished/dismissals /sources /sources/eye-of-media-2024-disclosure
    /codelists/measure /charts /charts/how-many-were-accused /releases /compare?id=k7m3q&id=gb7nr""".split(),
)
def test_markup_in_a_register_is_text(client, path):
    text = client.get(path, headers=BROWSER).text
    assert "alert(1)" in text
    assert "<script>alert" not in text


@pytest.mark.parametrize(
    "path",
    ["/search?q=", "/figures?area=", "/compare?id=k7m3q&id=", "/"],
)
def test_markup_in_a_request_is_text(client, path):
    assert "<script>alert" not in client.get(f"{path}{BAD}", headers=BROWSER).text
