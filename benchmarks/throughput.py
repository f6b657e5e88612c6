"""Text throughput in one run on the same texts: the whole pipeline, its peers, and more and more rules.

    python -m benchmarks.throughput TEXTS.jsonl [--limit N] [--rules 100 1000 5000 20000]

TEXTS.jsonl (or .xz, .gz) has a text in each record; the documents that are read are spread over the file. Figures are
MB of UTF-8 a second of CPU on one core, the best of several runs in turn; quote the ratios. The peers are development
extras, and those that are not installed are left out: pip install ftfy clean-text "datatrove[multilingual]".
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import json
import lzma
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from cleaner import Cleaner
from cleaner.rules import Rule, RuleSet

Work = Callable[[Sequence[str]], object]


def texts(path: Path, field: str, limit: int | None) -> list[str]:
    """So many texts, or all there are (None), spread over the file."""
    if path.suffix == ".xz":
        opened = lzma.open(path, "rt", encoding="utf-8")  # noqa: SIM115
    elif path.suffix == ".gz":
        opened = gzip.open(path, "rt", encoding="utf-8")  # noqa: SIM115
    else:
        opened = path.open(encoding="utf-8")
    with opened as lines:
        records = list(lines)
    count = len(records) if limit is None else min(limit, len(records))
    return [json.loads(records[i * len(records) // count])[field] for i in range(count)]


def rates(works: dict[str, Work], sample: Sequence[str], repeat: int) -> dict[str, float]:
    """MB a second of each, all of them in turn so that what else the machine does slows none alone."""
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in sample) / 1e6
    best = dict.fromkeys(works, float("inf"))
    for _ in range(repeat):
        for name, work in works.items():
            start = time.process_time()
            work(sample)
            best[name] = min(best[name], time.process_time() - start)
    return {name: size / seconds for name, seconds in best.items()}


def one_by_one(work: Callable[[str], object]) -> Work:
    """What is done with each text by itself."""

    def all_of_them(sample: Sequence[str]) -> None:
        for text in sample:
            work(text)

    return all_of_them


def as_a_crawl(cleaner: Cleaner) -> Work:
    """Cleaning as the command line does it with the records of a file."""
    return lambda sample: sum(1 for _ in cleaner.clean_many(sample))


def peers() -> dict[str, Work]:
    """What others do with a text, as far as it is installed."""
    found: dict[str, Work] = {}
    try:
        found["ftfy.fix_text"] = one_by_one(importlib.import_module("ftfy").fix_text)
    except ImportError:
        print("ftfy is not installed")
    try:
        found["clean-text"] = one_by_one(importlib.import_module("cleantext").clean)
    except ImportError:
        print("clean-text is not installed")
    try:
        document = importlib.import_module("datatrove.data").Document
        c4 = importlib.import_module("datatrove.pipeline.filters").C4QualityFilter()
        c4.filter(document(text="It rained all day in the valley. The river rose by the evening.", id=""))
        found["datatrove's C4 line filter"] = one_by_one(lambda text: c4.filter(document(text=text, id="")))
    except ImportError as error:
        print(f"datatrove's C4 filter is not installed: {error}")
    return found


def with_rules(count: int) -> Cleaner:
    """A cleaner with so many of the shipped rules, spread over all families; all of them, and copies, if need be."""
    rules = list(RuleSet.load())
    step = len(rules) / count
    chosen = [rules[int(i * step)] for i in range(count)] if step >= 1 else rules + invented(count - len(rules))
    return Cleaner(RuleSet(chosen))


def invented(count: int) -> list[Rule]:
    """Rules of the shipped ones' shapes with words of their own, so that they cost what real ones cost."""
    rules = [r for r in RuleSet.load() if r.phrases and r.pattern is None]
    out = []
    for i in range(count):
        rule = rules[i % len(rules)]
        mark = f"{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676 % 26)}"
        if i % 2:
            pattern = f"{mark}ading {mark}ore:? .{{3,200}}"
            changed = replace(
                rule,
                id=f"{rule.id}.{i}",
                phrases=(),
                pattern=pattern,
                literals=(f"{mark}ading {mark}ore",),
                longest=230,
            )
        else:
            changed = replace(
                rule, id=f"{rule.id}.{i}", phrases=tuple(f"{phrase} {mark}" for phrase in rule.phrases[:8])
            )
        out.append(changed)
    return out


def first_byte(repeat: int) -> float:
    """Seconds from the start of the command line on a small file to the first byte it writes."""
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.txt"
        small.write_text("The mill closed on Friday.\n\nShare this on\n\nIts owner said so.\n", encoding="utf-8")
        best = float("inf")
        for _ in range(repeat):
            start = time.perf_counter()
            with subprocess.Popen([sys.executable, "-m", "cleaner", str(small)], stdout=subprocess.PIPE) as process:
                assert process.stdout is not None
                process.stdout.read(1)
                best = min(best, time.perf_counter() - start)
                process.stdout.read()
    return best


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("texts", type=Path)
    ask.add_argument("--field", default="text")
    ask.add_argument("--limit", type=int, default=2000, help="documents to read")
    ask.add_argument("--rules", type=int, nargs="*", default=[100, 1000, 5000, 20000])
    ask.add_argument("--repeat", type=int, default=3)
    args = ask.parse_args()
    sample = texts(args.texts, args.field, args.limit)
    whole = Cleaner()
    others = peers()
    ours: dict[str, Work] = {
        "cleaner": as_a_crawl(whole),
        "cleaner, repair off": as_a_crawl(Cleaner(repair="off")),
        "cleaner, text by text": one_by_one(whole.clean),
    }
    ours |= {f"cleaner, {count} rules": as_a_crawl(with_rules(count)) for count in args.rules}
    works = others | ours
    for work in works.values():
        work(sample[:200])
    speed = rates(works, sample, args.repeat)
    changed = sum(bool(result.edits) for result in whole.clean_many(sample))
    print(f"{len(sample)} documents, {changed} of them changed; {len(whole.rule_set)} shipped rules")
    for name in works:
        print(f"{name:28} {speed[name]:7.2f} MB/s", end="")
        for other in others if name in ours else ():
            print(f"{speed[name] / speed[other]:8.2f} x {other}", end="")
        print()
    for count in args.rules:
        more = speed[f"cleaner, {count} rules"]
        if 1000 in args.rules and count > 1000:
            print(f"{count} rules / 1000 rules: {more / speed['cleaner, 1000 rules']:.2f}", end="")
            print(f" (of the shipped ones alone: {more / speed['cleaner']:.2f})")
    print(f"start to first byte of a small file: {first_byte(5):.2f} s")


if __name__ == "__main__":
    main()
