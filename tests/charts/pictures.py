"""Draw every registered chart in every size and theme, and forty queries, into build/pictures: `make pictures`.

Somebody then looks at the contact sheets and says of each picture whether a newspaper would print it.
"""

import shutil
import sys
import tempfile
from html import escape
from pathlib import Path

from PIL import Image

from tests.conftest import ROOT, Service

OUT = ROOT / "build" / "pictures"
SIZES, THEMES = ("narrow", "medium", "wide", "card"), ("light", "dark", "auto")
QUERIES = """
    allegations suspensions vetting cases complaints workforce public-trust
    allegations/by-year observations/by-year observations figures/k7m3q figures/w2rmd figures/h7t7f
    figures/rwj9g figures/f98vd allegations?category=sexual_assault allegations?category=sexual_harassment
    observations?measure=suspended observations?measure=under_review observations?source=police-oracle-2023-met-review
    observations?source=eye-of-media-2023-major-shake-up observations?source=brit-brief-1000-officers-accused
    observations?disagreement=how-many-were-accused observations?disagreement=how-many-were-accused&form=timeline
    allegations?count_once=1 observations?year=2023 allegations?year_from=2022 observations?unit=percent
    observations?value=161 observations?q=hotline suspensions?stock_or_flow=stock observations?part_of=gb7nr
    observations?id=gb7nr,wtzwf,bbdjq,sn9v2 observations?q=rape deaths?year=2019/20 deaths?sort=-value
    deaths/by-year?source=iopc-deaths-in-custody-by-force observations?area=E23000001 observations?measure=proven
    deaths/by-year?area=E23000001&source=iopc-other-deaths-by-force
    allegations/by-year?source=ccrb-force-allegations
    allegations/by-year?source=philadelphia-complaint-findings&category=use_of_force allegations?q=unheard-of
""".split()  # the last one finds nothing, so that there is no picture
GAP, SHEET_WIDTH = 24, 2600


def main() -> None:
    """Start the service, draw, and write the contact sheets."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="misconduct-pictures-") as home:
        Path(home).chmod(0o755)  # the account of the server must be able to enter it
        service = Service(
            Path(home), Path(sys.argv[1]).resolve() if sys.argv[1:] else ROOT / "data"
        )
        try:
            draw_all(service.wait().client)
        finally:
            service.stop()
    print(f"{OUT}/index.html")


def draw_all(client) -> None:
    """Ask for every picture, by the name of its sheet."""
    charts = [f"charts/{one['id']}" for one in client.get("/v1/charts").json()["data"]]
    sheets = {
        f"charts-{size}-{theme}": (charts, size, theme)
        for theme in THEMES
        for size in SIZES
    }
    sheets |= {
        "queries-wide-light": (QUERIES, "wide", "light"),
        "queries-narrow-dark": (QUERIES, "narrow", "dark"),
    }
    rows = []
    for name, (paths, size, theme) in sheets.items():
        found = [(path, draw(client, path, size, theme)) for path in paths]
        write_sheet(
            OUT / f"{name}.png", [file for _, file in found if file.suffix == ".png"]
        )
        rows.append(f"<h2>{name}</h2>")
        rows += [
            f'<figure><figcaption>{escape(path)}</figcaption><img src="{file.name}" width="{size_of(file)}"></figure>'
            if file.suffix != ".txt"
            else f"<p>{escape(path)}: {escape(file.read_text(encoding='utf-8'))}</p>"
            for path, file in found
        ]
    style = "body{font:14px sans-serif;background:#bbb}figure{display:inline-block;vertical-align:top;margin:8px}"
    page = f"<!doctype html><meta charset=utf-8><title>Pictures</title><style>{style}</style>{''.join(rows)}"
    (OUT / "index.html").write_text(page, encoding="utf-8")


def draw(client, path: str, size: str, theme: str) -> Path:
    """Save one picture: as SVG if its theme is `auto`, which PNG cannot have. What is no picture is saved as text."""
    path, _, query = path.partition("?")
    form = "svg" if theme == "auto" else "png"
    answer = client.get(
        f"/v1/{path}.{form}?"
        + "&".join(filter(None, (query, f"size={size}", f"theme={theme}")))
    )
    name = "".join(
        letter if letter.isalnum() else "-" for letter in f"{path}-{query}"
    ).strip("-")
    file = OUT / f"{name}-{size}-{theme}.{form if answer.status_code == 200 else 'txt'}"
    file.write_bytes(answer.content)
    return file


def size_of(file: Path) -> str:
    """Return the width in which a page shows a picture."""
    return next(
        (
            width
            for size, width in (("narrow", "320"), ("medium", "480"))
            if f"-{size}-" in file.name
        ),
        "640",
    )


def write_sheet(path: Path, files: list[Path]) -> None:
    """Put pictures side by side, in rows."""
    if not files:
        return
    places, x, y, high = [], 0, 0, 0
    pictures = [Image.open(file).convert("RGB") for file in files]
    for picture in pictures:
        if x and x + picture.width > SHEET_WIDTH:
            x, y, high = 0, y + high + GAP, 0
        places.append((x, y))
        x, high = x + picture.width + GAP, max(high, picture.height)
    sheet = Image.new("RGB", (SHEET_WIDTH, y + high), "#bbbbbb")
    for picture, place in zip(pictures, places, strict=True):
        sheet.paste(picture, place)
    sheet.save(path)


if __name__ == "__main__":
    main()
