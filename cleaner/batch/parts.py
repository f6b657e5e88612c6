"""Files that appear under their name when they are whole, and not before."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from cleaner.batch.formats import BadInput

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}  # what no other document would fare better with


def real(path: Path) -> Path:
    """Where a file is written: what a link points to, so that the link stays a link. Makes the folder it is in."""
    if path.is_symlink():
        path = Path(os.path.realpath(path))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder; name a file", str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, f"{path.parent} is a file, not a folder", str(path)) from None
    return path


def is_device(path: Path) -> bool:
    """Whether it is /dev/null, a named pipe or the like: nothing that could be replaced."""
    try:
        return not stat.S_ISREG(path.stat().st_mode) and not path.is_dir()
    except OSError:
        return False


class Part:
    """A file on its way to `target`: what is written stands in a part beside it until `finish`.

    With `kept` the part has that name and outlives the process, and is gone on with from `size` bytes on.
    """

    def __init__(self, target: Path, kept: Path | None = None, size: int = 0) -> None:
        self.shown = target
        self.target = real(target)
        self.size = size
        self.path: Path | None = kept
        self.done = False
        if is_device(self.target):
            self.path = None
            self.file: IO[bytes] = self.target.open("wb", buffering=0)
        elif kept is not None:
            if size and not kept.exists() and self.target.exists() and self.target.stat().st_size == size:
                self.done = True  # the process was killed just behind the end
                self.path = None
                return
            if size and (not kept.exists() or kept.stat().st_size < size):
                raise BadInput(f"{target}: what an unfinished run has left of it is damaged; begin anew with --restart")
            self.file = kept.open("r+b" if size else "wb", buffering=0)
            self.cut(size)
        else:
            # The name of the part is cut: it must not be too long where the file's own name is not.
            try:
                handle, name = tempfile.mkstemp(
                    prefix=f".{self.target.name[:40]}.", suffix=".part", dir=self.target.parent
                )
            except OSError as error:  # the user never named the part
                raise OSError(error.errno, error.strerror, str(target)) from None
            self.path, self.file = Path(name), os.fdopen(handle, "wb", buffering=0)

    def write(self, data: bytes) -> None:
        """Write all of it; raises `OSError` that names the target."""
        view = memoryview(data)
        try:
            while view:
                written = self.file.write(view) or 0
                view = view[written:]
                self.size += written
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.shown)) from None

    def cut(self, size: int) -> None:
        """Take back what was written behind the first `size` bytes, where the file can."""
        if self.path is not None and not self.done:
            self.file.truncate(size)
            self.file.seek(size)
            self.size = size

    def finish(self) -> None:
        """Let the file appear."""
        if self.done:
            return
        self.file.close()
        self.done = True
        if self.path is None:
            return
        mask = os.umask(0)
        os.umask(mask)
        self.path.chmod(0o666 & ~mask)
        try:
            self.path.replace(self.target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise OSError(error.errno, error.strerror, str(self.shown)) from None
            with written(self.target) as out, self.path.open("rb") as part:  # the target is on another disk
                shutil.copyfileobj(part, out)
            self.path.unlink()

    def drop(self) -> None:
        """Leave nothing behind."""
        if self.done:
            return
        self.done = True
        with suppress(OSError):
            self.file.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)


class Stream:
    """Standard output, where a `Part` is expected: what is written is out."""

    path = None
    done = False

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write, self.size = write, 0

    def write(self, data: bytes) -> None:
        self._write(data)
        self.size += len(data)

    def finish(self) -> None:
        pass

    drop = finish


@contextmanager
def written(path: Path, folder: Path | None = None) -> Iterator[Part]:
    """A file that appears under its name only when it is whole; until then its part is in `folder`, or beside it."""
    part = Part(path, folder / f"{os.getpid()}.part" if folder is not None else None)
    try:
        yield part
        part.finish()
    finally:
        part.drop()
