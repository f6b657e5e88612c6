"""The command line as the tests call it: in a folder of its own, with rules that are loaded once."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cleaner import Cleaner, cli

KEPT = "The council met on Monday and agreed to rebuild the bridge.\n"
DIRTY = KEPT + "\nShare this on\n"
CLEAN = KEPT
DONE, WOULD_CHANGE, UNUSABLE, SOME_FAILED = 0, 1, 2, 3


@cache
def shared() -> Cleaner:
    return Cleaner()


@dataclass
class Ran:
    """What a run of the command came to."""

    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8")


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs the command in an empty folder. Every line on stderr is the command's own, and there is no traceback."""
    monkeypatch.chdir(tmp_path)
    make = cli._cleaner

    def cleaner(args: Any) -> Cleaner:  # the rules are loaded once where no setting asks for others
        plain = not (args.rules or args.words or args.keep or args.drop or args.lang or args.repair != "all")
        return shared() if plain else make(args)

    monkeypatch.setattr(cli, "_cleaner", cleaner)

    def run(*arguments: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfdbinary.readouterr()
        status = cli.main(list(arguments))
        out, err = capfdbinary.readouterr()
        for line in err.decode().splitlines():
            assert line.startswith("cleaner: ")
        return Ran(status, out, err.decode())

    return run


def put(path: str, data: str | bytes) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return file


def records(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def files() -> list[str]:
    """All files below the current folder, hidden ones too."""
    return sorted(p.as_posix() for p in Path().rglob("*") if not p.is_dir())


def read_log(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_bytes().splitlines()]
