"""One record of many: a line of JSONL or a row of CSV, read in place, so that what is not replaced stays as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, Protocol

FROM_PAGE = ("title", "author", "date", "language")  # what a page says of itself
LARGEST = 32 << 20  # bytes of a record or a document; what is longer is named and not cleaned


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields of a record hold what."""

    text: str = "text"
    html: str = "html"
    url: str = "url"
    id: str = "id"


@dataclass(frozen=True, slots=True)
class Settings:
    """How inputs are read and what becomes of them, whatever their format."""

    fields: Fields = Fields()
    wanted: str = "auto"  # a format of `formats.FORMATS`
    encoding: str | None = None
    url: str | None = None
    title: bool = False
    keep_html: bool = False
    strict: bool = False
    log_packing: str | None = None


class Source(str):
    """A value as it stood in its line of JSON: 1.10 is not 1.1, and 1e400 has no other way to be written."""

    __slots__ = ()


class AnyRecord(Protocol):
    """What the cleaning of a record needs of it."""

    def __contains__(self, name: str) -> bool: ...

    def get(self, name: str) -> Any: ...

    def source(self, name: str) -> Any:
        """A field's value for the log, as it stands in the record; null where there is none."""
        ...


# --- JSON


@dataclass(frozen=True, slots=True)
class Record:
    """A line of JSONL, read in place: whatever is not replaced stays byte for byte.

    `fields` has the value of each field and where in `line` its name and its value begin and the value ends
    (code points).
    """

    line: str
    fields: Mapping[str, tuple[Any, int, int, int]]
    end: int  # of the last value, or of the opening brace where there is none

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def get(self, name: str) -> Any:
        return self.fields[name][0] if name in self.fields else None

    def source(self, name: str) -> Source:
        if name not in self.fields:
            return Source("null")
        _, _, start, end = self.fields[name]
        return Source(self.line[start:end])

    def replaced(self, values: Mapping[str, Any], without: Collection[str] = ()) -> str:
        """The line with other values, and without some fields; those that it does not have are added at its end."""
        changes: list[tuple[int, int, str]] = []
        added: list[str] = []
        for name, value in values.items():
            if name in self.fields:
                _, _, start, end = self.fields[name]
                changes.append((start, end, dumps(value)))
            else:
                added.append(f"{dumps(name)}: {dumps(value)}")
        gone = [self.fields[name] for name in without if name in self.fields]
        if added:
            separator = ", " if len(self.fields) > len(gone) else ""
            changes.append((self.end, self.end, separator + ", ".join(added)))
        changes += [(*self._with_comma(start, end, gone), "") for _, start, _, end in gone]
        line = self.line
        for start, end, new in sorted(changes, key=lambda c: (c[0], c[1]), reverse=True):
            line = line[:start] + new + line[end:]
        return line

    def _with_comma(self, start: int, end: int, gone: Sequence[tuple[Any, int, int, int]]) -> tuple[int, int]:
        """A field's place with the comma that goes with it: the one behind it, or before the last that stays."""
        stays_before = any(f not in gone and f[1] < start for f in self.fields.values())
        if stays_before:
            return self.line.rindex(",", 0, start), end
        behind = re.compile(r"[ \t\r\n]*,[ \t\r\n]*").match(self.line, end)
        return start, behind.end() if behind else end


def dumps(value: Any) -> str:
    """A value as JSON, in characters rather than escapes where UTF-8 can carry them."""
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
    fields: dict[str, tuple[Any, int, int, int]] = {}
    end = at + 1
    at = skip(end)
    while line[at : at + 1] != "}":
        if line[at : at + 1] != '"':
            raise ValueError(f"is broken JSON at character {at}")
        named = at
        name, at = scanstring(line, at + 1, True)
        at = skip(at)
        if line[at : at + 1] != ":":
            raise ValueError(f"is broken JSON at character {at}")
        start = skip(at + 1)
        try:
            value, end = _DECODER.raw_decode(line, start)
        except RecursionError:
            raise ValueError("is JSON nested too deep") from None
        fields[name] = (value, named, start, end)
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


def kind_of(value: Any) -> str:
    """What a value that is no string is, in JSON's words."""
    names = {dict: "an object", list: "an array", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


# --- CSV

_QUOTED = rb'"(?:[^"]|"")*+"'
_DELIMITERS = ",;\t|"


def _cells(delimiter: str) -> bytes:
    """One cell: in quotes, or as far as the next delimiter; what stands behind a closing quote belongs to it."""
    bare = rb"[^" + re.escape(delimiter).encode() + rb"\r\n]*"
    return rb"(?:" + _QUOTED + bare + rb"|(?!\")" + bare + rb")"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the rows of a CSV file are read: its delimiter, and its columns' names."""

    delimiter: str
    columns: tuple[str, ...]

    def with_columns(self, added: Collection[str], without: Collection[str]) -> tuple[str, ...]:
        stay = [name for name in self.columns if name not in without]
        return (*stay, *(name for name in added if name not in stay))


class Rows:
    """Finds and reads the rows of one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        cell = _cells(dialect.delimiter)
        mark = re.escape(dialect.delimiter).encode()
        self._row = re.compile(cell + rb"(?:" + mark + cell + rb")*+(?:\r\n|\n|\r(?!\n))")
        self._last = re.compile(cell + rb"(?:" + mark + cell + rb")*+\r?")
        self._cell = re.compile(cell.decode() + "(?=" + mark.decode() + r"|[\r\n]*\Z)")

    def end(self, data: bytes, ended: bool) -> tuple[int, int]:
        """(where the last whole row of `data` ends, how many rows that are); `ended`: nothing comes behind it."""
        at = count = 0
        while (row := self._row.match(data, at)) is not None and (ended or row.end() < len(data)):
            at = row.end()
            count += 1
        if ended and at < len(data) and (row := self._last.fullmatch(data, at)) is not None:
            return len(data), count + 1
        return at, count

    def split(self, data: bytes) -> list[bytes]:
        """The rows of `data`, which holds whole ones, with their line breaks."""
        out = []
        at = 0
        while at < len(data):
            row = self._row.match(data, at)
            end = row.end() if row is not None else len(data)
            out.append(data[at:end])
            at = end
        return out

    def parse(self, line: str) -> Row:
        """The row in a line; raises `ValueError` where it has not the columns of the others."""
        cells: list[tuple[int, int]] = []
        at = 0
        while (cell := self._cell.match(line, at)) is not None:
            cells.append(cell.span())
            at = cell.end() + 1
            if cell.end() >= len(line) or line[cell.end()] in "\r\n":
                break
        if len(cells) != len(self.dialect.columns):
            raise ValueError(f"has {len(cells)} columns; the first row has {len(self.dialect.columns)}")
        return Row(line, self.dialect, tuple(cells))


@dataclass(frozen=True, slots=True)
class Row:
    """A row of CSV, read in place: cells that are not replaced stay byte for byte."""

    line: str
    dialect: Dialect
    cells: tuple[tuple[int, int], ...]

    def __contains__(self, name: str) -> bool:
        return name in self.dialect.columns

    def get(self, name: str) -> str | None:
        if name not in self.dialect.columns:
            return None
        start, end = self.cells[self.dialect.columns.index(name)]
        return unquoted(self.line[start:end])

    source = get

    def replaced(self, values: Mapping[str, Any], without: Collection[str] = (), added: Collection[str] = ()) -> str:
        """The row with other cells, without some, and with more at its end: those of `added`, empty unless given."""
        mark = self.dialect.delimiter
        out = []
        for name, (start, end) in zip(self.dialect.columns, self.cells, strict=True):
            if name not in without:
                out.append(quoted(values[name], mark) if name in values else self.line[start:end])
        out += [quoted(values.get(name), mark) for name in added]
        return mark.join(out) + self.line[self.cells[-1][1] :]


def unquoted(cell: str) -> str:
    if not cell.startswith('"'):
        return cell
    inner, _, behind = cell[1:].rpartition('"')
    return inner.replace('""', '"') + behind


def quoted(value: str | None, delimiter: str) -> str:
    if value is None:
        return ""
    if any(ch in value for ch in (delimiter, '"', "\n", "\r")) or value != value.strip():
        return '"' + value.replace('"', '""') + '"'
    return value


def dialect_of(header: str, wanted: Collection[str]) -> Dialect:
    """The dialect of a CSV file by its first row: the delimiter that makes one of the `wanted` columns of it.

    Raises `ValueError` where no delimiter does.
    """
    line = header.strip("\r\n")
    seen: tuple[str, ...] = ()
    for delimiter in _DELIMITERS:
        cell = re.compile(_cells(delimiter).decode())
        columns: list[str] = []
        at = 0
        while (found := cell.match(line, at)) is not None:
            columns.append(unquoted(found[0]))
            at = found.end() + 1
            if at > len(line):
                break
        if any(name in columns for name in wanted):
            return Dialect(delimiter, tuple(columns))
        if len(columns) > len(seen):
            seen = tuple(columns)
    raise ValueError(", ".join(seen))


# --- tables of either kind


def layout(columns: Collection[str], settings: Settings) -> tuple[list[str], list[str]]:
    """(the columns of a table that go, those that come): both only where there are pages in it."""
    fields = settings.fields
    if fields.html not in columns:
        return [], []
    added = [name for name in (fields.text, *FROM_PAGE) if name not in columns]
    return ([] if settings.keep_html else [fields.html]), added


def csv_header(header: str, dialect: Dialect, settings: Settings) -> str:
    """The first row of the output of a CSV file."""
    without, added = layout(dialect.columns, settings)
    if not without and not added:
        return header
    row = Rows(dialect).parse(header)
    return row.replaced({name: name for name in added}, without, added)
