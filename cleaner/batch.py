"""Many documents: text files and JSONL in, the same out, with a log beside them."""

from __future__ import annotations

import codecs
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]
from pathlib import Path
from typing import IO, Any

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
_MAGIC = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "Zstandard"), (b"PAR1", "Parquet"), (b"WARC/", "WARC"),
          (b"%PDF", "PDF"), (b"PK\x03\x04", "a zip archive"))  # fmt: skip


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
    except LookupError:
        raise BadInput(f"{name}: there is no encoding {encoding!r}") from None
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
    if not same:
        raise BadInput(f"{name}: would not come back as the same bytes in {encoding}; convert it to UTF-8 first")
    return text, encoding, bool(bom)


def encode(text: str, encoding: str, bom: bool) -> bytes:
    mark = next((b for b, e in _BOMS if e == encoding), b"") if bom else b""
    return mark + text.encode(encoding)


def format_of(name: str, head: bytes, wanted: str) -> str:
    """The format of an input by its name and its first bytes; raises `BadInput` for one that is not read yet."""
    if wanted != "auto":
        return wanted
    suffix = Path(name).suffix.lower()
    if suffix in _JSONL_NAMES:
        return JSONL
    other = _NOT_YET.get(suffix) or next((what for magic, what in _MAGIC if head.startswith(magic)), None)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if other is None and suffix not in _TEXT_NAMES and start[:15].lower().startswith((b"<!doctype html", b"<html")):
        other = "HTML"
    if other is not None:
        raise BadInput(f"{name}: is {other}, which this version does not read; give plain text or JSONL")
    if suffix not in _TEXT_NAMES and start.startswith(b"{"):
        try:
            json.loads(start.split(b"\n", 1)[0])
            return JSONL
        except (ValueError, RecursionError):
            pass
    return TEXT


@contextmanager
def written(path: Path | None, fallback: IO[bytes]) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when it is whole; `fallback` where there is no path."""
    if path is None:
        yield fallback
        fallback.flush()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
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
    return (json.dumps({**about, **entry}, ensure_ascii=True) + "\n").encode()


def clean_file(
    cleaner: Cleaner, data: bytes, name: str, encoding: str | None, url: str | None, tally: Tally,
    log: Callable[[bytes], object],
) -> tuple[bytes, Result]:  # fmt: skip
    """A text file's bytes, cleaned, in the encoding they came in; raises `BadInput`."""
    text, encoding, bom = decode(data, encoding, name)
    result = cleaner.clean(text, url=url)
    tally.add(result)
    about = {"id": name, "source": name, "format": TEXT, "encoding": encoding, "bom": bom}
    log(_log_line(about, **result.to_dict()))
    return encode(result.text, encoding, bom), result


# --- records


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

    def replaced(self, **values: Any) -> str:
        """The line with other values; fields that it does not have are added at its end."""
        changes: list[tuple[int, int, str]] = []
        for name, value in values.items():
            if name in self.fields:
                _, start, end = self.fields[name]
                changes.append((start, end, _dumps(value)))
            else:
                comma = ", " if self.fields else ""
                changes.append((self.end, self.end, f"{comma}{_dumps(name)}: {_dumps(value)}"))
        line = self.line
        for start, end, new in sorted(changes, reverse=True):
            line = line[:start] + new + line[end:]
        return line


def _dumps(value: Any) -> str:
    out = json.dumps(value, ensure_ascii=False)
    try:
        out.encode()
    except UnicodeEncodeError:  # a lone surrogate, which only an escape can carry
        return json.dumps(value, ensure_ascii=True)
    return out


_DECODER = json.JSONDecoder()
_BLANK = " \t\r\n"


def parse_record(line: str) -> Record:
    """The record in a line; raises `ValueError` where the line holds none."""

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
    return Record(line, fields, end)


def clean_record(cleaner: Cleaner, record: Record, fields: Fields) -> tuple[str, Result | None, str | None]:
    """(the line of the cleaned record, its result or None, what is wrong with it or None)."""
    text, url = record.get(fields.text), record.get(fields.url)
    if not isinstance(text, str):
        what = f"{fields.text} is {_json_type(text)}, not a string" if fields.text in record.fields else (
            f"there is no field {fields.text!r}; name the right one with --text-field"
        )  # fmt: skip
        return record.replaced(**{fields.text: None, "error": what}), None, what
    result = cleaner.clean(text, url=url if isinstance(url, str) else None)
    line = record.replaced(**{fields.text: result.text}) if result.edits else record.line
    return line, result, None


def _json_type(value: Any) -> str:
    names = {dict: "an object", list: "an array", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def clean_jsonl(
    cleaner: Cleaner, lines: IO[bytes], name: str, fields: Fields, tally: Tally,
    out: Callable[[bytes], object], log: Callable[[bytes], object], bad: Callable[[bytes], object],
    seen: Callable[[str, Result], object],
) -> None:  # fmt: skip
    """A record for a record, in order and as a stream; a line that is none goes to `bad`, and its number with it."""
    for number, data in enumerate(lines, 1):
        if number == 1:
            data = data.removeprefix(codecs.BOM_UTF8)
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
        id_ = record.get(fields.id)
        about = {"id": id_, "source": name, "format": JSONL, "record": number, "field": fields.text}
        if result is None:
            tally.failed.append(f"{name}: line {number}: {wrong}")
            log(_log_line(about, log=LOG_VERSION, failed=wrong, value=record.get(fields.text)))
            continue
        tally.add(result)
        log(_log_line(about, **result.to_dict()))
        seen(f"{name}: {id_ if id_ is not None else f'line {number}'}", result)


# --- the way back


def read_log(lines: Iterable[bytes], name: str) -> Iterator[dict[str, Any]]:
    """The entries of a log file; raises `BadInput` where a line is none."""
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            raise BadInput(f"{name}: is no log: line {number} is not JSON") from None
        if not isinstance(entry, dict) or "log" not in entry:
            raise BadInput(f"{name}: line {number}: is no log entry")
        yield entry


def restore_text(clean: bytes, name: str, log: Iterable[Mapping[str, Any]]) -> bytes:
    """The original bytes of a cleaned text file, by the entry of the log that was written for it.

    Raises `BadInput` where the log has none that fits, `LogMismatch` where the one that fits is damaged.
    """
    for entry in log:
        try:
            text, encoding, bom = decode(clean, None if entry["bom"] else entry["encoding"], name)
        except BadInput:
            continue
        if digest(text) == entry["output"]:
            return encode(restore(text, entry), encoding, bom)
    raise BadInput(f"{name}: the log has no entry for this text; was it changed since it was cleaned?")


def restore_jsonl(clean: Iterable[bytes], name: str, log: Iterator[Mapping[str, Any]]) -> Iterator[bytes]:
    """The records with their original strings, as a stream; raises like `restore_text`."""
    for number, data in enumerate(clean, 1):
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
            original = entry.get("value")
        elif isinstance(text, str):
            original = restore(text, entry)
        else:
            raise BadInput(f"{name}: line {number}: {name_of_field} is no string")
        yield (record.replaced(**{name_of_field: original}) if original != text else record.line).encode()
    if next(log, None) is not None:
        raise BadInput(f"{name}: has fewer records than the log has entries")
