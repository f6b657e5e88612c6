"""The way back: a cleaned file and its log in, the original out."""

from __future__ import annotations

import codecs
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cleaner.batch.formats import CSV, DOCUMENTS, JSONL, PARQUET, WARC, BadInput, Opened, decode, encode, opened
from cleaner.batch.parts import Part
from cleaner.batch.records import Record, Row, Rows, Source, dialect_of, parse_record
from cleaner.batch.shards import SHARD, cut, header_of
from cleaner.edits import LogMismatch
from cleaner.pipeline import digest, restore

_FAILED = "failed"
_SHAPES = {JSONL: JSONL, WARC: JSONL, CSV: CSV, PARQUET: PARQUET}  # the form in which a format's clean records stand


def read_log(lines: Iterable[bytes], name: str) -> Iterator[dict[str, Any]]:
    """The entries of a log file; raises `BadInput` where a line is none."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = parse_record(line.decode("utf-8"))
        except ValueError:
            raise BadInput(f"{name}: is no log: line {number} is not JSON") from None
        if "log" not in record.fields:
            raise BadInput(f"{name}: line {number}: is no log entry")
        entry = {key: value for key, (value, *_) in record.fields.items()}
        if "failed" in entry:
            entry["value"] = record.source("value")
        yield entry


@dataclass(slots=True)
class _Part:
    """What a log says of one file of records: a hash over its clean texts, and one over the originals."""

    source: str
    shape: str
    field: str
    clean: Any
    original: Any


def restored(clean: IO[bytes], name: str, log: IO[bytes], log_name: str) -> Iterator[bytes]:
    """The original of a cleaned file, in pieces, by its part of a log that may be about many files.

    A file is known by its texts. Where the log has several that ended up with the same ones, the name decides.
    Raises `BadInput` where the log has none that fits, `LogMismatch` where what fits is damaged.
    """
    with ExitStack() as stack:
        entries = _seekable(stack.enter_context(opened(log_name, log, JSONL)))
        parts: list[_Part] = []
        kinds = set()
        for entry in read_log(entries, log_name):
            kinds.add(entry["format"])
            if entry["format"] in _SHAPES:
                if not parts or parts[-1].source != entry["source"]:
                    shape = _SHAPES[entry["format"]]
                    parts.append(_Part(entry["source"], shape, entry["field"], hashlib.sha256(), hashlib.sha256()))
                failed = "failed" in entry
                parts[-1].clean.update((_FAILED if failed else entry["output"]).encode())
                parts[-1].original.update((entry["value"] if failed else entry["input"]).encode())
        if not kinds:
            raise BadInput(f"{log_name}: the log is empty")
        part = parts[0] if parts else None
        loose = not kinds.isdisjoint(DOCUMENTS)
        wanted = "auto" if loose else part.shape if part is not None else "auto"
        source = stack.enter_context(opened(name, clean, wanted))
        data = _seekable(source)
        if len(parts) > 1 or (parts and loose):
            kinds_of = {(part.shape, part.field) for part in parts}
            hashes = {(shape, field): _hash_of_texts(data, shape, field) for shape, field in kinds_of}
            fitting = [part for part in parts if part.clean.digest() == hashes[part.shape, part.field]]
            best = _closest(name, [p.source for p in fitting], [p.original.digest() for p in fitting])
            part = fitting[best] if best is not None else None
            if part is None and not loose:
                raise _no_entry(name)

        def told() -> Iterator[dict[str, Any]]:
            entries.seek(0)
            return read_log(entries, log_name)

        if part is None:
            yield restore_text(data.read(), name, (entry for entry in told() if entry["format"] in DOCUMENTS))
        else:
            about = part.source
            own = (e for e in told() if e["format"] in _SHAPES and e["source"] == about)
            make = _restored_table if part.shape == PARQUET else _restored_records
            yield from make(data, part.shape, part.field, name, own)


def _seekable(source: Opened) -> IO[bytes]:
    if source.raw:
        return source.stream
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - goes with the last reference to it
    shutil.copyfileobj(source.stream, copy)
    copy.seek(0)
    return copy


def _records(data: IO[bytes], shape: str, field: str) -> Iterator[tuple[bytes, Record | Row | None]]:
    """The lines or rows of a file with the record in each; None for what stays as it is. Raises `ValueError`."""
    mark = data.read(3)
    if mark == codecs.BOM_UTF8:
        yield mark, None
    else:
        data.seek(0)
    if shape == JSONL:
        for line in data:
            yield line, parse_record(line.decode("utf-8")) if line.strip() else None
        return
    header = header_of(data)
    yield header, None
    rows = Rows(dialect_of(header.decode("utf-8"), (field,)))
    for piece in cut(data, rows.end, 0):
        for line in rows.split(piece.data):
            yield line, rows.parse(line.decode("utf-8")) if line.strip() else None


def _hash_of_texts(data: IO[bytes], shape: str, field: str) -> bytes | None:
    """The hash by which a part of the log is found, or None for a file of another shape; rewinds the file."""
    found = hashlib.sha256()

    def add(text: Any) -> None:
        found.update((digest(text) if isinstance(text, str) else _FAILED).encode())

    try:
        if shape == PARQUET:
            from cleaner.batch import tables

            for _, _, _, rows in tables.read(data, "", SHARD, 0):
                for text in tables.load(rows).column(field).to_pylist():
                    add(text)
        else:
            for _, record in _records(data, shape, field):
                if record is not None:
                    add(record.get(field) or (None if shape == CSV else record.get(field)))
        return found.digest()
    except (ValueError, KeyError):
        return None
    finally:
        data.seek(0)


def _closest(name: str, sources: Sequence[str], originals: Sequence[object]) -> int | None:
    """Which of `sources`, whose clean texts are all the same, `name` is most like, from the end of the path.

    None where there is none; raises `BadInput` where it makes a difference and cannot be told.
    """

    def alike(source: str) -> int:
        pairs = zip(reversed(Path(source).parts), reversed(Path(name).parts), strict=False)
        return next((number for number, (a, b) in enumerate(pairs) if a != b), 10**6)

    best = max(map(alike, sources), default=0)
    found = [number for number, source in enumerate(sources) if alike(source) == best]
    if len({originals[number] for number in found}) > 1:
        several = ", ".join(sources[number] for number in found[:3])
        raise BadInput(f"{name}: is the clean text of several originals ({several}); give it the name of its own")
    return found[0] if found else None


def _no_entry(name: str) -> BadInput:
    return BadInput(f"{name}: the log has no entry for this text; was it changed since it was cleaned?")


def restore_text(clean: bytes, name: str, log: Iterable[Mapping[str, Any]]) -> bytes:
    """The original bytes of a cleaned text file, by the entry of the log that was written for it."""
    fitting: list[Mapping[str, Any]] = []
    decoded: dict[str | None, tuple[str, str] | None] = {}
    for entry in log:
        encoding = None if entry["bom"] else entry["encoding"]
        if encoding not in decoded:
            try:
                text = decode(clean, encoding, name)[0]
                decoded[encoding] = (text, digest(text))
            except BadInput:
                decoded[encoding] = None
        known = decoded[encoding]
        if known is not None and known[1] == entry["output"]:
            fitting.append(entry)
    originals = [(e["input"], e["encoding"], e["bom"]) for e in fitting]
    best = _closest(name, [e["source"] for e in fitting], originals)
    if best is None:
        raise _no_entry(name)
    entry = fitting[best]
    text = decode(clean, None if entry["bom"] else entry["encoding"], name)[0]
    return encode(restore(text, entry), entry["encoding"], entry["bom"])


def _original(name: str, number: int, text: Any, entry: Mapping[str, Any], field: str, shape: str) -> Any:
    """What a field held before; raises `LogMismatch` or `BadInput`."""
    if "failed" in entry:
        if text is not None and not (shape == CSV and text == ""):
            raise LogMismatch(f"{name}: line {number}: {field} is not null, as the log has it")
        value: Source = entry["value"]
        return value if shape == JSONL else json.loads(value)
    if not isinstance(text, str):
        raise BadInput(f"{name}: line {number}: {field} is no string")
    try:
        return restore(text, entry)
    except LogMismatch as error:
        raise LogMismatch(f"{name}: line {number}: {error}") from None


def _entry(name: str, number: int, log: Iterator[Mapping[str, Any]]) -> Mapping[str, Any]:
    entry = next(log, None)
    if entry is None:
        raise BadInput(f"{name}: line {number}: the log has no entry for this record")
    return entry


def _at_end(name: str, log: Iterator[Mapping[str, Any]]) -> None:
    if next(log, None) is not None:
        raise BadInput(f"{name}: has fewer records than the log has entries")


def _restored_records(
    data: IO[bytes], shape: str, field: str, name: str, log: Iterator[Mapping[str, Any]]
) -> Iterator[bytes]:
    """The records with their original strings, as a stream; raises like `restored`."""
    number = 0
    try:
        for number, (line, record) in enumerate(_records(data, shape, field), 1):
            if record is None:
                yield line
                continue
            entry = _entry(name, number, log)
            text = record.get(field)
            original = _original(name, number, text, entry, field, shape)
            yield (record.replaced({field: original}) if original != text else record.line).encode()
    except (BadInput, LogMismatch):
        raise
    except ValueError as error:
        raise BadInput(f"{name}: line {number + 1}: {error}") from None
    _at_end(name, log)


def _restored_table(
    data: IO[bytes], shape: str, field: str, name: str, log: Iterator[Mapping[str, Any]]
) -> Iterator[bytes]:
    """The table with its original strings."""
    from cleaner.batch import tables

    with tempfile.TemporaryDirectory(prefix="cleaner.") as folder:
        pieces, whole = (Part(Path(folder, part), Path(folder, part)) for part in ("pieces", "whole"))
        for start, _, _, rows in tables.read(data, name, SHARD, 0):

            def change(at: int, row: tables.TableRow, start: int = start) -> dict[str, Any]:
                number = start + at + 1
                return {field: _original(name, number, row.get(field), _entry(name, number, log), field, shape)}

            pieces.write(tables.framed(tables.dump(tables.changed_rows(tables.load(rows), {field}, [], [], change))))
        _at_end(name, log)
        with Path(folder, "pieces").open("rb") as made:
            tables.assemble(made, whole, failed=False)
        with Path(folder, "whole").open("rb") as file:
            while piece := file.read(1 << 20):
                yield piece
