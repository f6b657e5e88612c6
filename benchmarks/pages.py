"""Articles of pages, against trafilatura in the same run.

    python -m benchmarks.pages PAGES.jsonl [--limit N] [--title] [--save FILE]
    python -m benchmarks.pages PAGES.jsonl --memory N

PAGES.jsonl (or .xz) has `html`, `url` and either `gold`, the text of the article, or the lists `with` and `without`
of snippets that must and must not stand in it. Prints precision and recall of runs of four words, averaged over the
pages, and their F1, the F1 of the snippets, the share of output lines that the gold has not (left) and of its lines
that are missing (lost), the CPU that cleaner takes for each second of trafilatura's, and the mean difference of the
pages' F1 with a paired bootstrap interval of 95 %: one that holds 0 is no difference. `--save` writes the texts.
`--memory` cleans N pages instead, the file's over and over, and prints what the process holds after each tenth of them.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import re
import resource
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import trafilatura

from cleaner import Cleaner, PageError

RUN = 4
DRAWS = 2000
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
_TOKEN = re.compile(f"[{_CJK}]|[^\\W{_CJK}]+")


def runs(words: list[str]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[i : i + RUN]) for i in range(max(1, len(words) - RUN + 1))) if words else Counter()


def strange(text: str, reference: str) -> tuple[int, int]:
    """The lines of a text, and those of which under half of the runs of words stand in `reference`."""
    known = [w.lower() for w in _TOKEN.findall(reference)]
    runs_of = {n: {tuple(known[i : i + n]) for i in range(len(known) - n + 1)} for n in range(1, RUN + 1)}
    count = unknown = 0
    for line in text.splitlines():
        words = [w.lower() for w in _TOKEN.findall(line)]
        if words:
            n = min(RUN, len(words))
            parts = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
            count += 1
            unknown += sum(part in runs_of[n] for part in parts) < len(parts) / 2
    return count, unknown


def resident() -> float:
    """The memory that this process holds now, in MiB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def watch_memory(path: Path, count: int) -> None:
    cleaner = Cleaner()
    texts = 0
    done = 0
    while done < count:
        for page in islice(read(path), count - done):
            with suppress(PageError):
                texts += bool(cleaner.clean_html(page["html"], url=page.get("url") or None).text)
            done += 1
            if done % max(1, count // 10) == 0:
                print(f"{done:7,} pages, {texts:7,} with text: {resident():6.0f} MiB", flush=True)
        if not done:
            return


def read(path: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(path, "rt") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


class Scores:
    """What one extractor reached on a set of pages."""

    def __init__(self) -> None:
        self.precision: list[float] = []
        self.recall: list[float] = []
        self.f1: list[float] = []
        self.left, self.lost, self.snippets = [0, 0], [0, 0], [0, 0, 0]
        self.seconds = 0.0

    def add(self, page: Mapping[str, Any], text: str) -> None:
        if page.get("gold"):
            gold, got = runs(_TOKEN.findall(page["gold"])), runs(_TOKEN.findall(text))
            both = (gold & got).total()
            precision, recall = both / got.total() if got else None, both / gold.total() if gold else None
            if precision is not None:
                self.precision.append(precision)
            if recall is not None:
                self.recall.append(recall)
            self.f1.append(2 * precision * recall / (precision + recall) if precision and recall else 0.0)
            for sums, lines in ((self.left, strange(text, page["gold"])), (self.lost, strange(page["gold"], text))):
                sums[0] += lines[0]
                sums[1] += lines[1]
        flat = " ".join(text.split())
        held = sum(" ".join(snippet.split()) in flat for snippet in page.get("with") or ())
        self.snippets[0] += held
        self.snippets[1] += len(page.get("with") or ()) - held
        self.snippets[2] += sum(" ".join(snippet.split()) in flat for snippet in page.get("without") or ())

    def __str__(self) -> str:
        cells = []
        if self.f1:
            p, r = statistics.fmean(self.precision), statistics.fmean(self.recall)
            left, lost = self.left[1] / max(1, self.left[0]), self.lost[1] / max(1, self.lost[0])
            cells.append(f"F1 {2 * p * r / (p + r):.4f}  P {p:.4f}  R {r:.4f}  left {left:.4f}  lost {lost:.4f}")
        held, missing, wrong = self.snippets
        if held + missing:
            cells.append(f"snippets F1 {2 * held / (2 * held + missing + wrong):.4f}")
        return "  ".join(cells)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("pages", type=Path)
    ask.add_argument("--limit", type=int)
    ask.add_argument("--title", action="store_true", help="for sets whose gold begins with the headline")
    ask.add_argument("--save", type=Path)
    ask.add_argument("--memory", type=int, metavar="N")
    args = ask.parse_args()
    if args.memory:
        watch_memory(args.pages, args.memory)
        return
    cleaner = Cleaner()

    def ours(page: Mapping[str, Any]) -> str:
        try:
            return cleaner.clean_html(page["html"], url=page.get("url") or None, title=args.title).text
        except PageError:
            return ""

    def theirs(page: Mapping[str, Any]) -> str:
        return trafilatura.extract(page["html"], url=page.get("url") or None) or ""

    extractors: dict[str, Callable[[Mapping[str, Any]], str]] = {"trafilatura": theirs, "cleaner": ours}
    scores = {name: Scores() for name in extractors}
    texts = []
    for number, page in enumerate(islice(read(args.pages), args.limit)):
        if not number:  # what is loaded with the first page is nobody's time
            theirs(page)
            ours(page)
        for name, extractor in extractors.items():
            start = time.process_time()
            text = extractor(page)
            scores[name].seconds += time.process_time() - start
            scores[name].add(page, text)
        texts.append({"id": page.get("id"), "text": text})
    for name, score in scores.items():
        print(f"{name:12} {score}")
    print(f"CPU          {scores['cleaner'].seconds / scores['trafilatura'].seconds:.2f} x trafilatura.extract")
    differences = [a - b for a, b in zip(scores["cleaner"].f1, scores["trafilatura"].f1, strict=True)]
    if differences:
        draw = random.Random(0)
        means = sorted(statistics.fmean(draw.choices(differences, k=len(differences))) for _ in range(DRAWS))
        low, high = means[DRAWS // 40], means[-DRAWS // 40 - 1]
        print(f"difference   {statistics.fmean(differences):+.4f}  95 % [{low:+.4f}, {high:+.4f}]")
    if args.save:
        args.save.write_text("".join(json.dumps(t, ensure_ascii=False) + "\n" for t in texts), encoding="utf-8")


if __name__ == "__main__":
    main()
