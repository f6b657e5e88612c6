"""Text throughput against ftfy.fix_text, in one run on the same texts, and with more and more rules.

    python benchmarks/throughput.py TEXTS.jsonl [--limit N] [--rules 1000 5000]

TEXTS.jsonl (or .xz, .gz) has a text in each record. Figures are MB of UTF-8 a second of CPU on one core; quote the
ratios. ftfy is a development extra: pip install -e ".[dev]".
"""

from __future__ import annotations

import argparse
import gzip
import json
import lzma
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import ftfy

from cleaner import Cleaner
from cleaner.rules import Rule, RuleSet


def texts(path: Path, field: str, limit: int | None) -> list[str]:
    if path.suffix == ".xz":
        opened = lzma.open(path, "rt", encoding="utf-8")  # noqa: SIM115
    elif path.suffix == ".gz":
        opened = gzip.open(path, "rt", encoding="utf-8")  # noqa: SIM115
    else:
        opened = path.open(encoding="utf-8")
    with opened as lines:
        return [json.loads(line)[field] for line in islice(lines, limit)]


def rate(work: Callable[[str], object], sample: list[str], repeat: int) -> float:
    """MB a second, the best of several runs in turn."""
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in sample) / 1e6
    best = float("inf")
    for _ in range(repeat):
        start = time.process_time()
        for text in sample:
            work(text)
        best = min(best, time.process_time() - start)
    return size / best


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


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("texts", type=Path)
    ask.add_argument("--field", default="text")
    ask.add_argument("--limit", type=int, default=2000, help="documents to read")
    ask.add_argument("--rules", type=int, nargs="*", default=[1000, 5000])
    ask.add_argument("--repeat", type=int, default=3)
    args = ask.parse_args()
    sample = texts(args.texts, args.field, args.limit)
    whole, bare = Cleaner(), Cleaner(repair="off")
    for text in sample[:200]:
        whole.clean(text)
    base = rate(ftfy.fix_text, sample, args.repeat)
    print(f"{len(sample)} documents, {len(whole.rule_set)} shipped rules")
    print(f"{'ftfy.fix_text':34} {base:7.2f} MB/s")
    rows: list[tuple[str, Cleaner]] = [("cleaner", whole), ("cleaner, repair off", bare)]
    rows += [(f"cleaner, {count} rules", with_rules(count)) for count in args.rules]
    for name, cleaner in rows:
        speed = rate(cleaner.clean, sample, args.repeat)
        print(f"{name:34} {speed:7.2f} MB/s  {speed / base:6.2f} x ftfy")


if __name__ == "__main__":
    main()
