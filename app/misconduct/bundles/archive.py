"""Open a bundle as a folder. It may come from a stranger: nothing is unpacked that is not a plain file."""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from misconduct.errors import MisconductError
from misconduct.register.files import RegisterFile, read_text
from misconduct.register.mistakes import Mistakes, Place, Refused

EXPLAINED = (zipfile.BadZipFile, RuntimeError, zlib.error)
UNREADABLE = (*EXPLAINED, ValueError, IndexError, EOFError, OverflowError, struct.error)
"""What `zipfile` raises for files that are damaged or not zip files; the messages of the first three say why."""

DAMAGED = "cannot be read as a zip file: it is damaged, or not a zip file; download it again"
MOST_MEMBERS = 10_000
MOST_SWELLING = {zipfile.ZIP_STORED: 1, zipfile.ZIP_DEFLATED: 200}
"""The ways in which bundles are compressed, and how many times its own size one may then hold."""

_HEADER = struct.Struct("<4s5H3L2H")  # of each member; its name and what is extra follow
_SIZES_BEHIND = 8  # a flag: the sizes stand behind the member
_IN_EXTRA = 0xFFFFFFFF  # a size of 4 GB or more stands in what is extra

SUMS = "SHA256SUMS"
_NAME = re.compile(r"(?!releases$)(releases/)?[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


@contextmanager
def open_bundle(path: Path) -> Iterator[Path]:
    """Yield the folder that a bundle is, or is unpacked into for the block. Raises MisconductError if it is neither."""
    if path.is_dir():
        yield path
    elif path.is_file():
        with tempfile.TemporaryDirectory(prefix="misconduct-") as folder:
            with _reporting_damage(path):
                _unpack(path, Path(folder))
            yield Path(folder)
    else:
        raise MisconductError(f"There is no file or folder {path}.", hint="Name a bundle.zip, or a folder.")


def find_file(folder: Path, name: str) -> RegisterFile | None:
    """Return a plain file of an opened bundle; None if there is none, or only a link."""
    path = folder / name
    is_plain = path.is_file() and not path.is_symlink() and not path.parent.is_symlink()
    return RegisterFile(path, name) if is_plain else None


@contextmanager
def _reporting_damage(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise MisconductError(f"{path} cannot be unpacked: {error.strerror or error}.") from error
        raise MisconductError(f"{path} {DAMAGED}.") from error
    except UNREADABLE as error:
        reason = f" ({str(error)[:200]})" if isinstance(error, EXPLAINED) else ""
        raise MisconductError(f"{path} {DAMAGED}{reason}.") from error


def _unpack(path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        _require_harmless(path, members)
        (folder / "releases").mkdir()
        for member in members:
            with archive.open(member) as packed, (folder / member.filename).open("xb") as file:
                shutil.copyfileobj(packed, file, 1 << 20)
        _require_listed(path, archive)


def _require_harmless(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse zip bombs and odd names. `zipfile` unpacks no more of a member than the size that it declares."""
    names = [member.filename for member in members]
    otherwise = [member.filename for member in members if member.compress_type not in MOST_SWELLING]
    odd = [name for name in names if not _NAME.fullmatch(name)]
    if otherwise or odd:
        raise MisconductError(
            f"{path} is not a release bundle: {(otherwise or odd)[0][:80]!r} is "
            + ("compressed in another way than deflate." if otherwise else "not the name of a file in one."),
            hint="Check the bundle.zip itself, as it was downloaded, or the folder that it was unpacked into.",
        )
    most = max((MOST_SWELLING[member.compress_type] for member in members), default=1) * path.stat().st_size
    is_larger = sum(member.file_size for member in members) > most
    if is_larger or len(members) > MOST_MEMBERS or len(set(names)) < len(names):
        raise MisconductError(
            f"{path} is not a release bundle: it has too many files, one twice, or far more data than its own size."
        )


def _require_listed(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse bytes that the directory at the end does not list: who reads from the front would see other files."""
    end = 0
    with path.open("rb") as file:
        for member in sorted(archive.infolist(), key=lambda one: one.header_offset):
            file.seek(member.header_offset)
            _, _, flags, *_, stored, size, name, extra = _HEADER.unpack(file.read(_HEADER.size))
            is_same = (stored, size) in ((member.compress_size, member.file_size), (_IN_EXTRA, _IN_EXTRA))
            if member.header_offset != end or flags & _SIZES_BEHIND or not is_same:
                break
            end += _HEADER.size + name + extra + member.compress_size
        else:
            if archive.start_dir == end:
                return
    raise MisconductError(
        f"{path} is not a release bundle: it holds more than its directory lists, which some programs would unpack.",
        hint="Download it again from the service.",
    )


def check_sums(folder: Path, mistakes: Mistakes) -> set[str]:
    """Return which files are listed in SHA256SUMS; report any that is missing, not listed, or has another hash."""
    sums = find_file(folder, SUMS)
    if sums is None:
        raise MisconductError(f"The bundle has no file {SUMS}.", hint="Download it again.")
    named = {line[66:]: line[:64] for line in read_text(sums, mistakes).splitlines()}
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {SUMS}
    for name in sorted(present | named.keys()):
        file = find_file(folder, name) if name in present else None
        if file is None:
            mistakes.report_at(Place(SUMS), Refused("absent", f"{name[:80]} is listed here, but is not in the bundle"))
        elif name not in named:
            mistakes.report_at(Place(name), Refused("unexpected_file", f"{SUMS} does not list this file"))
        elif named[name] != file_sha256(file.path):
            mistakes.report_at(Place(name), Refused("changed", f"this file does not have the hash that {SUMS} gives"))
    return named.keys() & present


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
