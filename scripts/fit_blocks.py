"""Fits the weights of what speaks for blocks of pages (cleaner/blocks.toml) to pages with the text of their article.

    python -m scripts.fit_blocks PAGES.jsonl … [--strength C] [--write]

PAGES.jsonl (or .xz) has `html`, `url` and either `gold`, the article's text, or `with` and `without`, snippets that
must and must not stand in it. A block belongs to the article where half of its runs of four words stand in the gold.
Logistic regression, drawn towards zero. Every page counts the same, a long block more than a short one; headlines are
left out. Half of the sites are held out for the figures that are printed; what is written is fitted to all.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from cleaner import Cleaner
from cleaner.blocks import Block, Blocks
from cleaner.html import PageError, read
from cleaner.pipeline import host_of

FILE = Path(__file__).parent.parent / "cleaner" / "blocks.toml"
WORDS = 4
LONGEST = 150  # words of a block beyond which it counts no more
SNIPPETS = 0.25  # what a page counts of which only snippets are known
TOKEN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")

HEAD = """\
# What each piece of evidence about a block of a page weighs, in log-odds that the block belongs to the article.
# Made by `scripts/fit_blocks.py`. "vote" is trafilatura's opinion, "in …" a word in a class or id of an element around
# the block (or its tag), "is …" of its own, "… 1" the nearest element that holds more text than the block.
"""


def pages(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for path in paths:
        with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def tokens(text: str) -> list[str]:
    return [word.lower() for word in TOKEN.findall(text)]


def labels(page: Mapping[str, Any], blocks: Sequence[Block]) -> Iterator[tuple[bool, float]]:
    """Of each block, whether it belongs to the article, and how much it counts."""
    gold = tokens(page.get("gold") or "")
    known = {n: {tuple(gold[i : i + n]) for i in range(len(gold) - n + 1)} for n in range(1, WORDS + 1)}
    for block in blocks:
        words = tokens(block.text)
        weight = min(len(words), LONGEST) ** 0.7 if "title" not in block.evidence else 0.0
        if gold and words:
            n = min(WORDS, len(words))
            runs = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
            yield sum(run in known[n] for run in runs) >= len(runs) / 2, weight
        elif any(" ".join(snippet.split()) in block.text for snippet in page.get("without", ())):
            yield False, weight * (not gold)
        else:
            held = any(" ".join(snippet.split()) in block.text for snippet in page.get("with", ()))
            yield True, weight * held * (not gold)


class Row:
    """A page, read: the blocks, the evidence about each, and their labels."""

    def __init__(self, page: Mapping[str, Any], cleaner: Cleaner) -> None:
        url = page.get("url") or None
        self.blocks: Blocks = read(page["html"], url, cleaner.pruners(host_of(url)))[0]
        self.blocks.gather()
        self.labels = list(labels(page, self.blocks.blocks))
        total = sum(weight for _, weight in self.labels) / (1.0 if page.get("gold") else SNIPPETS)
        self.weights = [100 * weight / (total or 1.0) for _, weight in self.labels]
        site = host_of(url) or str(page.get("id"))
        self.half = hashlib.sha256(site.encode()).digest()[0] % 2


def fit(rows: Sequence[Row], strength: float) -> dict[str, float]:
    """The weights that explain the labels."""
    evidence = [block.evidence for row in rows for block in row.blocks.blocks]
    truth = np.array([label for row in rows for label, _ in row.labels])
    weights = np.array([weight for row in rows for weight in row.weights])
    table = DictVectorizer()
    x = table.fit_transform(evidence)
    model = LogisticRegression(C=strength, max_iter=500, fit_intercept=False).fit(x, truth, sample_weight=weights)
    found = zip(table.get_feature_names_out(), model.coef_[0], strict=True)
    return {name: round(float(w), 2) for name, w in found if abs(w) >= 0.01}


def right(rows: Sequence[Row], table: Mapping[str, float]) -> float:
    """The share of the labels' weight that the weights get right."""
    good = total = 0.0
    for row in rows:
        for block, (label, _), weight in zip(row.blocks.blocks, row.labels, row.weights, strict=True):
            odds = sum(table.get(name, 0.0) * amount for name, amount in block.evidence.items())
            good += weight * ((odds >= 0) == label)
            total += weight
    return good / (total or 1.0)


def write(path: Path, table: Mapping[str, float], threshold: float) -> None:
    lines = [HEAD, f"threshold = {threshold}\n\n[evidence]\n"]
    lines += (f"{json.dumps(name, ensure_ascii=False)} = {weight}\n" for name, weight in sorted(table.items()))
    path.write_text("".join(lines), encoding="utf-8")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("pages", type=Path, nargs="+")
    ask.add_argument("--strength", type=float, default=0.005, help="the larger, the less the weights are held back")
    ask.add_argument("--threshold", type=float, default=0.0)
    ask.add_argument("--write", action="store_true")
    args = ask.parse_args()
    cleaner = Cleaner()
    rows = []
    for page in pages(args.pages):
        try:
            rows.append(Row(page, cleaner))
        except PageError as error:
            print(f"{page.get('id')}: {error}")
    for half in (0, 1):
        table = fit([row for row in rows if row.half != half], args.strength)
        seen, held = ([row for row in rows if (row.half == half) == out] for out in (False, True))
        print(f"right: {right(seen, table):.4f} of the sites fitted to, {right(held, table):.4f} of the others")
    if args.write:
        write(FILE, fit(rows, args.strength), args.threshold)


if __name__ == "__main__":
    main()
