"""Many documents: text files and JSONL in, the same out, with a log beside them."""

from __future__ import annotations

import codecs
import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]
from pathlib import Path
from typing import IO, Any

from cleaner.edits import LogMismatch
from cleaner.pipeline import LOG_VERSION, Cleaner, Result, digest, restore

TEXT, JSONL = "text", "jsonl"
FORMATS = ("auto", TEXT, JSONL)
_JSONL_NAMES = (".jsonl", ".ndjson", ".jl")
_TEXT_NAMES = (".txt", ".text", ".md")
_NOT_YET = {
    ".html": "HTML", ".htm": "HTML", ".xhtml": "HTML", ".gz": "gzip", ".zst": "Zstandard", ".parquet": "Parquet",
    ".warc": "WARC", ".csv": "CSV",
}  # fmt: skip
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
KNOWN_NAMES = {*_JSONL_NAMES, *_TEXT_NAMES, *_NOT_YET}
_MAGIC = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "Zstandard"), (b"PAR1", "Parquet"), (b"WARC/1.", "WARC"),
          (b"%PDF-", "PDF"), (b"PK\x03\x04", "a zip archive"))  # fmt: skip
_HEAD = 1 << 16  # bytes by which an input's format is told
_FIRST_FIELD = re.compile(rb'\{\s*"(?:[^"\\]|\\.)*"\s*:')


class BadInput(ValueError):
    """An input that cannot be read; the text names it, says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields of a JSONL record hold what."""

    text: str = "text"
    url: str = "url"
    id: str = "id"


@dataclass(slots=True)
class Tally:
    """What a run did."""

    documents: int = 0
    changed: int = 0
    removals: int = 0
    repairs: int = 0
    failed: list[str] = field(default_factory=list)

    def add(self, result: Result) -> None:
        self.documents += 1
        self.changed += bool(result.edits)
        self.removals += len(result.removals)
        self.repairs += len(result.repairs)

    def join(self, other: Tally) -> None:
        """Count what another one has counted, too."""
        self.documents += other.documents
        self.changed += other.changed
        self.removals += other.removals
        self.repairs += other.repairs
        self.failed += other.failed


# --- bytes and texts


def decode(data: bytes, encoding: str | None, name: str) -> tuple[str, str, bool]:
    """(text, encoding, whether a byte order mark stood before it); raises `BadInput`.

    Never guesses: UTF-8, or what a byte order mark or the caller says. A text that would not come back as
    the same bytes is refused.
    """
    bom = b""
    if encoding is None:
        bom, encoding = next(((b, e) for b, e in _BOMS if data.startswith(b)), (b"", "utf-8"))
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
    mark = next((b for b, e in _BOMS if e == encoding), b"") if bom else b""
    return mark + text.encode(encoding)


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


def format_of(name: str, head: bytes, wanted: str) -> str:
    """The format of an input by its name and its first bytes; raises `BadInput` for one that is not read yet."""
    if wanted != "auto":
        return wanted
    suffix = Path(name).suffix.lower()
    other = _NOT_YET.get(suffix) or next((what for magic, what in _MAGIC if head.startswith(magic)), None)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    named = suffix in _TEXT_NAMES or suffix in _JSONL_NAMES
    if other is None and not named and start[:15].lower().startswith((b"<!doctype html", b"<html")):
        other = "HTML"
    if other is not None:
        raise BadInput(f"{name}: is {other}, which this version does not read; give plain text or JSONL")
    cut = len(head) >= _HEAD and not head.endswith(b"\n")
    if suffix in _JSONL_NAMES or (not named and _begins_with_a_record(start, cut)):
        return JSONL
    if suffix == ".json":
        raise BadInput(f"{name}: is JSON, but not one record a line; convert it to JSONL (jq -c '.[]')")
    return TEXT


def _begins_with_a_record(start: bytes, cut: bool) -> bool:
    if cut:  # a line longer than what was looked at
        return _FIRST_FIELD.match(start) is not None
    try:
        parse_record(start.decode("utf-8"))
        return True
    except ValueError:
        return False


@contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when it is whole."""
    if path.is_symlink():  # what it points to is written; the link stays a link
        path = Path(os.path.realpath(path))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder; name a file", str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, f"{path.parent} is a file, not a folder", str(path)) from None
    try:
        if path.exists() and not path.is_file():  # /dev/null, a named pipe: nothing that could be replaced
            with path.open("wb") as out:
                yield out
        else:
            with _replacing(path) as out:
                yield out
    except OSError as error:
        if error.errno and str(error.filename or ".part").endswith(".part"):
            raise OSError(error.errno, error.strerror, str(path)) from None  # the user never named the part
        raise


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    # The name of the part is cut: it must not be too long where the file's own name is not.
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _log_line(about: Mapping[str, Any], **entry: Any) -> bytes:
    """One object of a log file: what the document is, then what was done to it."""
    items = {**about, **entry}.items()
    shown = (f"{json.dumps(key)}: {v if isinstance(v, Source) else json.dumps(v)}" for key, v in items)
    return ("{" + ", ".join(shown) + "}\n").encode()


def clean_file(
    cleaner: Cleaner, data: bytes, name: str, encoding: str | None, url: str | None
) -> tuple[bytes, Result, bytes]:
    """A text file's bytes, cleaned, in the encoding they came in; the result; its line of the log.

    Raises `BadInput`.
    """
    text, encoding, bom = decode(data, encoding, name)
    result = cleaner.clean(text, url=url)
    about = {"id": name, "source": name, "format": TEXT, "encoding": encoding, "bom": bom}
    return encode(result.text, encoding, bom), result, _log_line(about, **result.to_dict())


# --- records


class Source(str):
    """A value as it stood in its line of JSON: 1.10 is not 1.1, and 1e400 has no other way to be written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A line of JSONL, read in place: whatever is not replaced stays byte for byte.

    `fields` has the value of each field, and where in `line` it stands (code points).
    """

    line: str
    fields: Mapping[str, tuple[Any, int, int]]
    end: int  # of the last value, or of the opening brace where there is none

    def get(self, name: str) -> Any:
        return self.fields[name][0] if name in self.fields else None

    def source(self, name: str) -> Source:
        """A field's value as it stands in the line; null where there is none."""
        if name not in self.fields:
            return Source("null")
        _, start, end = self.fields[name]
        return Source(self.line[start:end])

    def replaced(self, values: Mapping[str, Any]) -> str:
        """The line with other values; fields that it does not have are added at its end."""
        changes: list[tuple[int, int, str]] = []
        added: list[str] = []
        for name, value in values.items():
            if name in self.fields:
                _, start, end = self.fields[name]
                changes.append((start, end, _dumps(value)))
            else:
                added.append(f"{_dumps(name)}: {_dumps(value)}")
        if added:
            changes.append((self.end, self.end, (", " if self.fields else "") + ", ".join(added)))
        line = self.line
        for start, end, new in sorted(changes, reverse=True):
            line = line[:start] + new + line[end:]
        return line


def _dumps(value: Any) -> str:
    if isinstance(value, Source):
        return str(value)
    out = json.dumps(value, ensure_ascii=False)
    try:
        out.encode()
    except UnicodeEncodeError:  # a lone surrogate, which only an escape can carry
        return json.dumps(value, ensure_ascii=True)
    return out


# An integer of thousands of digits, which python refuses to read, is still JSON; its value is never needed.
_DECODER = json.JSONDecoder(parse_int=lambda digits: int(digits) if len(digits) < 1000 else float(digits))
_BLANK = " \t\r\n"


def parse_record(whole: str) -> Record:
    """The record in a line; raises `ValueError` where the line holds none."""
    line = whole.rstrip("\r\n")  # or a string that is cut off would be told to hold a line break

    def skip(at: int) -> int:
        while line[at : at + 1] and line[at] in _BLANK:
            at += 1
        return at

    at = skip(0)
    if line[at : at + 1] != "{":
        raise ValueError("is no JSON object")
    fields: dict[str, tuple[Any, int, int]] = {}
    end = at + 1
    at = skip(end)
    while line[at : at + 1] != "}":
        if line[at : at + 1] != '"':
            raise ValueError(f"is broken JSON at character {at}")
        name, at = scanstring(line, at + 1, True)
        at = skip(at)
        if line[at : at + 1] != ":":
            raise ValueError(f"is broken JSON at character {at}")
        start = skip(at + 1)
        try:
            value, end = _DECODER.raw_decode(line, start)
        except RecursionError:
            raise ValueError("is JSON nested too deep") from None
        fields[name] = (value, start, end)
        at = skip(end)
        if line[at : at + 1] == ",":
            at = skip(at + 1)
            if line[at : at + 1] == "}":
                raise ValueError(f"is broken JSON at character {at}")
        elif line[at : at + 1] != "}":
            raise ValueError(f"is broken JSON at character {at}")
    if line[at + 1 :].strip(_BLANK):
        raise ValueError(f"has something behind its JSON at character {at + 1}")
    return Record(whole, fields, end)


def clean_record(cleaner: Cleaner, record: Record, fields: Fields) -> tuple[str, Result | None, str | None]:
    """(the line of the cleaned record, its result or None, what is wrong with it or None)."""
    text, url = record.get(fields.text), record.get(fields.url)
    wrong = None
    if fields.text not in record.fields:
        wrong = f"there is no field {fields.text!r}; name the right one with --text-field"
    elif not isinstance(text, str):
        wrong = f"{fields.text} is {_json_type(text)}, not a string"
    else:
        try:
            result = cleaner.clean(text, url=url if isinstance(url, str) else None)
        except Exception as error:  # one bad document never stops the others
            wrong = unforeseen(error)
        else:
            return record.replaced({fields.text: result.text}) if result.edits else record.line, result, None
    # An error that the record brings along (it may have failed before) is its own, and stays.
    told = {} if record.get("error") else {"error": wrong}
    return record.replaced({fields.text: None, **told}), None, wrong


def unforeseen(error: Exception) -> str:
    """A fault of the program in one line, with the place to look at."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f" in {Path(at.tb_frame.f_code.co_filename).name}:{at.tb_lineno}" if at is not None else ""
    return f"could not be cleaned: {type(error).__name__}{place}: {error} (a fault of cleaner; please report it)"


def _json_type(value: Any) -> str:
    names = {dict: "an object", list: "an array", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def clean_jsonl(
    cleaner: Cleaner, lines: Iterable[bytes], name: str, fields: Fields, tally: Tally,
    out: Callable[[bytes], object], log: Callable[[bytes], object], bad: Callable[[bytes], object],
    seen: Callable[[str, Result], object],
) -> None:  # fmt: skip
    """A record for a record, in order and as a stream; a line that is none goes to `bad`, and its number with it."""
    for number, data in enumerate(lines, 1):
        if number == 1:
            mark = next((e for b, e in _BOMS if data.startswith(b)), "utf-8")
            if mark != "utf-8":
                raise BadInput(f"{name}: is {mark}; JSONL is UTF-8: convert it first (iconv -t utf-8)")
            data = _unmarked(data, out)
        if not data.strip():
            out(data)
            continue
        try:
            record = parse_record(data.decode("utf-8"))
        except ValueError as error:
            reason = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
            tally.failed.append(f"{name}: line {number}: {reason}")
            shown = data.decode("utf-8", "backslashreplace").rstrip("\r\n")
            bad((json.dumps({"source": name, "line": number, "error": reason, "data": shown}) + "\n").encode())
            continue
        line, result, wrong = clean_record(cleaner, record, fields)
        out(line.encode())
        about = {"id": record.source(fields.id), "source": name, "format": JSONL, "record": number,
                 "field": fields.text}  # fmt: skip
        if result is None:
            tally.failed.append(f"{name}: line {number}: {wrong}")
            log(_log_line(about, log=LOG_VERSION, failed=wrong, value=record.source(fields.text)))
            continue
        tally.add(result)
        log(_log_line(about, **result.to_dict()))
        id_ = record.get(fields.id)
        seen(f"{name}: {id_ if id_ is not None else f'line {number}'}", result)


def _unmarked(line: bytes, out: Callable[[bytes], object]) -> bytes:
    """The first line of a file without its byte order mark, which goes straight to `out`."""
    if line.startswith(codecs.BOM_UTF8):
        out(codecs.BOM_UTF8)
    return line.removeprefix(codecs.BOM_UTF8)


# --- the way back


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
        entry = {key: value for key, (value, _, _) in record.fields.items()}
        if "failed" in entry:
            entry["value"] = record.source("value")
        yield entry


@dataclass(slots=True)
class _Part:
    """What a log says of one JSONL file: a hash over its clean texts, and one over the originals."""

    source: str
    field: str
    clean: Any
    original: Any


def restored(clean: IO[bytes], name: str, log: IO[bytes], log_name: str) -> Iterator[bytes]:
    """The original of a cleaned file, in pieces, by its part of a log that may be about many files.

    A file is known by its texts. Where the log has several that ended up with the same ones, the name decides.
    Raises `BadInput` where the log has none that fits, `LogMismatch` where what fits is damaged.
    """
    log = _seekable(log)
    parts: list[_Part] = []
    kinds = set()
    for entry in read_log(log, log_name):
        kinds.add(entry["format"])
        if entry["format"] == JSONL:
            if not parts or parts[-1].source != entry["source"]:
                parts.append(_Part(entry["source"], entry["field"], hashlib.sha256(), hashlib.sha256()))
            failed = "failed" in entry
            parts[-1].clean.update((_FAILED if failed else entry["output"]).encode())
            parts[-1].original.update((entry["value"] if failed else entry["input"]).encode())
    log.seek(0)
    if not kinds:
        raise BadInput(f"{log_name}: the log is empty")
    part = parts[0] if parts else None
    if len(parts) > 1 or len(kinds) > 1:
        clean = _seekable(clean)
        hashes = {part.field: _hash_of_texts(clean, part.field) for part in parts}
        fitting = [part for part in parts if part.clean.digest() == hashes[part.field]]
        best = _closest(name, [p.source for p in fitting], [p.original.digest() for p in fitting])
        part = fitting[best] if best is not None else None
        if part is None and TEXT not in kinds:
            raise _no_entry(name)
    if part is None:
        texts = (entry for entry in read_log(log, log_name) if entry["format"] == TEXT)
        yield restore_text(clean.read(), name, texts)
    else:
        source = part.source
        entries = (e for e in read_log(log, log_name) if e["format"] == JSONL and e["source"] == source)
        yield from restore_jsonl(clean, name, entries)


_FAILED = "failed"


def _seekable(stream: IO[bytes]) -> IO[bytes]:
    if stream.seekable():
        return stream
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - goes with the last reference to it
    shutil.copyfileobj(stream, copy)
    copy.seek(0)
    return copy


def _hash_of_texts(clean: IO[bytes], name_of_field: str) -> bytes | None:
    """The hash by which a part of the log is found, or None for a file that is no JSONL; rewinds the file."""
    found = hashlib.sha256()
    try:
        for number, data in enumerate(clean, 1):
            data = data.removeprefix(codecs.BOM_UTF8) if number == 1 else data
            if data.strip():
                text = parse_record(data.decode("utf-8")).get(name_of_field)
                found.update((digest(text) if isinstance(text, str) else _FAILED).encode())
        return found.digest()
    except ValueError:
        return None
    finally:
        clean.seek(0)


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


def restore_jsonl(clean: Iterable[bytes], name: str, log: Iterator[Mapping[str, Any]]) -> Iterator[bytes]:
    """The records with their original strings, as a stream; raises like `restored`."""
    for number, data in enumerate(clean, 1):
        if number == 1 and data.startswith(codecs.BOM_UTF8):
            yield codecs.BOM_UTF8
            data = data.removeprefix(codecs.BOM_UTF8)
        if not data.strip():
            yield data
            continue
        try:
            record = parse_record(data.decode("utf-8"))
        except ValueError as error:
            raise BadInput(f"{name}: line {number}: {error}") from None
        entry = next(log, None)
        if entry is None:
            raise BadInput(f"{name}: line {number}: the log has no entry for this record")
        name_of_field = entry["field"]
        text = record.get(name_of_field)
        if "failed" in entry:
            if text is not None:
                raise LogMismatch(f"{name}: line {number}: {name_of_field} is not null, as the log has it")
            original = entry["value"]
        elif isinstance(text, str):
            try:
                original = restore(text, entry)
            except LogMismatch as error:
                raise LogMismatch(f"{name}: line {number}: {error}") from None
        else:
            raise BadInput(f"{name}: line {number}: {name_of_field} is no string")
        yield (record.replaced({name_of_field: original}) if original != text else record.line).encode()
    if next(log, None) is not None:
        raise BadInput(f"{name}: has fewer records than the log has entries")
