"""A file that is deflated as it is written: pieces for Postgres, a member for a zip, and threads that end."""

from __future__ import annotations

import threading
import time
import zlib

import polars
import pytest

from misconduct.model.table import Column
from misconduct.publish import dataset_files, deflated
from misconduct.publish.deflated import END, PressedFile, temporary_deflater

TEXT = b"theft,racism,other\r\n" * 7


@pytest.fixture
def small_pieces(monkeypatch):
    monkeypatch.setattr(deflated, "PIECE_BYTES", 64)


@pytest.mark.parametrize("written", [[TEXT], [TEXT[:1], TEXT[1:130], TEXT[130:]]])
def test_pieces_are_zlib_streams_of_their_own_and_together_one_deflated_stream(small_pieces, written):
    with temporary_deflater() as deflater:
        file = deflater.deflate(written)
        assert [length for length, _ in file.stored()] == [64, 64, 12]
        pieces = [piece if len(piece) == length else zlib.decompress(piece) for length, piece in file.stored()]
        assert pieces == [TEXT[:64], TEXT[64:128], TEXT[128:]]
        assert zlib.decompress(b"".join(file.deflated()) + END, -zlib.MAX_WBITS) == TEXT
        assert (file.length, file.crc) == (140, zlib.crc32(TEXT))
        assert file.sha256 == "34ae856f0c085eef07d84b38b903cab18007067053d87101aab27ddcb8bc5498"


def test_a_piece_that_hardly_becomes_shorter_is_stored_as_it_is():
    with temporary_deflater() as deflater:
        assert list(deflater.deflate([b"x"]).stored()) == [(1, b"x")]
        assert list(deflater.deflate([]).stored()) == []


def test_a_piece_that_could_not_be_deflated_is_told_although_later_ones_were(small_pieces):
    def fail(_: list[memoryview]) -> None:
        raise OSError("No space left on device")

    with temporary_deflater() as deflater:
        file = deflater.new()
        deflater.add(fail, [])
        file.write(TEXT)
        with pytest.raises(OSError, match="No space left"):
            file.finish()


def test_a_file_that_is_compressed_already_is_stored_in_pieces_as_it_is(small_pieces, tmp_path):
    (tmp_path / "file").write_bytes(TEXT)
    file = PressedFile(tmp_path / "file")
    assert list(file.stored()) == [(64, TEXT[:64]), (64, TEXT[64:128]), (12, TEXT[128:])]
    assert (file.length, file.sha256) == (140, "34ae856f0c085eef07d84b38b903cab18007067053d87101aab27ddcb8bc5498")


FRAME = polars.DataFrame({"code": ["a"]}, schema={"code": polars.String()})


@pytest.fixture
def one_column(monkeypatch):
    monkeypatch.setattr(dataset_files, "COLUMNS", (Column("code", "text", "A code."),))


def test_a_table_that_cannot_be_written_is_told_to_who_feeds_it(one_column, tmp_path):
    with dataset_files.ThreadPoolExecutor(1) as threads:
        file = dataset_files._Fed(threads, tmp_path / "absent" / "file", {}, 8)
        for _ in range(2):
            file.append(FRAME)  # one is taken, or waits
        with pytest.raises(OSError, match="No such file"):
            file.finish()


def test_a_table_whose_thread_reads_no_more_is_abandoned_when_it_ends(monkeypatch, tmp_path):
    """And not ten seconds later, for each file of a release."""
    may_end = threading.Event()

    def write(_path, _columns, frames, *_):
        assert not list(frames)
        may_end.wait()

    monkeypatch.setattr(dataset_files, "write_parquet", write)
    with dataset_files.ThreadPoolExecutor(1) as threads:
        file = dataset_files._Fed(threads, tmp_path / "file", {}, 8)
        abandoning = threading.Thread(target=file.abandon, daemon=True)
        abandoning.start()
        while not file._fed.full():
            time.sleep(0.01)
        time.sleep(0.1)
        may_end.set()
        abandoning.join(5)
        assert not abandoning.is_alive()


def test_a_table_that_is_abandoned_ends_its_thread(one_column, tmp_path):
    threads = dataset_files.ThreadPoolExecutor(1)
    file = dataset_files._Fed(threads, tmp_path / "file", {}, 8)
    file.append(FRAME)
    file.abandon()
    threads.shutdown()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]
