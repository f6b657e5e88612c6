"""What an input is, by its name and its first bytes: format, compression, encoding."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any

TEXT, HTML, JSONL, CSV, PARQUET, WARC = "text", "html", "jsonl", "csv", "parquet", "warc"
FORMATS = ("auto", TEXT, HTML, JSONL, CSV, PARQUET, WARC)
DOCUMENTS = (TEXT, HTML)  # a file is one document; of the others it is many records
_NAMES = {
    ".txt": TEXT, ".text": TEXT, ".md": TEXT, ".html": HTML, ".htm": HTML, ".xhtml": HTML, ".jsonl": JSONL,
    ".ndjson": JSONL, ".jl": JSONL, ".csv": CSV, ".tsv": CSV, ".parquet": PARQUET, ".warc": WARC,
}  # fmt: skip
GZIP, ZSTD = "gzip", "Zstandard"
_PACKED_NAMES = {".gz": GZIP, ".zst": ZSTD}
_PACKED_MAGIC = ((b"\x1f\x8b", GZIP), (b"\x28\xb5\x2f\xfd", ZSTD))
_MAGIC = ((b"PAR1", PARQUET), (b"WARC/1.", WARC))
_FOREIGN = ((b"%PDF-", "PDF"), (b"PK\x03\x04", "a zip archive"), (b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"))
_SHOWN = {TEXT: "text", HTML: "HTML", JSONL: "JSONL", CSV: "CSV", PARQUET: "Parquet", WARC: "WARC"}
_EXTRAS = {"pyarrow": ("parquet", "Parquet"), "fastwarc": ("warc", "WARC"), "zstandard": ("zst", ZSTD)}
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD = 1 << 16  # bytes by which an input's format is told
_FIRST_FIELD = re.compile(rb'\{\s*"(?:[^"\\]|\\.)*"\s*:')
_PIECE = 2048  # bytes of Zstandard that are unpacked at once: a few bytes can stand for a hundred kilobytes


class BadInput(ValueError):
    """An input that cannot be read; the text names it, says why, and what to do."""


# --- bytes and texts


def decode(data: bytes, encoding: str | None, name: str) -> tuple[str, str, bool]:
    """(text, encoding, whether a byte order mark stood before it); raises `BadInput`.

    Never guesses: UTF-8, or what a byte order mark or the caller says. A text that would not come back as
    the same bytes is refused.
    """
    bom = b""
    if encoding is None:
        bom, encoding = next(((b, e) for b, e in BOMS if data.startswith(b)), (b"", "utf-8"))
    try:
        encoding = codecs.lookup(encoding).name
        text = data[len(bom) :].decode(encoding)
        same = encoding in {"utf-8", "ascii", "latin-1"} or text.encode(encoding) == data[len(bom) :]
    except UnicodeDecodeError as error:
        hint = "name the right one with --encoding" if encoding != "utf-8" else (
            "name its encoding with --encoding (windows-1252, shift_jis, …)"
        )  # fmt: skip
        raise BadInput(
            f"{name}: is not {encoding}: byte 0x{data[len(bom) + error.start]:02x} at offset "
            f"{len(bom) + error.start}; {hint}"
        ) from None
    except UnicodeEncodeError:
        same = False
    except UnicodeError as error:  # of codecs for other things than texts: idna, undefined
        raise BadInput(f"{name}: is not {encoding}: {error}") from None
    except (LookupError, ValueError):
        raise BadInput(f"{name}: there is no encoding {encoding!r}") from None
    if not same:
        raise BadInput(f"{name}: would not come back as the same bytes in {encoding}; convert it to UTF-8 first")
    return text, encoding, bool(bom)


def encode(text: str, encoding: str, bom: bool) -> bytes:
    mark = next((b for b, e in BOMS if e == encoding), b"") if bom else b""
    return mark + text.encode(encoding)


def utf8_mark(head: bytes, name: str, what: str) -> bytes:
    """The byte order mark of UTF-8 or nothing; raises `BadInput` for that of another encoding."""
    mark, encoding = next(((b, e) for b, e in BOMS if head.startswith(b)), (b"", "utf-8"))
    if encoding != "utf-8":
        raise BadInput(f"{name}: is {encoding}; {_SHOWN[what]} is UTF-8: convert it first (iconv -t utf-8)")
    return mark


# --- names


def packing_by_name(name: str) -> str | None:
    return _PACKED_NAMES.get(Path(name).suffix.lower())


def format_by_name(name: str) -> str | None:
    """The format that a file's name tells, whether the file is packed or not; None where it tells none."""
    path = Path(name)
    return _NAMES.get((path.with_suffix("") if packing_by_name(name) else path).suffix.lower())


def output_name(name: str) -> str:
    """What the output of an input of this name is called inside a folder: the text of a page is no page."""
    packed = Path(name).suffix if packing_by_name(name) else ""
    bare = name.removesuffix(packed)
    kind = format_by_name(name) or ""
    if kind == PARQUET:
        return bare
    new = {HTML: ".txt", WARC: ".jsonl"}.get(kind)
    return str(Path(bare).with_suffix(new)) + packed if new else name


def check_output(name: str, kind: str, target: Path | None) -> None:
    """Raise `BadInput` where an output's name promises another format than it will have."""
    said = format_by_name(target.name) if target is not None else None
    if kind == PARQUET and target is not None and packing_by_name(target.name):
        raise BadInput(
            f"{name}: its output is Parquet, which packs its columns itself; call it {target.with_suffix('')}"
        )
    kind = {HTML: TEXT, WARC: JSONL}.get(kind, kind)
    if target is not None and said is not None and said != kind:
        raise BadInput(f"{name}: its output is {_SHOWN[kind]}, but the name {target} says {_SHOWN[said]}; rename it")


# --- contents


def head_of(source: IO[bytes]) -> bytes:
    """The beginning of an input: its first line that is not blank, as far as that is not very long.

    It is read, not peeked at: what a pipe shows of itself before it is read may be a few bytes.
    """
    head = source.readline(_HEAD)
    while head and not head.removeprefix(codecs.BOM_UTF8).strip() and len(head) < _HEAD:
        line = source.readline(_HEAD)
        head += line
        if not line:
            break
    return head


def format_of(name: str, head: bytes, wanted: str = "auto") -> str:
    """The format of an input by its name and its first bytes; raises `BadInput` for one that is not read."""
    if wanted != "auto":
        return wanted
    foreign = next((what for magic, what in _FOREIGN if head.startswith(magic)), None)
    if foreign is not None:
        raise BadInput(f"{name}: is {foreign}, which is not read; give text, HTML, JSONL, CSV, Parquet or WARC")
    said = format_by_name(name)
    told = next((what for magic, what in _MAGIC if head.startswith(magic)), None)
    if told is not None or said is not None:
        return told or said or TEXT
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if start[:15].lower().startswith((b"<!doctype html", b"<html")):
        return HTML
    if _begins_with_a_record(start, cut=len(head) >= _HEAD and not head.endswith(b"\n")):
        return JSONL
    if Path(name).suffix.lower() == ".json":
        raise BadInput(f"{name}: is JSON, but not one record a line; convert it to JSONL (jq -c '.[]')")
    return TEXT


def _begins_with_a_record(start: bytes, cut: bool) -> bool:
    if cut:  # a line longer than what was looked at
        return _FIRST_FIELD.match(start) is not None
    from cleaner.batch.records import parse_record

    try:
        parse_record(start.decode("utf-8"))
        return True
    except ValueError:
        return False


# --- packed and unpacked


def extra(module: str, name: str) -> Any:
    """A module that comes with an extra; raises `BadInput` where it is not installed."""
    try:
        return import_module(module)
    except ImportError:
        which, what = _EXTRAS[module.partition(".")[0]]
        raise BadInput(
            f'{name}: is {what}, which needs a package more: pip install "article-cleaner[{which}]"'
        ) from None


class Cut(Exception):
    """A packed stream ends early, or is damaged; the message says which."""


class _Unpacked(io.RawIOBase):
    """The bytes of a packed stream; reading raises `Cut` where they cannot be had."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces, self.rest = pieces, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.rest:
            piece = next(self.pieces, None)
            if piece is None:
                return 0
            self.rest = memoryview(piece)
        size = min(len(buffer), len(self.rest))
        buffer[:size], self.rest = self.rest[:size], self.rest[size:]
        return size


def _gunzip(packed: IO[bytes]) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=packed) as stream:
        while True:
            try:
                piece = stream.read1(1 << 17)
            except EOFError:
                raise Cut("the gzip stream ends early; was it cut off on its way?") from None
            except (gzip.BadGzipFile, zlib.error) as error:
                raise Cut(f"the gzip stream is damaged: {error}") from None
            if not piece:
                return
            yield piece


def _unzstd(packed: IO[bytes], zstandard: Any) -> Iterator[bytes]:
    # Not its stream_reader, which takes the end of a stream that was cut off for the end.
    unpacker = None
    while data := packed.read(_PIECE):
        while data:
            unpacker = unpacker or zstandard.ZstdDecompressor().decompressobj()
            try:
                yield unpacker.decompress(data)
            except zstandard.ZstdError as error:
                raise Cut(f"the Zstandard stream is damaged: {error}") from None
            data = unpacker.unused_data
            if unpacker.eof:
                unpacker = None
    if unpacker is not None:
        raise Cut("the Zstandard stream ends early; was it cut off on its way?")


def _packing(head: bytes) -> str | None:
    return next((what for magic, what in _PACKED_MAGIC if head.startswith(magic)), None)


class _Joined(io.RawIOBase):
    """What was read of a stream already, and then the stream."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self.head, self.stream = head, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.head:
            piece, self.head = self.head[: len(buffer)], self.head[len(buffer) :]
        else:
            # What is there, however little: whoever feeds a pipe slowly shall not wait for what it gave.
            read = getattr(self.stream, "read1", self.stream.read)
            piece = read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


@dataclass(frozen=True, slots=True)
class Opened:
    """An input: its name, its format, its bytes unpacked and from their beginning, and its file.

    `raw` is that file where it can be read at any place and is not packed; `packed` is where it is read, for
    telling how far one has come.
    """

    name: str
    kind: str
    head: bytes
    stream: IO[bytes]
    raw: bool
    packed: IO[bytes]


@contextmanager
def opened(name: str, source: IO[bytes], wanted: str = "auto") -> Iterator[Opened]:
    """An open input, looked at; raises `BadInput` for what is not read, `OSError`."""
    magic = b""
    while len(magic) < 4 and (piece := source.read(4 - len(magic))):
        magic += piece
    packing = _packing(magic)
    seekable = source.seekable()
    if seekable:
        source.seek(0)
    stream: IO[bytes] = source if seekable else io.BufferedReader(_Joined(magic, source))
    if packing == GZIP:
        stream = io.BufferedReader(_Unpacked(_gunzip(stream)))
    elif packing == ZSTD:
        stream = io.BufferedReader(_Unpacked(_unzstd(stream, extra("zstandard", name))))
    bare = name[: -len(Path(name).suffix)] if packing and packing_by_name(name) else name
    try:
        head = head_of(stream)
        kind = format_of(bare, head, wanted)
    except Cut as error:
        raise BadInput(f"{name}: {error}") from None
    if packing is None and packing_by_name(name):
        raise BadInput(f"{name}: is not {packing_by_name(name)}, whatever its name says")
    if kind in (PARQUET,) and (packing or not seekable):
        # A table is read from its end: it must be a file, and stand there unpacked.
        stream, seekable, head = _copied(head, stream, name), True, b""
    elif seekable and packing is None:
        source.seek(0)
    else:
        stream = io.BufferedReader(_Joined(head, stream))
    yield Opened(name, kind, head, stream, seekable and packing is None, source)


def _copied(head: bytes, stream: IO[bytes], name: str) -> IO[bytes]:
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - goes with the last reference to it
    copy.write(head)
    try:
        shutil.copyfileobj(stream, copy)
    except Cut as error:
        raise BadInput(f"{name}: {error}") from None
    copy.seek(0)
    return copy


def pack(data: bytes, packing: str | None, name: str = "") -> bytes:
    """Bytes as a whole stream of their own: those of several pieces, one after the other, are a stream too."""
    if packing == GZIP:
        return gzip.compress(data, 6, mtime=0)
    if packing == ZSTD:
        packed: bytes = extra("zstandard", name).ZstdCompressor(level=3).compress(data)
        return packed
    return data
