"""Draw PNG from SVG in a process of its own: this one could answer nothing while it draws, for a tenth of a second."""

import asyncio
import io
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context, parent_process

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from misconduct.charts.draw import Picture
from misconduct.charts.svg import CARD, FONTS
from misconduct.errors import TooBusy

MAX_WAITING = 2
WAIT_SECONDS = 2.0
DRAWING_SECONDS = 8
BUSY = "Too many pictures are being drawn as PNG. Please try again in a few seconds, or ask for .svg."
SCALE = 2  # pixels for each pixel of the SVG, so that it is sharp on every screen

KEYWORDS = {
    "title": "Title",
    "description": "Description",
    "publisher": "Author",
    "identifier": "Comment",
    "source": "Source",
    "rights": "Copyright",
    "date": "Creation Time",
    "bibliographicCitation": "Citation",
}
"""What PNG calls the terms of Dublin Core."""


class PngProcess:
    """Draw one PNG at a time. Raises TooBusy if others wait, or if it takes too long."""

    def __init__(self) -> None:
        self._start = partial(ProcessPoolExecutor, 1, mp_context=get_context("spawn"), initializer=end_with_service)
        self._pool = self._start()
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def draw(self, picture: Picture) -> bytes:
        """Return the PNG of a picture. It is twice as large, unless it is a card."""
        if self._waiting >= MAX_WAITING:
            raise TooBusy(BUSY)
        self._waiting += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            raise TooBusy(BUSY) from None
        finally:
            self._waiting -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, encode_png, picture)
        except BrokenProcessPool:
            self._pool = self._start()
            raise TooBusy(BUSY) from None
        finally:
            self._turn.release()

    def stop(self) -> None:
        """End the process, and wait for it: uvicorn ends its workers by a signal, which leaves nothing time to end."""
        self._pool.shutdown(cancel_futures=True)


def end_with_service() -> None:
    """End this process as soon as the service has ended, however that was; Ctrl-C is for the service."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_wait_for_service, daemon=True).start()


def _wait_for_service() -> None:
    if service := parent_process():
        service.join()
        os._exit(0)


def encode_png(picture: Picture) -> bytes:
    """Draw a picture as PNG with a palette. The process ends if that takes longer than `DRAWING_SECONDS`."""
    import resvg_py

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(DRAWING_SECONDS)
    zoom = 1 if (picture.width, picture.height) == CARD else SCALE
    drawn = resvg_py.svg_to_bytes(svg_string=picture.svg, zoom=zoom, skip_system_fonts=True, font_dirs=[str(FONTS)])
    about = PngInfo()
    for term, text in {"title": picture.title, "description": picture.description, **picture.metadata}.items():
        about.add_itxt(KEYWORDS[term], text)
    image, content = Image.open(io.BytesIO(drawn)).convert("RGB").quantize(128), io.BytesIO()
    image.save(content, "PNG", pnginfo=about, optimize=True)
    signal.alarm(0)
    return content.getvalue()
