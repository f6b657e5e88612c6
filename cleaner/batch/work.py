"""What a worker does with a task: documents in; their clean text, their log, and an account of it out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner.batch.formats import (
    CSV,
    DOCUMENTS,
    JSONL,
    PARQUET,
    TEXT,
    WARC,
    BadInput,
    Cut,
    check_output,
    decode,
    encode,
    opened,
    pack,
    packing_by_name,
)
from cleaner.batch.parts import NO_ROOM, written
from cleaner.batch.records import (
    FROM_PAGE,
    LARGEST,
    AnyRecord,
    Record,
    Row,
    Rows,
    Settings,
    Source,
    dumps,
    kind_of,
    layout,
    parse_record,
)
from cleaner.batch.shards import Files, Input, Lines, Pages, Response, Table, Task, TooLong, changed, stamp_of
from cleaner.edits import WHITE_SPACE

if TYPE_CHECKING:
    from cleaner.pipeline import Cleaner, Page, Result

LOG_VERSION = 1
NAMED = 20  # failures that are told one by one
ERRORS_BEGIN = b'{"error": '  # by which an errors file is known
_UNITS = {JSONL: "line", CSV: "row", PARQUET: "row", WARC: "page"}

Show = Callable[[str, "Result"], str]
AtHand = Callable[[int], None]  # told of the number of each record before it is cleaned


@dataclass(slots=True)
class Tally:
    """What a run did."""

    documents: int = 0
    unchanged: int = 0
    repairs: int = 0
    characters: int = 0  # of the documents' texts
    removed: int = 0  # characters
    removals: dict[str, int] = field(default_factory=dict)  # of each category
    failed: int = 0
    named: list[str] = field(default_factory=list)  # the first of them, and why

    def add(self, result: Result) -> None:
        self.documents += 1
        self.unchanged += not result.edits
        size = len(result.text)
        for edit in result.edits:
            size += len(edit.old) - len(edit.new)
            if edit.old and edit.category != WHITE_SPACE:
                self.removals[edit.category] = self.removals.get(edit.category, 0) + 1
                self.removed += len(edit.old)
        self.characters += size
        self.repairs += len(result.repairs)

    def fail(self, reason: str) -> None:
        self.failed += 1
        if len(self.named) < NAMED:
            self.named.append(reason)

    def join(self, other: Tally) -> None:
        """Count what another one has counted, too."""
        self.documents += other.documents
        self.unchanged += other.unchanged
        self.repairs += other.repairs
        self.characters += other.characters
        self.removed += other.removed
        self.removals = dict(Counter(self.removals) + Counter(other.removals))
        self.failed += other.failed
        self.named = (self.named + other.named)[:NAMED]

    def copy(self) -> Tally:
        return Tally(**asdict(self))


class NoRoom(OSError):
    """No other document would fare better: the disk is full, or may not be written."""


@dataclass(slots=True)
class Done:
    """What came of a task. `unusable` says why its whole input is none; `no_room`, why the run is over."""

    out: bytes = b""
    log: bytes = b""
    errors: bytes = b""
    shown: str = ""
    tally: Tally = field(default_factory=Tally)
    unusable: str | None = None
    no_room: tuple[int, str, str] | None = None


def log_line(about: Mapping[str, Any], **entry: Any) -> bytes:
    """One object of a log file: what the document is, then what was done to it."""
    items = {**about, **entry}.items()
    shown = (f"{json.dumps(key)}: {v if isinstance(v, Source) else json.dumps(v)}" for key, v in items)
    return ("{" + ", ".join(shown) + "}\n").encode()


def error_line(reason: str, source: str, **more: Any) -> bytes:
    """One object of an errors file."""
    return log_line({"error": reason, "source": source}, **more)


def unforeseen(error: BaseException) -> str:
    """A fault of the program in one line, with the place to look at."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f" in {Path(at.tb_frame.f_code.co_filename).name}:{at.tb_lineno}" if at is not None else ""
    return f"could not be cleaned: {type(error).__name__}{place}: {error} (a fault of cleaner; please report it)"


class _Stop(Exception):
    """With `strict`, behind the first failure."""


class Worker:
    """Cleans tasks; has all that they share."""

    def __init__(self, cleaner: Cleaner, settings: Settings, show: Show | None = None, silent: bool = False) -> None:
        self.cleaner, self.settings, self.show = cleaner, settings, show
        self.silent = silent  # nothing is written
        self.parts: Path | None = None  # where files are on their way, if somebody looks after what is left there

    def do(self, task: Task, at_hand: AtHand = lambda number: None) -> Done:
        """Never raises but for faults of the program: what is wrong with documents stands in the `Done`."""
        shard = _Shard(self, task, at_hand)
        try:
            shard.run()
        except _Stop:
            pass
        except BadInput as error:
            return Done(unusable=str(error))
        except NoRoom as error:
            shard.done.no_room = (error.errno or 0, error.strerror or "", str(error.filename))
        done = shard.finished()
        if self.silent:
            done.out = b""
        target = task.source.target
        if target is not None and done.out and not isinstance(task.work, Table):
            done.out = pack(done.out, packing_by_name(target.name), str(target))
        done.log = pack(done.log, self.settings.log_packing) if done.log else b""
        return done


class _Shard:
    """One task being done."""

    def __init__(self, worker: Worker, task: Task, at_hand: AtHand) -> None:
        self.worker, self.task, self.at_hand = worker, task, at_hand
        self.cleaner, self.settings = worker.cleaner, worker.settings
        self.fields = worker.settings.fields
        self.done = Done()
        self.out: list[bytes] = []
        self.log: list[bytes] = []
        self.errors: list[bytes] = []
        self.shown: list[str] = []
        self.ahead: dict[int, Result] = {}  # of records that are not yet written

    def run(self) -> None:
        work = self.task.work
        self.out.append(self.task.prefix)
        if isinstance(work, Files):
            for number, entry in enumerate(work.inputs):
                self._file(number, entry, work.stream)
        elif isinstance(work, Lines):
            self._lines(work)
        elif isinstance(work, TooLong):
            if work.length > LARGEST:
                reason = f"has {work.length:,} bytes; a record has {LARGEST:,} at most"
            else:
                reason = "opens a quote that is never closed"
            shown = work.head.decode("utf-8", "backslashreplace")
            self._failed(self.task.record, reason, bytes=work.length, data=shown)
        elif isinstance(work, Table):
            self._table(work)
        elif isinstance(work, Pages):
            for number, page in enumerate(work.pages, self.task.record):
                self._page(number, page)

    def finished(self) -> Done:
        done = self.done
        done.out, done.log, done.errors = b"".join(self.out), b"".join(self.log), b"".join(self.errors)
        done.shown = "".join(self.shown)
        return done

    # --- what all have in common

    def _cleaned(self, name: str, result: Result, entry: bytes) -> None:
        self.log.append(entry)
        self.done.tally.add(result)
        if self.worker.show is not None:
            self.shown.append(self.worker.show(name, result))

    def _failed(self, number: int | None, reason: str, **more: Any) -> None:
        name = self.task.source.name
        unit = _UNITS.get(self._kind(), "record")
        told = f"{name}: {unit} {number}: {reason}" if number is not None else reason
        self.done.tally.fail(told)
        if number is not None:
            more = {"record": number, **more}
        self.errors.append(error_line(reason, name, **more))
        if self.settings.strict:
            raise _Stop

    def _kind(self) -> str:
        work = self.task.work
        if isinstance(work, Lines | TooLong):
            return work.kind
        return {Table: PARQUET, Pages: WARC}.get(type(work), JSONL)

    def _clean(self, number: int, text: Any, html: Any, url: Any) -> Result | str:
        """A document's result, or what is wrong with it."""
        if number in self.task.skip:
            return self.task.skip[number]
        if number in self.ahead:
            return self.ahead.pop(number)
        self.at_hand(number)
        url = url if isinstance(url, str) else None
        try:
            if html is not None:
                return self.cleaner.clean_html(html, url=url, title=self.settings.title)
            return self.cleaner.clean(text, url=url)
        except Exception as error:  # one bad document never stops the others
            if isinstance(error, ValueError) and type(error).__name__ == "PageError":
                return str(error)
            return unforeseen(error)

    # --- documents that are files

    def _file(self, number: int, entry: Input, stream: bytes | None) -> None:
        name = entry.name
        try:
            if stream is not None:
                kind, data = _kind_of(name, stream, self.settings.wanted), stream
            else:
                assert entry.path is not None
                with entry.path.open("rb") as file, opened(name, file, self.settings.wanted) as source:
                    kind = source.kind
                    data = source.stream.read(LARGEST + 1)
                    if entry.stamp is not None and stamp_of(file) != entry.stamp:
                        raise changed(name)
            if kind not in DOCUMENTS:
                raise BadInput(f"{name}: is not what its name says; name its format with --format {kind}")
            check_output(name, kind, entry.target)
            if len(data) > LARGEST:
                raise BadInput(f"{name}: has more than {LARGEST:,} bytes, the most that a document may have")
            self._document(number, entry, kind, data)
        except (BadInput, Cut) as error:
            reason = str(error) if isinstance(error, BadInput) else f"{name}: {error}"
            self._file_failed(name, reason)
        except OSError as error:
            if error.errno in NO_ROOM and error.filename:
                raise NoRoom(error.errno, error.strerror, str(error.filename)) from None
            if isinstance(error, BrokenPipeError):
                raise
            what = f"{error.filename}: " if error.filename else f"{name}: "
            self._file_failed(name, what + (error.strerror or str(error)))

    def _file_failed(self, name: str, reason: str) -> None:
        self.done.tally.fail(reason)
        self.errors.append(error_line(reason.removeprefix(f"{name}: "), name))
        if self.settings.strict:
            raise _Stop

    def _document(self, number: int, entry: Input, kind: str, data: bytes) -> None:
        name, settings = entry.name, self.settings
        about: dict[str, Any] = {"id": name, "source": name, "format": kind}
        if kind == TEXT:
            text, encoding, bom = decode(data, settings.encoding, name)
            result = self._clean(number, text, None, settings.url)
        else:
            html = data if settings.encoding is None else decode(data, settings.encoding, name)[0]
            result = self._clean(number, None, html, settings.url)
            encoding, bom = "utf-8", False
        if isinstance(result, str):
            raise BadInput(f"{name}: {result}")
        about |= {"encoding": encoding, "bom": bom}
        clean = encode(result.text, encoding, bom)
        if entry.target is None:
            self.out.append(clean)
        elif not self.worker.silent:
            with written(entry.target, self.worker.parts) as out:
                out.write(pack(clean, packing_by_name(entry.target.name), str(entry.target)))
        # Counted and logged when it is out, and not before.
        self._cleaned(name, result, log_line(about, **result.to_dict()))

    # --- records

    def _about(self, number: int, id_: Any, kind: str) -> dict[str, Any]:
        return {"id": id_, "source": self.task.source.name, "format": kind, "record": number,
                "field": self.fields.text}  # fmt: skip

    def _record(self, number: int, record: AnyRecord, kind: str) -> tuple[dict[str, Any], bool] | None:
        """(the values that change, whether they are those of a page), or None where nothing does; logs it."""
        fields = self.fields
        text, html = record.get(fields.text), record.get(fields.html)
        is_page = isinstance(html, str) and bool(html.strip())
        result: Result | str
        if is_page or isinstance(text, str):
            result = self._clean(number, text, html if is_page else None, record.get(fields.url))
        elif html is not None and not isinstance(html, str):
            result = f"{fields.html} is {kind_of(html)}, not a string"
        elif fields.text in record:
            result = f"{fields.text} is {kind_of(text)}, not a string"
        else:
            result = f"there is no field {fields.text!r}; name the right one with --text-field"
        about = self._about(number, record.source(fields.id), kind)
        if isinstance(result, str):
            failed = log_line(about, log=LOG_VERSION, failed=result, value=record.source(fields.text))
            self.log.append(failed)
            # An error that the record brings along (it may have failed before) is its own, and stays.
            told = {} if record.get("error") else {"error": result}
            self._failed(number, result, id=record.source(fields.id))
            return {fields.text: None, **told}, False
        id_ = record.get(fields.id)
        unit = f"{_UNITS[kind]} {number}"
        self._cleaned(
            f"{self.task.source.name}: {id_ if id_ not in (None, '') else unit}",
            result,
            log_line(about, **result.to_dict()),
        )
        if is_page:
            return {fields.text: result.text, **_found(result, record)}, True  # type: ignore[arg-type]
        return ({fields.text: result.text}, False) if result.edits else None

    def _lines(self, work: Lines) -> None:
        from cleaner.pipeline import blocks

        data = self._data(work)
        rows = Rows(work.dialect) if work.dialect is not None else None
        without, added = layout(work.dialect.columns, self.settings) if work.dialect is not None else ([], [])
        lines = rows.split(data) if rows is not None else BytesIO(data)
        read = ((number, line, _read(line, rows)) for number, line in enumerate(lines, self.task.record))
        for block in blocks(read, lambda entry: len(entry[1])):
            self._look_ahead([(number, record) for number, _, record in block if isinstance(record, Record | Row)])
            for number, line, record in block:
                if record is None:
                    self.out.append(line)
                    continue
                if isinstance(record, str):
                    self._failed(number, record, data=line.decode("utf-8", "backslashreplace").rstrip("\r\n"))
                    continue
                made = self._record(number, record, work.kind)
                if isinstance(record, Row):
                    values = made[0] if made is not None else {}
                    changes = made is not None or without or added
                    new = record.replaced(values, without, added) if changes else record.line
                elif made is None:
                    new = record.line
                else:
                    drops = made[1] and not self.settings.keep_html
                    new = record.replaced(made[0], [self.fields.html] if drops else ())
                self.out.append(new.encode())

    def _look_ahead(self, records: Sequence[tuple[int, AnyRecord]]) -> None:
        """Clean what texts there are among some records at once; where that fails, each is cleaned by itself."""
        texts: dict[int, tuple[str, str | None]] = {}
        for number, record in records:
            text, url = record.get(self.fields.text), record.get(self.fields.url)
            if isinstance(text, str) and not record.get(self.fields.html) and number not in self.task.skip:
                texts[number] = text, url if isinstance(url, str) else None
        numbers = list(texts)
        with suppress(Exception):  # whose fault it is, is told when that one is cleaned
            results = self.cleaner.clean_block(list(texts.values()), at_hand=lambda at: self.at_hand(numbers[at]))
            self.ahead = dict(zip(numbers, results, strict=True))

    def _data(self, work: Lines) -> bytes:
        if work.data is not None:
            return work.data
        source = self.task.source
        assert source.path is not None
        try:
            with source.path.open("rb") as file:
                file.seek(work.start)
                data = file.read(work.end - work.start)
                if source.stamp is not None and stamp_of(file) != source.stamp:
                    raise changed(source.name)
        except OSError as error:
            raise BadInput(f"{source.name}: {error.strerror}") from None
        return data

    def _page(self, number: int, page: Response) -> None:
        html: bytes | str = page.html
        if page.charset and isinstance(html, bytes):
            with suppress(LookupError, ValueError):  # the page itself may know better
                html = html.decode(page.charset)
        result = page.html if isinstance(page.html, str) else self._clean(number, None, html, page.url)
        record: dict[str, Any] = {"id": page.id, "url": page.url, "crawled": page.crawled}
        about = self._about(number, page.id, WARC)
        text = self.fields.text
        if isinstance(result, str):
            self.log.append(log_line(about, log=LOG_VERSION, failed=result, value=None))
            self.out.append((dumps({**record, text: None, "error": result}) + "\n").encode())
            self._failed(number, result, id=page.id, url=page.url)
            return
        shown: Page = result  # type: ignore[assignment]
        record |= {text: result.text, **{name: getattr(shown, name) for name in FROM_PAGE}}
        self.out.append((dumps(record) + "\n").encode())
        self._cleaned(f"{self.task.source.name}: {page.url}", result, log_line(about, **result.to_dict()))

    # --- tables

    def _table(self, work: Table) -> None:
        from cleaner.batch import tables

        table = tables.load(work.data)
        names = table.schema.names
        without, added = layout(names, self.settings)
        fields = self.fields
        wanted = {fields.text, fields.html, fields.url, fields.id, *FROM_PAGE, tables.ERROR}

        def change(at: int, row: tables.TableRow) -> dict[str, Any]:
            made = self._record(self.task.record + at, row, PARQUET)
            return made[0] if made is not None else {}

        if tables.ERROR not in names:
            added = [*added, tables.ERROR]  # taken away again where no row needs it
        self.out.append(tables.framed(tables.dump(tables.changed_rows(table, wanted, without, added, change))))


def _read(line: bytes, rows: Rows | None) -> Record | Row | str | None:
    """The record in a line, or what is wrong with it; None where there is nothing in it."""
    if not line.strip():
        return None
    try:
        text = line.decode("utf-8")
        return rows.parse(text) if rows is not None else parse_record(text)
    except ValueError as error:
        return "is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def _found(page: Page, record: AnyRecord) -> dict[str, Any]:
    """What a page says of itself and its record does not."""
    return {name: getattr(page, name) for name in FROM_PAGE if record.get(name) in (None, "")}


def _kind_of(name: str, data: bytes, wanted: str) -> str:
    with opened(name, BytesIO(data), wanted) as source:
        return source.kind
