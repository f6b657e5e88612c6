"""Fused words: how many spaces come back, what is invented in untouched text, and what that costs.

    python -m benchmarks.repair TEXTS.jsonl [--rate 0.005] [--limit N] [--false FILE]

TEXTS.jsonl (or .xz, .gz) has a clean English text in each record. Single spaces are deleted at random, the texts are
cleaned, and each joint counts by itself. Then the untouched texts are cleaned: every repair in them is false, unless
the text holds a genuine fusion. `--false FILE` lists them with their surroundings, to be judged by reading.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from pathlib import Path

from benchmarks.throughput import texts
from cleaner import Cleaner


def fuse(text: str, rate: float, draw: random.Random) -> tuple[str, list[int]]:
    """The text with single spaces deleted, and where in it they are missing."""
    out: list[str] = []
    cuts: list[int] = []
    for i, ch in enumerate(text):
        single = ch == " " and 0 < i < len(text) - 1 and not text[i - 1].isspace() and not text[i + 1].isspace()
        if single and draw.random() < rate:
            cuts.append(len(out))
        else:
            out.append(ch)
    return "".join(out), cuts


def joint(before: str, after: str) -> str:
    """The kind of a joint, by the characters that meet at it."""
    if before.isdigit() or after.isdigit():
        return "digit"
    if before.isalpha() and after.isalpha():
        return "word+Capital" if after.isupper() else "word+word"
    return "punctuation+word" if after.isalpha() else "other"


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("texts", type=Path)
    ask.add_argument("--field", default="text")
    ask.add_argument("--limit", type=int, default=100_000, help="documents to read")
    ask.add_argument("--rate", type=float, default=0.005, help="share of the single spaces to delete")
    ask.add_argument("--seed", type=int, default=7)
    ask.add_argument("--false", type=Path, metavar="FILE", help="write the repairs of untouched text there")
    ask.add_argument("--missed", type=Path, metavar="FILE", help="write the joints that stayed fused there")
    args = ask.parse_args()
    sample = texts(args.texts, args.field, args.limit)
    cleaner, without = Cleaner(), Cleaner(repair="off")
    cleaner.clean("It was on the first of the days that they had been to the north andthe south.")

    draw = random.Random(args.seed)
    there: Counter[str] = Counter()
    made: Counter[str] = Counter()
    beside = 0
    missed: list[str] = []
    for text in sample:
        fused, cuts = fuse(text, args.rate, draw)
        result = cleaner.clean(fused)
        spaced = {edit.start for edit in result.repairs}
        gone = [(edit.start, edit.end) for edit in result.edits if edit.old]
        beside += len(spaced - set(cuts))
        for at in cuts:
            if any(start <= at <= end for start, end in gone):
                continue
            kind = joint(fused[at - 1], fused[at])
            there[kind] += 1
            made[kind] += at in spaced
            if at not in spaced:
                missed.append(f"{kind}\t{fused[max(0, at - 40) : at]}|{fused[at : at + 40]}".replace("\n", "¶"))
    for kind, count in sorted(there.items()):
        print(f"{kind:18} {made[kind]:6d} of {count:6d}  {100 * made[kind] / count:5.1f} %")
    total = there.total()
    print(f"{'all':18} {made.total():6d} of {total:6d}  {100 * made.total() / total:5.1f} %; {beside} beside")
    if args.missed:
        args.missed.write_text("\n".join(missed) + "\n", encoding="utf-8")

    false: list[str] = []
    words = sum(len(text.split()) for text in sample)
    for text in sample:
        for edit in cleaner.clean(text).repairs:
            around = f"{text[max(0, edit.start - 40) : edit.start]}|{text[edit.start : edit.start + 40]}"
            false.append(f"{edit.rule}\t{around}\t{edit.reason}".replace("\n", "¶"))
    print(f"repairs in untouched text: {len(false)}, {100_000 * len(false) / words:.2f} per 100,000 of {words} words")
    if args.false:
        args.false.write_text("\n".join(false) + "\n", encoding="utf-8")

    seconds: dict[str, float] = {}
    for name, one in (("off", without), ("all", cleaner)) * 2:
        start = time.process_time()
        for text in sample:
            one.clean(text)
        seconds[name] = min(seconds.get(name, float("inf")), time.process_time() - start)
    print(
        f"words a second: {words / seconds['all']:,.0f}, {seconds['off'] / seconds['all']:.2f} of those without repair"
    )


if __name__ == "__main__":
    main()
