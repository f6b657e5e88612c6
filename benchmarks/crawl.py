"""A crawl end to end: JSONL in, JSONL and log out, as a process of its own, with its workers.

    python -m benchmarks.crawl TEXTS.jsonl [--sizes 24 100 1000] [--jobs 1 2] [--kills 50] [-- OPTION…]

TEXTS.jsonl (or .xz, .gz) has a text in each record; its records are repeated until there are so many MB. For each size
and number of workers: MB/s by the clock, seconds of CPU, and the most memory that all processes had together (PSS: what
they share counts once; Linux only). `--kills`: how often the last run is killed with signal 9 at a random moment and
begun again; its output must be that of the undisturbed run. `--bare`: no rules and no repair of words, for sizes that
would take long; reading, writing, workers and checkpoints stay what they are. What stands behind `--` is given to the
cleaner.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from benchmarks.throughput import texts


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run took: seconds by the clock and of CPU, and bytes of memory at most."""

    wall: float
    cpu: float
    memory: int


def make(path: Path, sample: list[str], size: float) -> int:
    """JSONL of so many MB; returns its bytes."""
    written = 0
    with path.open("w", encoding="utf-8") as out:
        for number, text in enumerate(cycle(sample)):
            if written >= size * 1e6:
                return written
            written += out.write(json.dumps({"id": number, "text": text}) + "\n")
    return written


def family(pid: int) -> Iterator[int]:
    """A process and all that it has started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from family(int(child))


def memory(pid: int) -> int:
    """The bytes that a family of processes has, what they share counted once."""
    total = 0
    for each in family(pid):
        for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


BARE = """
import sys
from cleaner import Cleaner, cli
from cleaner.rules import RuleSet
cli._cleaner = lambda args: Cleaner(RuleSet(()), repair="off")
sys.exit(cli.main())
"""


def command(source: Path, folder: Path, jobs: int, bare: bool, options: list[str]) -> list[str]:
    program = ["-c", BARE] if bare else ["-m", "cleaner"]
    out = ["-o", str(folder / "clean.jsonl"), "--log", str(folder / "log.jsonl"), "--jobs", str(jobs), "--quiet"]
    return [sys.executable, *program, str(source), *out, *options]


def run(arguments: list[str]) -> Measured:
    most = 0
    begun = time.monotonic()
    process = subprocess.Popen(arguments)
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        with suppress(OSError):  # it has just ended
            most = max(most, memory(process.pid))
        time.sleep(0.2)
    if status:
        raise SystemExit(f"the run ended with status {os.waitstatus_to_exitcode(status)}")
    return Measured(time.monotonic() - begun, usage.ru_utime + usage.ru_stime, most)


def killed(arguments: list[str], times: int, seconds: float) -> int:
    """Kill a run again and again within its first seconds, then let it end; how often it was."""
    dice = random.Random(11)
    count = 0
    while count < times:
        process = subprocess.Popen(arguments, stderr=subprocess.DEVNULL)
        try:
            process.wait(dice.random() * seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            count += 1
        else:  # done before it was killed: from the beginning
            if process.returncode:
                raise SystemExit(f"a run that went on ended with status {process.returncode}")
            shutil.rmtree(Path(arguments[arguments.index("-o") + 1]).parent)
            Path(arguments[arguments.index("-o") + 1]).parent.mkdir()
    subprocess.run(arguments, check=True, stderr=subprocess.DEVNULL)
    return count


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("texts", type=Path)
    ask.add_argument("--field", default="text")
    ask.add_argument("--limit", type=int, default=None, help="documents to read")
    ask.add_argument("--sizes", type=float, nargs="+", default=[24], metavar="MB")
    ask.add_argument("--jobs", type=int, nargs="+", default=[1, 2], metavar="N")
    ask.add_argument("--kills", type=int, default=0, metavar="N")
    ask.add_argument("--bare", action="store_true")
    ask.add_argument("--scratch", type=Path, default=None, help="a folder for what is made meanwhile")
    ask.add_argument("options", nargs="*", help="for the cleaner, behind --")
    args = ask.parse_args()
    sample = texts(args.texts, args.field, args.limit)
    random.Random(1).shuffle(sample)
    with tempfile.TemporaryDirectory(dir=args.scratch) as scratch:
        source = Path(scratch, "texts.jsonl")
        folders = []
        print(f"{'MB':>6} {'workers':>7} {'MB/s':>7} {'wall s':>8} {'CPU s':>8} {'memory MB':>10}")
        for size in args.sizes:
            bytes_ = make(source, sample, size)
            folders = [Path(scratch, f"{jobs}-workers") for jobs in args.jobs]
            for jobs, folder in zip(args.jobs, folders, strict=True):
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                m = run(command(source, folder, jobs, args.bare, args.options))
                print(f"{bytes_ / 1e6:6.0f} {jobs:7} {bytes_ / 1e6 / m.wall:7.2f} {m.wall:8.1f} {m.cpu:8.1f} "
                      f"{m.memory / 1e6:10.0f}", flush=True)  # fmt: skip
            same(folders)
        if args.kills:
            again = Path(scratch, "killed")
            again.mkdir()
            count = killed(command(source, again, args.jobs[-1], args.bare, args.options), args.kills, m.wall)
            same([folders[-1], again])
            print(f"killed {count} times with signal 9: the same bytes as undisturbed")


def same(folders: list[Path]) -> None:
    """All of these folders hold the same files."""
    for folder in folders:
        for name in ("clean.jsonl", "log.jsonl"):
            subprocess.run(["cmp", folders[0] / name, folder / name], check=True)
        left = [path.name for path in folder.iterdir() if path.name not in ("clean.jsonl", "log.jsonl")]
        if left:
            raise SystemExit(f"{folder} holds {', '.join(left)}")


if __name__ == "__main__":
    main()
