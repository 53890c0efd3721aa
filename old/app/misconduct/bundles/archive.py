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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from misconduct.errors import MisconductError
from misconduct.register.files import RegisterFile, read_text
from misconduct.register.mistakes import Mistakes, Place, Refused
from misconduct.register.temporary_folder import naming_temporary_folder, unfinished_files

EXPLAINED = (zipfile.BadZipFile, RuntimeError, zlib.error)
UNREADABLE = (*EXPLAINED, ValueError, IndexError, EOFError, OverflowError, struct.error)
"""What `zipfile` raises for files that are damaged or not zip files; the messages of the first three say why."""

DAMAGED = "cannot be read as a zip file: it is damaged, or not a zip file; download it again"
MOST_MEMBERS = 10_000
MOST_SWELLING = {zipfile.ZIP_STORED: 1, zipfile.ZIP_DEFLATED: 200}
"""The ways in which bundles are compressed, and how many times its own size one may then hold."""

_HEADER = struct.Struct("<4s5H3L2H")  # of each member; its name and what is extra follow
_ENTRY_BYTES = 46  # of each member in the directory, beside the same two
_IN_EXTRA = 0xFFFFFFFF  # a size of 2 GB or more stands in what is extra

SUMS = "SHA256SUMS"
_NAME = re.compile(r"(?!releases$)(releases/)?[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


@contextmanager
def open_bundle(path: Path) -> Iterator[Path]:
    """Yield the folder that a bundle is, or is unpacked into for the block.

    Raises MisconductError if it is neither, and TemporaryFolderFull if there is no room to unpack it, which says
    nothing of the bundle.
    """
    if path.is_dir():
        yield path.resolve()  # whoever asks may name it by a link, and nothing in it may be one
    elif path.is_file():
        with naming_temporary_folder(), unfinished_files(Path(tempfile.gettempdir())) as folder:
            with _reporting_damage(path), naming_temporary_folder():
                _unpack(path, folder)
            yield folder
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
        members = archive.infolist()
        _require_harmless(path, members)
        (folder / "releases").mkdir()
        for member in members:
            with archive.open(member) as packed, (folder / member.filename).open("xb") as file:
                shutil.copyfileobj(packed, file, 1 << 20)
        _require_one_reading(path, archive)


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


def _require_one_reading(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse what another program may unpack otherwise: one that reads from the front, or knows more extra fields.

    So every byte must be that of a member, of its header, or of the directory at the end, and say what the others do.
    """
    members, at, listed = sorted(archive.infolist(), key=lambda one: one.header_offset), 0, 0
    with path.open("rb") as file:
        for member in members:
            file.seek(at)
            signature, _, flags, method, _, _, crc, *sizes, name, extra = _HEADER.unpack(file.read(_HEADER.size))
            is_named = file.read(name) == member.orig_filename.encode() == member.filename.encode()
            own, in_extra = [member.compress_size, member.file_size], file.read(extra)
            is_same = (signature, flags, method, crc) == (b"PK\3\4", member.flag_bits, member.compress_type, member.CRC)
            is_large = in_extra == _large(own[::-1]) and sizes in (own, [_IN_EXTRA, _IN_EXTRA])
            beyond = own[::-1] if max(own) > zipfile.ZIP64_LIMIT else []
            beyond += [at] if at > zipfile.ZIP64_LIMIT else []
            is_plain = not flags and not member.comment and member.extra in (b"", _large(beyond))
            is_sized = is_large or (sizes == own and not in_extra)
            if not (is_named and is_same and is_sized and is_plain and member.header_offset == at):
                break
            at += _HEADER.size + name + extra + member.compress_size
            listed += _ENTRY_BYTES + name + len(member.extra)
        else:
            file.seek(at + listed)
            ends = [write(len(members), listed, at) for write in (_end, _large_end)]
            if archive.start_dir == at and file.read(1_000) in ends:
                return
    raise MisconductError(
        f"{path} is not a release bundle: it holds more than its directory lists, which some programs would unpack.",
        hint="Download it again from the service.",
    )


def _large(values: Sequence[int]) -> bytes:
    """Return the extra field with what is 2 GB or more."""
    return struct.pack(f"<HH{len(values)}Q", 1, 8 * len(values), *values)


def _end(members: int, size: int, start: int) -> bytes:
    """Return the end of a directory that has a `size` and begins at `start`."""
    return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, members, members, size, min(start, _IN_EXTRA), 0)


def _large_end(members: int, size: int, start: int) -> bytes:
    """Return the end of one that begins at 2 GB or more."""
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, members, members, size, start)
    return end + struct.pack("<4sLQL", b"PK\6\7", 0, start + size, 1) + _end(members, size, start)


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
