"""A run over many inputs: what comes of the tasks is put together in order, checkpoint by checkpoint."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, TextIO

from cleaner.batch.parts import Part, Stream
from cleaner.batch.pool import Pool
from cleaner.batch.shards import MANY, SHARD, Files, Input, Place, Table, Task, tasks
from cleaner.batch.work import ERRORS_BEGIN, Done, Tally, Worker, error_line

if sys.platform != "win32":
    import fcntl

_EVERY = 0.2  # seconds between two lines of progress


class Refused(ValueError):
    """The run cannot begin; the message says why, and what to do."""


class Stopped(Exception):
    """The run was ended before its end; the message says why, and how it is gone on with."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, and where it goes.

    `checkpoint`: a folder where a run that is killed leaves what the next one needs; None where nothing can be
    taken up again. `identity`: all that decides what comes out, apart from the inputs.
    """

    inputs: Sequence[Input]
    jobs: int
    log: Path | None = None
    errors: Path | None = None
    checkpoint: Path | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    restart: bool = False
    stdin: IO[bytes] | None = None
    stdout: Callable[[bytes], object] = lambda data: None


# --- what a killed run leaves to the next one


class _Checkpoint:
    """A folder with the parts of the outputs, and how far they are."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.folder = folder
        if plan.restart and folder.exists():
            self._locked(folder)
            shutil.rmtree(folder)
            self.lock.close()
        folder.mkdir(parents=True, exist_ok=True)
        self._locked(folder)
        identity = {**plan.identity, "inputs": [[entry.name, _hash_of(entry)] for entry in plan.inputs]}
        about = folder / "run.json"
        self.state: dict[str, Any] | None = None
        if about.exists():
            self._compare(json.loads(about.read_text("utf-8")), json.loads(json.dumps(identity)))
            with suppress(FileNotFoundError):
                self.state = json.loads(self._path("state.json").read_text("utf-8"))
        else:
            self._replace("run.json", identity)

    def _locked(self, folder: Path) -> None:
        self.lock = (folder / "lock").open("w")
        if sys.platform == "win32":
            return
        # A worker that outlives this process for a moment must not hold the lock for it.
        os.register_at_fork(after_in_child=self.lock.close)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.lock.close()
            raise Refused(f"{folder.parent}: another run writes here; wait for its end") from None

    def _compare(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        wrong = next((key for key in now if before.get(key) != now[key]), None)
        if wrong is None:
            return
        what = f"other {wrong}"
        if wrong == "inputs":
            old, new = dict(before["inputs"]), dict(now["inputs"])
            names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
            what = f"other inputs ({names[0]} is not what it was)" if names else "inputs in another order"
        self.lock.close()
        raise Refused(
            f"{self.folder}: here stands a run that was not finished, of {what}; give it what it had, or begin anew "
            "with --restart"
        )

    def _path(self, name: str) -> Path:
        return self.folder / name

    def part(self, target: Path, name: str, size: int = 0) -> Part:
        return Part(target, self._path(name), size)

    def _replace(self, name: str, value: Any) -> None:
        new = self._path(name + ".new")
        new.write_text(json.dumps(value), encoding="utf-8")
        new.replace(self._path(name))

    def save(self, state: Mapping[str, Any]) -> None:
        self._replace("state.json", state)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def _hash_of(entry: Input) -> str:
    if entry.path is None:
        return "standard input"
    try:
        with Path(entry.path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return str(error.strerror)


# --- what is seen of it meanwhile


class _Progress:
    """A line on a terminal that tells how far the run is."""

    def __init__(self, out: TextIO | None, size: int | None) -> None:
        self.out = out
        self.size = size
        self.done = self.before = 0  # bytes; those of an earlier run
        self.begun = self.shown = time.monotonic()

    def add(self, size: int, tally: Tally) -> None:
        self.done += size
        now = time.monotonic()
        if self.out is None or now - self.shown < _EVERY:
            return
        self.shown = now
        speed = (self.done - self.before) / (now - self.begun)
        share = 100 * tally.removed / max(1, tally.characters)
        parts = [f"{tally.documents:,} documents", f"{speed / 1e6:.1f} MB/s", f"{share:.1f} % removed",
                 f"{tally.failed:,} errors"]  # fmt: skip
        if self.size:
            left = max(0, self.size - self.done) / max(1.0, speed)
            parts += [f"{100 * min(1.0, self.done / self.size):.0f} %", f"{_clock(left)} left"]
        self.out.write("\r\x1b[K" + "  ".join(parts))
        self.out.flush()

    def clear(self) -> None:
        if self.out is not None:
            self.out.write("\r\x1b[K")
            self.out.flush()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


# --- the run


class _Output:
    """Where the records of one input go."""

    def __init__(self, target: Part | Stream, pieces: Part | None) -> None:
        self.target, self.pieces = target, pieces  # of a table, whose file is made of its pieces at the end

    @property
    def part(self) -> Part | Stream:
        return self.pieces if self.pieces is not None else self.target


class Run:
    """One run of the command: what is shared by its inputs."""

    def __init__(self, plan: Plan, worker: Worker, say: Callable[[str], None], terminal: TextIO | None = None) -> None:
        self.plan, self.worker, self.say = plan, worker, say
        self.tally = Tally()
        self.finished = 0  # inputs that were gone through to their end
        self.begun = time.monotonic()
        self.checkpoint: _Checkpoint | None = None
        self.errors: Part | None = None
        self.held = b""  # errors that are not written yet
        self.log: Part | None = None
        self.output: _Output | None = None
        self.place = Place()
        self.start: dict[str, Any] = {}  # how everything stood when the input at hand began
        self.unusable: Input | None = None
        stamps = [entry.stamp for entry in plan.inputs]
        self.size = None if None in stamps else sum(stamp[0] for stamp in stamps if stamp)
        self.progress = _Progress(terminal, self.size)

    def go(self) -> Tally:
        """Do it; raises `Refused`, `Stopped` and `OSError`."""
        plan = self.plan
        pool = Pool(self.worker, plan.jobs, self.size, self._notice)
        ended = False
        try:
            self._take_up()
            self._begin()
            for task, done in pool.run(tasks(plan.inputs, self.worker.settings, plan.stdin, self.place)):
                self._commit(task, done)
            self._finish()
            ended = True
        except KeyboardInterrupt:
            how = "the same command goes on from here" if self.checkpoint else "no output was left half-written"
            raise Stopped(f"interrupted; {how}") from None
        except BrokenPipeError:
            raise
        except OSError as error:
            if self.checkpoint is not None and error.strerror:
                more = f"{error.strerror}; when that is mended, the same command goes on from here"
                raise OSError(error.errno, more, error.filename) from None
            raise
        finally:
            self.progress.clear()
            pool.close()
            if self.checkpoint is not None:
                self.checkpoint.lock.close()
            elif not ended:
                self._drop()
        return self.tally

    def _take_up(self) -> None:
        """Take up what a killed run has left, or begin."""
        plan, folder = self.plan, self.plan.checkpoint
        large = self.size is not None and (self.size > SHARD or len(plan.inputs) > MANY)
        if folder is None or not (large or folder.exists()):
            self.log = Part(plan.log) if plan.log is not None else None
            return
        self.checkpoint = checkpoint = _Checkpoint(plan, folder)
        self.worker.parts = folder
        state = checkpoint.state
        at = state or {"log": 0, "errors": 0}
        if plan.log is not None:
            self.log = checkpoint.part(plan.log, "log", at["log"])
        if state is None:
            return
        self.place = Place(*state["place"])
        self.tally, self.start, self.finished = Tally(**state["tally"]), state["start"], state["finished"]
        if state["unusable"]:
            self.unusable = plan.inputs[self.start["source"]]
        self.progress.done = self.progress.before = state["done"]
        if plan.errors is not None and at["errors"]:
            self.errors = checkpoint.part(plan.errors, "errors", at["errors"])
        if state["output"] is not None:
            self.output = self._opened(plan.inputs[self.place.source], state["table"], state["output"])
        self.say(f"goes on where it was ended: {self.tally.documents:,} documents are done")

    def _opened(self, entry: Input, table: bool, size: int = 0) -> _Output:
        if entry.target is None:
            return _Output(Stream(self.plan.stdout), _spool() if table else None)
        if self.checkpoint is None:
            return _Output(Part(entry.target), _spool() if table else None)
        if not table:
            return _Output(self.checkpoint.part(entry.target, "output", size), None)
        pieces = self.checkpoint.part(self.checkpoint.folder / "whole", "pieces", size)
        return _Output(self.checkpoint.part(entry.target, "output"), pieces)

    def _begin(self) -> None:
        """Remember how everything stands before an input, in case that it turns out not to be one."""
        if not self.start or self.start["source"] != self.place.source:
            self.start = {"source": self.place.source, "log": self.log.size if self.log else 0,
                          "errors": self.errors.size if self.errors else 0, "tally": asdict(self.tally)}  # fmt: skip

    def _commit(self, task: Task, done: Done) -> None:
        if done.no_room is not None:
            raise OSError(*done.no_room)
        if task.source is self.unusable:  # what of it was under way already
            pass
        elif task.problem is not None or done.unusable is not None:
            self._failed(task, task.problem or done.unusable or "")
        else:
            self._put(task, done)
        if self.worker.settings.strict and self.tally.failed:
            self._drop()
            raise Stopped(f"{self.tally.named[0]} (stopped there, as --strict asks)")
        self.place = task.after
        table = self.output is not None and self.output.pieces is not None
        if task.closes and self.output is not None:
            self._close(task.source)
        if task.closes or self.place.source != self.start["source"]:
            self._begin()
        self.progress.add(task.size, self.tally)
        if self.checkpoint is not None:
            self.checkpoint.save({
                "place": [self.place.source, self.place.position, self.place.record],
                "output": self.output.part.size if self.output else None, "table": table,
                "log": self.log.size if self.log else 0, "errors": self.errors.size if self.errors else 0,
                "tally": asdict(self.tally), "start": self.start, "finished": self.finished,
                "unusable": self.unusable is not None, "done": self.progress.done,
            })  # fmt: skip

    def _put(self, task: Task, done: Done) -> None:
        records = not isinstance(task.work, Files)
        if records and self.output is None and not self.worker.silent:
            self.output = self._opened(task.source, isinstance(task.work, Table))
        if done.out:
            if self.output is not None:
                self.output.part.write(done.out)
            else:
                self.plan.stdout(done.out)
        if self.log is not None and done.log:
            self.log.write(done.log)
        self._error(done.errors)
        if done.shown:
            self.plan.stdout(done.shown.encode("utf-8", "backslashreplace"))
        self.tally.join(done.tally)
        self.finished += task.closes if records else done.tally.documents

    def _error(self, lines: bytes) -> None:
        if self.plan.errors is None:
            return
        self.held += lines
        # They are held back as long as it may turn out that nothing can be done at all.
        if self.held and (self.errors or self.checkpoint or self.finished or len(self.held) > 1 << 20):
            if self.errors is None:
                errors = self.plan.errors
                self.errors = self.checkpoint.part(errors, "errors") if self.checkpoint else Part(errors)
            self.errors.write(self.held)
            self.held = b""

    def _failed(self, task: Task, reason: str) -> None:
        """An input is none, or ends before its end. Of one that is none nothing stays."""
        if task.unusable or task.problem is None:
            self.unusable = task.source
            if self.output is not None:
                self.output.target.drop()
                if self.output.pieces is not None:
                    self.output.pieces.drop()
                self.output = None
            if self.log is not None:
                self.log.cut(self.start["log"])
            if self.errors is not None:
                self.errors.cut(self.start["errors"])
            self.tally = Tally(**self.start["tally"])
        else:
            self.finished += 1
        self.tally.fail(reason)
        self._error(error_line(reason.removeprefix(f"{task.source.name}: "), task.source.name))

    def _close(self, entry: Input) -> None:
        output = self.output
        assert output is not None
        if output.pieces is not None and output.pieces.path is not None and not output.target.done:
            from cleaner.batch import tables

            failed = self.tally.failed > self.start["tally"]["failed"]
            with output.pieces.path.open("rb") as pieces:
                tables.assemble(pieces, output.target, failed)
        output.target.finish()
        if output.pieces is not None and self.checkpoint is None:
            output.pieces.drop()  # those of a checkpoint are needed until the next one is made
        self.output = None

    def _finish(self) -> None:
        """Let the log and the errors appear. A run that did nothing leaves those of an earlier one alone."""
        if self.finished:
            self._error(b"")
        for part in (self.log, self.errors):
            if part is None:
                continue
            if self.finished:
                part.finish()
            else:
                part.drop()
        if self.finished and self.errors is None and self.plan.errors is not None:
            _forget(self.plan.errors)
        if self.checkpoint is not None:
            self.checkpoint.remove()

    def _drop(self) -> None:
        """Leave nothing behind."""
        for part in (self.log, self.errors):
            if part is not None:
                part.drop()
        if self.output is not None:
            self.output.target.drop()
            if self.output.pieces is not None:
                self.output.pieces.drop()
        if self.checkpoint is not None:
            self.checkpoint.remove()

    def _notice(self, line: str) -> None:
        self.progress.clear()
        self.say(line)

    def summary(self) -> dict[str, Any]:
        """What the run did, as plain data."""
        tally = self.tally
        return {
            "documents": tally.documents, "unchanged": tally.unchanged,
            "removals": dict(sorted(tally.removals.items())),
            "repairs": tally.repairs, "errors": tally.failed, "characters": tally.characters,
            "removed_characters": tally.removed, "seconds": round(time.monotonic() - self.begun, 3),
            "version": self.plan.identity.get("version"), "rules": self.plan.identity.get("rules"),
        }  # fmt: skip


def _spool() -> Part:
    handle, name = tempfile.mkstemp(prefix="cleaner.")
    os.close(handle)
    return Part(Path(name), Path(name))


def _forget(errors: Path) -> None:
    """The errors of an earlier run go with the output that they were about."""
    with suppress(OSError), errors.open("rb") as file:
        if file.read(len(ERRORS_BEGIN)) == ERRORS_BEGIN:
            errors.unlink()
