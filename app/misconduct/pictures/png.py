"""Draw PNG from SVG in a process of its own: this one could answer nothing while it draws, for a tenth of a second."""

import io

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from misconduct.pictures.canvas import FONTS
from misconduct.pictures.drawing import Picture
from misconduct.processes import Processes

DRAWING_SECONDS = 8
LATE = "This picture could not be drawn as PNG in time. Please try again in a few seconds, or ask for .svg."
WIDE_ENOUGH = 1000  # pixels of a card, which is drawn as it is
SCALE = 2  # pixels for each pixel of the SVG, so that it is sharp on every screen

KEYWORDS = {
    "title": "Title",
    "description": "Description",
    "publisher": "Author",
    "identifier": "Comment",
    "source": "Source",
    "relation": "Figures",
    "rights": "Copyright",
    "date": "Creation Time",
    "bibliographicCitation": "Citation",
}
"""What PNG calls the terms of Dublin Core."""


class PngProcess:
    """Draw one PNG at a time."""

    def __init__(self) -> None:
        self._processes = Processes(1, LATE)

    async def draw(self, picture: Picture) -> bytes:
        """Return the PNG of a picture. It is twice as large, unless it is a card. Raises TooBusy."""
        async with self._processes.lent() as process:
            _, png = await process.do(DRAWING_SECONDS, encode_png, picture)
        return png

    def stop(self) -> None:
        """End the process."""
        self._processes.stop()


def encode_png(picture: Picture) -> bytes:
    """Draw a picture as PNG with a palette."""
    import resvg_py

    zoom = SCALE if picture.width < WIDE_ENOUGH else 1
    drawn = resvg_py.svg_to_bytes(
        svg_string=picture.svg,
        zoom=zoom,
        skip_system_fonts=True,
        font_dirs=[str(FONTS)],
    )
    about = PngInfo()
    for term, text in {
        "title": picture.title,
        "description": picture.description,
        **picture.metadata,
    }.items():
        about.add_itxt(KEYWORDS[term], text)
    image, content = (
        Image.open(io.BytesIO(drawn)).convert("RGB").quantize(128),
        io.BytesIO(),
    )
    image.save(content, "PNG", pnginfo=about, optimize=True)
    return content.getvalue()
