"""A file that is deflated as it is written, once: its pieces are what Postgres keeps, and together a member of a zip.

Every piece ends at a full byte and refers to nothing before it (RFC 1951, `Z_FULL_FLUSH`). So with a header and a
checksum it is a zlib stream of its own, and pieces one after the other are one deflated stream.
"""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from isal import isal_zlib

from misconduct.queries.files import PIECE_BYTES
from misconduct.register.temporary_folder import naming_temporary_folder, unfinished_files

LEVEL = 2  # of ISA-L, three times as quick as the first of zlib and a tenth shorter
WORTH_IT = 0.8  # of its length: bundles, and Parquet files that are not small, are compressed already
MOST_WAITING = 8  # pieces, as a batch of figures comes all at once
_HEADER, END = b"\x78\x01", b"\x03\x00"
"""What a zlib stream begins with (RFC 1950), and an empty last block."""


class DeflatedFile:
    """A file that another thread hashes and deflates, piece by piece, to `path`, so that the writer goes on."""

    def __init__(self, path: Path, deflater: Deflater) -> None:
        self.length, self.crc = 0, 0
        self._path, self._deflater, self._sha256 = path, deflater, hashlib.sha256()
        self._written: list[memoryview] = []
        self._room = PIECE_BYTES
        self._lengths: list[tuple[int, int]] = []

    def write(self, data: bytes) -> None:
        """Append bytes."""
        rest = memoryview(data)
        while len(rest) >= self._room:
            self._written.append(rest[: self._room])
            rest = rest[self._room :]
            self._add()
        if rest:
            self._written.append(rest)
            self._room -= len(rest)

    def finish(self) -> DeflatedFile:
        """Write what is left; then the hash and the pieces can be read."""
        if self._written:
            self._add()
        self._deflater.wait()
        return self

    @property
    def sha256(self) -> str:
        """Return the hash of the bytes that were written, in hexadecimal."""
        return self._sha256.hexdigest()

    def deflated(self) -> Iterator[bytes]:
        """Yield the pieces as parts of one deflated stream, without its end."""
        yield from (deflated for _, _, deflated in self._pieces())

    def stored(self) -> Iterator[tuple[int, bytes]]:
        """Yield the length of each piece, and a zlib stream of it, or the piece where that is hardly shorter."""
        for length, adler, deflated in self._pieces():
            pressed = b"".join((_HEADER, deflated, END, adler))
            yield length, pressed if len(pressed) < length * WORTH_IT else zlib.decompress(pressed)

    def _add(self) -> None:
        self._deflater.add(self._deflate, self._written)
        self._written, self._room = [], PIECE_BYTES

    def _deflate(self, parts: list[memoryview]) -> None:
        piece = b"".join(parts)
        self._sha256.update(piece)
        self.crc = isal_zlib.crc32(piece, self.crc)
        self.length += len(piece)
        compress = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -zlib.MAX_WBITS)
        deflated = compress.compress(piece) + compress.flush(isal_zlib.Z_FULL_FLUSH)
        with self._path.open("ab") as file:
            file.write(isal_zlib.adler32(piece).to_bytes(4, "big") + deflated)
        self._lengths.append((len(piece), len(deflated)))

    def _pieces(self) -> Iterator[tuple[int, bytes, bytes]]:
        if not self._lengths:
            return
        with self._path.open("rb") as file:
            for length, deflated in self._lengths:
                yield length, file.read(4), file.read(deflated)


class PressedFile:
    """A file that is compressed already, as bundles are: its pieces are stored as they are."""

    def __init__(self, path: Path) -> None:
        self._path, self.length = path, path.stat().st_size
        with path.open("rb") as file:
            self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()

    def stored(self) -> Iterator[tuple[int, bytes]]:
        """Yield the length of each piece, and the piece."""
        with self._path.open("rb") as file:
            yield from ((len(piece), piece) for piece in iter(lambda: file.read(PIECE_BYTES), b""))


class Deflater:
    """Deflate files into a folder, in another thread, one piece after the other."""

    def __init__(self, folder: Path, executor: Executor) -> None:
        self.folder, self._executor, self._count = folder, executor, 0
        self._waiting = deque[Future[None]]()

    def new(self) -> DeflatedFile:
        """Return a file to be written."""
        self._count += 1
        return DeflatedFile(self.folder / f"{self._count}.deflated", self)

    def add(self, deflate: Callable[[list[memoryview]], None], parts: list[memoryview]) -> None:
        """Deflate a piece when those before it are done; wait where too many are not."""
        self.wait(MOST_WAITING - 1)
        self._waiting.append(self._executor.submit(deflate, parts))

    def wait(self, most: int = 0) -> None:
        """Wait until at most that many pieces are to be deflated. Raises what made one of them fail."""
        while len(self._waiting) > most:
            self._waiting.popleft().result()

    def deflate(self, pieces: Iterable[bytes]) -> DeflatedFile:
        """Deflate what some pieces make together."""
        file = self.new()
        for piece in pieces:
            file.write(piece)
        return file.finish()

    def copy(self, path: Path) -> DeflatedFile:
        """Deflate the bytes of a file."""
        with path.open("rb") as file:
            return self.deflate(iter(lambda: file.read(PIECE_BYTES), b""))


@contextmanager
def temporary_deflater() -> Iterator[Deflater]:
    """Open a folder for deflated files, for the block. Raises TemporaryFolderFull."""
    with (
        naming_temporary_folder(),
        unfinished_files(Path(tempfile.gettempdir())) as folder,
        ThreadPoolExecutor(1) as executor,
    ):
        yield Deflater(folder, executor)
