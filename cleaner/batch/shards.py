"""How inputs are cut into tasks: always at the same places, whoever works on them and however often they are cut."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from cleaner.batch.formats import (
    CSV,
    DOCUMENTS,
    JSONL,
    PARQUET,
    WARC,
    BadInput,
    Cut,
    Opened,
    check_output,
    extra,
    format_by_name,
    opened,
    utf8_mark,
)
from cleaner.batch.records import LARGEST, Dialect, Fields, Rows, Settings, csv_header, dialect_of

SHARD = 4 << 20  # bytes of input that a task has, about
MANY = 256  # files that a task has at most
STDIN = "-"

Stamp = tuple[int, int]  # a file's size and when it was changed last (ns)


@dataclass(frozen=True, slots=True)
class Input:
    """What the caller named or a folder held, where its output goes, and what the file is when the run begins."""

    name: str
    target: Path | None
    stamp: Stamp | None = None
    is_stdin: bool = False

    @property
    def path(self) -> Path | None:
        """The file, or None for standard input."""
        return None if self.is_stdin else Path(self.name)  # there may be millions of them: made when asked for


@dataclass(frozen=True, slots=True)
class Place:
    """How far a run is: an input's number, a position in it as its format counts, its next record's number."""

    source: int = 0
    position: int = 0
    record: int = 1


@dataclass(frozen=True, slots=True)
class Files:
    """Documents that are a file each."""

    inputs: tuple[Input, ...]
    stream: bytes | None = None  # the one that has no file


@dataclass(frozen=True, slots=True)
class Lines:
    """Records that stand one behind the other, as a range of bytes of a file, or as these bytes where it has none."""

    kind: str
    start: int
    end: int
    data: bytes | None = None
    dialect: Dialect | None = None


@dataclass(frozen=True, slots=True)
class TooLong:
    """A record that is longer than `LARGEST`: how it begins, and how many bytes it has."""

    head: bytes
    length: int
    kind: str = JSONL


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a table: an Arrow stream."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """A page of a web archive; `html` is what is wrong with it where it cannot be had."""

    id: str
    url: str
    crawled: str | None
    charset: str | None
    html: bytes | str


@dataclass(frozen=True, slots=True)
class Pages:
    pages: tuple[Response, ...]


Work = Files | Lines | TooLong | Table | Pages


@dataclass(slots=True)
class Task:
    """A piece of work that one worker does at once, and where the run goes on behind it."""

    source: Input
    after: Place
    size: int  # bytes of the input that are done with it, for telling how far one is
    work: Work | None = None
    record: int = 1  # the number of its first record
    prefix: bytes = b""  # what goes out before it
    closes: bool = False  # whether the input ends with it
    problem: str | None = None  # the input cannot be read, or not to its end
    unusable: bool = False  # what came before the problem must not go out either
    waits: bool = False  # whoever feeds the input is slower than we are: this goes out before more is asked for
    skip: dict[int, str] = field(default_factory=dict)  # records that are not cleaned, and why


def stamp_of(file: IO[bytes] | Path) -> Stamp:
    found = file.stat() if isinstance(file, Path) else os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns


def changed(name: str) -> BadInput:
    return BadInput(f"{name}: was changed while it was read; clean it again when it is finished")


def tasks(inputs: Sequence[Input], settings: Settings, stdin: IO[bytes] | None, at: Place) -> Iterator[Task]:
    """The tasks of a run, from `at` on. An input that cannot be read is a task too: one with a problem."""
    number = at.source
    while number < len(inputs):
        if _is_document(inputs[number], settings):
            number = yield from _files(inputs, number, settings)
        else:
            begin = at if number == at.source else Place(number)
            yield from _guarded(inputs[number], settings, stdin, begin)
            number += 1


def _is_document(entry: Input, settings: Settings) -> bool:
    """Whether a file is a single document by its name; what it holds may still say otherwise."""
    said = settings.wanted if settings.wanted != "auto" else format_by_name(entry.name)
    return said in DOCUMENTS and entry.path is not None


def _files(inputs: Sequence[Input], number: int, settings: Settings) -> Generator[Task, None, int]:
    batch: list[Input] = []
    size = 0
    while number < len(inputs) and len(batch) < MANY and size < SHARD and _is_document(inputs[number], settings):
        entry = inputs[number]
        batch.append(entry)
        size += entry.stamp[0] if entry.stamp else 0
        number += 1
    yield Task(batch[0], Place(number), size, Files(tuple(batch)))
    return number


def _guarded(entry: Input, settings: Settings, stdin: IO[bytes] | None, begin: Place) -> Iterator[Task]:
    """The tasks of one input that is read here."""
    behind = Place(begin.source + 1)
    try:
        with ExitStack() as stack:
            if entry.path is None:
                if stdin is None:
                    raise BadInput("standard input is closed")
                file = stdin
            else:
                file = stack.enter_context(entry.path.open("rb"))
                if entry.stamp is not None and stamp_of(file) != entry.stamp:
                    raise changed(entry.name)
            source = stack.enter_context(opened(entry.name, file, settings.wanted))
            check_output(entry.name, source.kind, entry.target)
            if source.kind in DOCUMENTS:
                work = Files((entry,), _all_of(source) if entry.path is None else None)
                yield Task(entry, behind, entry.stamp[0] if entry.stamp else 0, work)
                return
            if settings.encoding or settings.url:
                raise BadInput(
                    f"{entry.name}: --encoding and --url are of single documents; records are UTF-8 and have their "
                    "URLs in --url-field"
                )
            progress = _Progress(source.packed, entry, source.stream)
            yield from _CUTTERS[source.kind](source, entry, settings, begin, progress)
            if entry.stamp is not None and stamp_of(file) != entry.stamp:
                raise changed(entry.name)
            yield Task(entry, behind, progress.rest(), closes=True)
    except Cut as error:
        yield Task(entry, behind, 0, closes=True, problem=f"{entry.name}: {error}; what came before was read")
    except BadInput as error:
        yield Task(entry, behind, 0, closes=True, problem=str(error), unusable=True)
    except OSError as error:
        reason = f"{entry.name}: {error.strerror or error}"
        yield Task(entry, behind, 0, closes=True, problem=reason, unusable=True)


def _all_of(source: Opened) -> bytes:
    try:
        return source.stream.read(LARGEST + 1)
    except Cut as error:
        raise BadInput(f"{source.name}: {error}") from None


class _Progress:
    """How many bytes of a file were read since it was asked last."""

    def __init__(self, packed: IO[bytes], entry: Input, stream: IO[bytes]) -> None:
        self.packed, self.told, self.size = packed, 0, entry.stamp[0] if entry.stamp else None
        self.packs = stream is not packed

    def at(self, read: int) -> int:
        """By what was read of it, or by how far its file is where it is packed."""
        now = self.packed.tell() if self.packs and self.size is not None else read
        new, self.told = max(0, now - self.told), max(now, self.told)
        return new

    def rest(self) -> int:
        return max(0, self.size - self.told) if self.size is not None else 0


# --- lines and rows

Boundary = Callable[
    [bytes, bool], tuple[int, int]
]  # (bytes, nothing comes behind them) -> (end of whole records, how many)


def _line_boundary(data: bytes, ended: bool) -> tuple[int, int]:
    end = len(data) if ended else data.rfind(b"\n") + 1
    return end, data.count(b"\n", 0, end) + (end > 0 and not data.endswith(b"\n", 0, end))


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    data: bytes
    records: int
    too_long: TooLong | None = None
    waits: bool = False


def _waits(stream: IO[bytes]) -> bool:
    """Whether whoever feeds a pipe is slower than we are."""
    try:
        return not select.select([stream], [], [], 0.05)[0]
    except (OSError, ValueError):
        return False


def cut(stream: IO[bytes], boundary: Boundary, at: int, slow: IO[bytes] | None = None) -> Iterator[_Piece]:
    """A stream in pieces of whole records, from where it stands, which is `at`.

    Where nothing comes for a while from `slow`, what is there goes out.
    """
    read = getattr(stream, "read1", stream.read)  # or what comes before a `Cut` would be lost with it
    rest = b""
    want = SHARD
    ended = False
    problem: Cut | None = None
    while True:
        waits = False
        pieces = [rest]
        have = len(rest)
        while have < want and not ended:
            try:
                piece = read(min(want - have, 1 << 20))
            except Cut as error:
                piece, problem = b"", error
            pieces.append(piece)
            have += len(piece)
            ended = not piece
            if slow is not None and piece.endswith(b"\n") and _waits(slow):
                waits = True
                break
        rest = b"".join(pieces)
        if not rest:
            break
        end, records = boundary(rest, ended)
        if end:
            yield _Piece(at, rest[:end], records, waits=waits)
            at, rest, want = at + end, rest[end:], SHARD
        elif not ended and len(rest) < LARGEST:
            want = min(2 * want, LARGEST)
        else:
            length = rest.find(b"\n") + 1
            head, lost = rest[:1000], length
            if length:  # of a row whose quotes never close, the first line
                rest = rest[length:]
            else:
                lost, rest = len(rest), b""
                while not rest and (piece := read(1 << 20)):
                    end = piece.find(b"\n") + 1
                    lost, rest = lost + (end or len(piece)), piece[end:] if end else b""
                    if end and not rest:
                        break
            yield _Piece(at, b"", 1, TooLong(head.partition(b"\n")[0], lost))
            at, want = at + lost, SHARD
    if problem is not None:
        raise problem


def _skip(stream: IO[bytes], size: int, name: str) -> None:
    """Go to a position of a stream that may not know how to."""
    while size > 0:
        piece = stream.read(min(size, 1 << 20))
        if not piece:
            raise changed(name)
        size -= len(piece)


def _lines(source: Opened, entry: Input, settings: Settings, begin: Place, progress: _Progress) -> Iterator[Task]:
    mark = utf8_mark(source.head, entry.name, source.kind)
    dialect: Dialect | None = None
    boundary: Boundary = _line_boundary
    stream = source.stream
    at, prefix = len(mark), mark
    _skip(stream, len(mark), entry.name)
    if source.kind == CSV:
        header = header_of(stream)
        fields = settings.fields
        try:
            dialect = dialect_of(header.decode("utf-8"), (fields.html, fields.text))
        except UnicodeDecodeError:
            raise BadInput(f"{entry.name}: is not UTF-8; convert it first (iconv -t utf-8)") from None
        except ValueError as error:
            if not header.strip():
                raise BadInput(f"{entry.name}: is empty; a CSV file has the names of its columns first") from None
            raise _no_column(entry.name, fields, str(error)) from None
        at += len(header)
        prefix += csv_header(header.decode("utf-8"), dialect, settings).encode()
        boundary = Rows(dialect).end
    if begin.position:
        if source.raw:
            stream.seek(begin.position)
        else:
            _skip(stream, begin.position - at, entry.name)
        at, prefix = begin.position, b""
        progress.at(at)
    record = begin.record
    slow = source.packed if entry.path is None and not source.packed.seekable() else None
    if prefix:  # goes out though there may be no record
        yield Task(entry, Place(begin.source, at, record), 0, prefix=prefix)
    for piece in cut(stream, boundary, at, slow):
        end = piece.start + (piece.too_long.length if piece.too_long else len(piece.data))
        after = Place(begin.source, end, record + piece.records)
        work: Work
        if piece.too_long is not None:
            work = replace(piece.too_long, kind=source.kind)
        else:
            data = None if source.raw and entry.path else piece.data
            work = Lines(source.kind, piece.start, end, data, dialect)
        yield Task(entry, after, progress.at(end), work, record, waits=piece.waits)
        record = after.record


def header_of(stream: IO[bytes]) -> bytes:
    """The first row of a CSV file; a quoted name may hold line breaks."""
    header = b""
    while line := stream.readline(1 << 16):
        header += line
        if header.count(b'"') % 2 == 0 or len(header) > LARGEST:
            break
    return header


# --- tables


def _table(source: Opened, entry: Input, settings: Settings, begin: Place, progress: _Progress) -> Iterator[Task]:
    from cleaner.batch import tables

    size = entry.stamp[0] if entry.stamp else 0
    for start, end, rows, data in tables.read(source.stream, entry.name, SHARD, begin.position):
        if start == end:
            _check_columns(tables.load(data).schema, entry.name, settings, tables.is_text)
            if begin.position:
                continue
        share = size * end // max(1, rows) - size * start // max(1, rows)
        yield Task(entry, Place(begin.source, end, end + 1), share, Table(data), start + 1)
    progress.told = size


def _check_columns(schema: Any, name: str, settings: Settings, is_text: Callable[[Any], bool]) -> None:
    fields = settings.fields
    found = [column for column in (fields.html, fields.text) if column in schema.names]
    if not found:
        raise _no_column(name, fields, ", ".join(schema.names))
    for column in found:
        if not is_text(schema.field(column).type):
            raise BadInput(f"{name}: {column} is a column of {schema.field(column).type}, not of strings")


def _no_column(name: str, fields: Fields, columns: str) -> BadInput:
    return BadInput(
        f"{name}: there is no column {fields.text!r} or {fields.html!r} (columns: {columns}); name the right one "
        "with --text-field"
    )


# --- web archives


class _Archive:
    """A stream as fastwarc wants one; keeps what went wrong for later, for fastwarc does not pass it on."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.at = stream, 0
        self.problem: Cut | None = None
        self.read1 = getattr(stream, "read1", stream.read)

    def read(self, size: int = -1) -> bytes:
        try:
            data: bytes = self.read1(size)
        except Cut as error:
            self.problem = error
            return b""
        self.at += len(data)
        return data

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.at


_PAGES = ("text/html", "application/xhtml+xml")


def _archive(source: Opened, entry: Input, settings: Settings, begin: Place, progress: _Progress) -> Iterator[Task]:
    warc = extra("fastwarc.warc", entry.name)
    _skip(source.stream, begin.position, entry.name)
    stream = _Archive(source.stream)
    pages: list[Response] = []
    size = 0
    number = begin.record
    try:
        for record in warc.ArchiveIterator(stream, record_types=warc.WarcRecordType.response, parse_http=False):
            at = begin.position + record.stream_pos
            if size >= SHARD:
                # This one is read again by whoever goes on here: a place is where a record begins.
                yield Task(
                    entry, Place(begin.source, at, number + len(pages)), progress.at(at), Pages(tuple(pages)), number
                )
                number += len(pages)
                pages, size = [], 0
            page = _page(record)
            if stream.problem is not None:
                break
            if page is not None:
                pages.append(page)
                size += len(page.html)
    except OSError as error:
        stream.problem = stream.problem or Cut(f"is damaged: {error}")
    if pages:
        end = begin.position + stream.at
        yield Task(entry, Place(begin.source, end, number + len(pages)), progress.at(end), Pages(tuple(pages)), number)
    if stream.problem is not None:
        raise stream.problem


def _page(record: Any) -> Response | None:
    """What a response holds, or None where that is no page."""
    length = record.content_length
    record.parse_http()
    kind = (record.http_content_type or "").partition(";")[0].strip().lower()
    if kind not in _PAGES:
        return None
    headers: Mapping[str, str] = record.headers
    id_, url = headers.get("WARC-Record-ID") or "", headers.get("WARC-Target-URI") or ""
    if length > LARGEST:
        html: bytes | str = f"the page has {length:,} bytes; {LARGEST:,} are the most"
    else:
        html = record.reader.read()
        if len(html) < record.content_length:
            html = f"the page is cut: of {record.content_length:,} bytes {len(html):,} are there"
    return Response(id_.strip("<>"), url.strip("<>"), headers.get("WARC-Date"), record.http_charset, html)


_CUTTERS: dict[str, Callable[[Opened, Input, Settings, Place, _Progress], Iterator[Task]]] = {
    JSONL: _lines, CSV: _lines, PARQUET: _table, WARC: _archive,
}  # fmt: skip
